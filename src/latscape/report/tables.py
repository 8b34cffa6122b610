"""Tables of the report, as texts."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from latscape.campaign.evaluation import Evaluation
from latscape.report.findings import Rows
from latscape.report.page import Table
from latscape.report.words import TITLES
from latscape.studies.zbo import Study

NONE = "–"
#: Score, heading, format, whether large is good (None: neither).
COLUMNS: tuple[tuple[str, str, str, bool | None], ...] = (
    ("accuracy", "class accuracy", ".3f", True),
    ("nmi", "NMI", ".3f", True),
    ("purity", "purity", ".3f", True),
    ("extracted", "labels extracted", ".3g", True),
    ("used_classes", "used classes", ".3g", None),
    ("l1", "l1", ".2f", None),
    ("l2", "l2", ".2f", None),
    ("elbo", "held-out ELBO [nat]", ".1f", True),
    ("seconds", "training [s]", ".3g", None),
)


def scores(table: Mapping[str, Rows]) -> Table:
    """The comparison: mean, with several seeds ± standard deviation, and a dash where there is no number.

    Examples
    --------
    >>> scores({"vae": [{"accuracy": 0.5, "seconds": 2.0}], "zbo": [{"accuracy": 0.7, "seconds": 3.0}]}).rows[1][:3]
    ['jrVAE, schedule found by zBO', '0.700', '–']
    """
    rows = [[TITLES[key], *(_cell(table[key], score, form) for score, _, form, _ in COLUMNS)] for key in table]
    best = set()
    for column, (score, _, _, good) in enumerate(COLUMNS, start=1):
        known = [(fmean(values), row) for row, key in enumerate(table) if (values := _values(table[key], score))]
        if good and len(known) > 1:
            best.add((max(known)[1], column))
    return Table(["model", *(heading for _, heading, _, _ in COLUMNS)], rows, frozenset(best))


def correlations(rhos: Mapping[str, Mapping[str, float]]) -> Table:
    """Rank correlation of every label-free number with every score by labels."""
    truths = list(next(iter(rhos.values())))
    rows = [
        [name, *(f"{row[t]:+.2f}" if math.isfinite(row[t]) else NONE for t in truths)] for name, row in rhos.items()
    ]
    return Table(["ρ with", *({"accuracy": "class accuracy", "nmi": "NMI"}.get(t, t) for t in truths)], rows)


def failures(evaluations: Sequence[Evaluation]) -> Table:
    """Every evaluation that failed, with what it said."""
    return Table(
        ["evaluation", "role", "error"],
        [[str(e.index + 1), e.role, e.error or ""] for e in evaluations if e.status == "failed"],
    )


def facts(study: Study, found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The few numbers that stand on top: (number, what it is)."""
    accuracy = found["models"].get("zbo", {}).get("accuracy")
    numbers = [
        (f"{accuracy:.1%}" if accuracy is not None else None, "class accuracy with zBO"),
        (_number(found["best_value"]), f"best {study.settings.objective}"),
        (_number(found["initial_best_value"]), "best random start"),
        (str(found["evaluations"]), f"evaluations of {study.settings.budget} + 1"),
        (duration(found["seconds"]), "wall time"),
    ]
    return [(number, what) for number, what in numbers if number is not None]


def duration(seconds: float) -> str:
    """A time people can read.

    Examples
    --------
    >>> duration(5), duration(125), duration(7260)
    ('5 s', '2 min 5 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.4g}"


def _cell(rows: Rows, score: str, form: str) -> str:
    values = _values(rows, score)
    if not values:
        return NONE
    return f"{fmean(values):{form}}" + (f" ± {stdev(values):{form}}" if len(values) > 1 else "")


def _values(rows: Rows, score: str) -> list[float]:
    return [value for row in rows if (value := row.get(score)) is not None]
