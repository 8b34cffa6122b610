"""The page of a choice of the number of classes, and what it says in words."""

import math
import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latscape import plot
from latscape.report.fits import data_words, made, sample_words
from latscape.report.models import visible
from latscape.report.page import Page, Section, Table, write_page
from latscape.report.panels import Panel, on_axes
from latscape.report.tables import duration
from latscape.studies.classes import Classes, within_spread

CAUTION = (
    "These numbers do not decide. They say what this model makes of so many classes, not how many kinds there are: "
    "look at the pictures, and at what you know of the samples."
)
MEANING = (
    "All on held-out samples: ELBO, mean ± standard deviation over the members; dispersion, how far the members' class "
    "probabilities differ about a sample; agreement, the mean NMI between members; used, classes with at least 1% of "
    "the samples."
)
IDLE = "Most members put all samples into one class: more --cycles, or another --beta-c, before any number is chosen."
#: Score, heading, format.
COLUMNS = (
    ("elbo", "ELBO [nat]", ".5g"),
    ("dispersion", "dispersion", ".3f"),
    ("agreement", "agreement", ".3f"),
    ("used_classes", "used", "g"),
    ("accuracy", "accuracy", ".2f"),
    ("seconds", "seconds", ".3g"),
)


def write_classes_report(study: Classes) -> Path:
    """Draw the figures of a choice of classes and write its page, as far as it has come.

    Returns
    -------
    Path
        `report.html`; the pictures lie also in `figures/`.
    """
    result = study.result
    model, seconds = result["options"]["model"], sum(row["seconds"] for row in study.rows.values())
    facts = [(f"2 to {result['up_to']}", "classes tried"), (str(result["members"]), "members of each ensemble")]
    sections = [Section("In numbers", [data_words(result["data"]), MEANING], _panels(study), classes_table(study))]
    pictures = _picture_panel(study)
    if pictures:
        sections.append(Section("What the classes look like", panels=[pictures]))
    options = {
        name: str(value) for part in result["options"].values() for name, value in part.items() if value is not None
    }
    page = Page(
        about=["latscape classes", model["model"], classes_state(study), f"seed {model['seed']}", made(result)],
        headline=classes_headline(study),
        facts=[*facts, (str(result["data"]["samples"]), "samples"), (duration(seconds), "training")],
        sections=sections if study.rows else [],
        command=result["command"],
        again=("To go on, or to draw this page again:", shlex.join(["latscape", "resume", str(study.folder)])),
        settings=options,
        versions=result["versions"],
    )
    return write_page(study.folder, page)


def classes_summary(study: Classes) -> dict[str, Any]:
    """What `--json` prints: run (path), finished, k (the rows, by number of classes) and report (path or None)."""
    report = study.folder / "report.html"
    return {
        "run": str(study.folder),
        "kind": "classes",
        "finished": study.finished,
        "k": study.result["k"],
        "advice": classes_headline(study),
        "report": str(report) if report.exists() else None,
    }


def classes_state(study: Classes) -> str:
    """How far it has come."""
    return "finished" if study.finished else f"unfinished: {len(study.rows)} of {len(study.counts)} numbers of classes"


def classes_headline(study: Classes) -> list[str]:
    """What the numbers say, cautiously."""
    rows, data = study.rows, study.result["data"]
    if not rows:
        return ["No number of classes was tried yet."]
    what, size = sample_words(data["shape"])
    best, enough = within_spread(rows)
    steady = min(rows, key=lambda count: rows[count]["dispersion"])
    full = [count for count in rows if min(rows[count]["used_classes"]) >= count]
    tried = f"{study.result['members']} members each, fitted to {data['fitted']} {what} of {size}"
    said = [
        _advice(enough, steady, full) if _parted(rows) else IDLE,
        f"The held-out ELBO is highest with {best} classes ({_spread(rows[best]['elbo'], '.5g')})"
        + ("." if best == enough else f"; the smallest number within its spread over the members is {enough}."),
        f"Members differ least about the samples with {steady} classes (dispersion {rows[steady]['dispersion']:.3f}).",
        f"All members use all their classes with {_listed(full)} classes."
        if full
        else "With every number that was tried, some member leaves a class empty.",
        f"{tried[0].upper()}{tried[1:]}; {data['held_out']} more were held out.",
        CAUTION,
    ]
    return said


def classes_table(study: Classes) -> Table:
    """A row for every number of classes: mean ± standard deviation over the members, or from the least to the most."""
    rows = study.rows
    shown = [column for column in COLUMNS if any(column[0] in row for row in rows.values())]
    cells = [
        [str(count), *(_cell(name, row.get(name), form) for name, _, form in shown)] for count, row in rows.items()
    ]
    return Table(["classes", *(heading for _, heading, _ in shown)], cells)


def _parted(rows: dict[int, dict[str, Any]]) -> bool:
    return fmean(used > 1 for row in rows.values() for used in row["used_classes"]) >= 0.5


def _advice(enough: int, steady: int, full: Sequence[int]) -> str:
    if enough == steady and enough in full:
        return f"ELBO, dispersion and use of the classes agree on {enough} classes: a number to begin with."
    if enough == steady:
        return f"ELBO and dispersion speak for {enough} classes, but some member leaves one of them empty."
    used = f", and all classes are used up to {max(full)}" if full else ""
    said = f"{enough} classes are enough for the ELBO, {steady} are the steadiest{used}"
    return f"The numbers do not agree: {said}. Look at both."


def _panels(study: Classes) -> list[Panel]:
    rows = study.rows
    counts = list(rows)
    dispersion = [rows[count]["dispersion"] for count in counts]
    low, high = zip(*(rows[count]["dispersion_quartiles"] for count in counts), strict=True)

    def draw(figure: Figure) -> None:
        left, middle, right = figure.subplots(1, 3)
        elbo, used = ([rows[count][name] for count in counts] for name in ("elbo", "used_classes"))
        plot.over_classes(left, counts, elbo, label="held-out ELBO [nat]")
        none: list[list[float]] = [[] for _ in counts]
        band = {"band": (low, high), "band_name": "middle half of the samples"}
        plot.over_classes(middle, counts, none, label="dispersion of the members", middle=dispersion, **band)
        plot.over_classes(right, counts, used, label="used classes", whole=True, limit=True)

    caption = (
        "Held-out samples, over the number of classes. Left: ELBO; a dot for each member, the line is their mean. "
        "Middle: how far the members differ about a sample, on average, and where the middle half of the samples lie. "
        "Right: classes that hold at least 1% of the samples, for each member and on average."
    )
    return [Panel("classes", caption, draw, (11.0, 3.3), wide=True)]


def _picture_panel(study: Classes) -> Panel | None:
    found = {int(count): picture for count, picture in study.pictures().items() if int(count) in study.rows}
    if not found:
        return None
    counts, most = sorted(found), max(found)
    names, values = [f"{count} classes" for count in counts], range(1, most + 1)
    caption = (
        "What each class of the member with the best ELBO decodes to in the middle of its content, without pose. "
        "Classes that look alike are one too many."
    )
    if found[counts[0]].ndim == 2:
        rows = _padded([found[count] for count in counts], most, math.nan)
        draw = partial(plot.curve_traversals, curves=rows, values=values, names=names, label="class")
        return Panel("class-pictures", caption, draw, (11.0, 0.6 + 1.9 * math.ceil(len(rows) / 4)), wide=True)
    images = [visible(found[count]) for count in counts]
    low, high = (float(end) for end in np.quantile(np.concatenate([one.ravel() for one in images]), (0.005, 0.995)))
    rows = _padded(images, most, high)

    def fill(ax: Axes) -> None:
        plot.traversal(ax, rows, values, names=names, label="class", low=low, high=high)

    side = min(1.0, 9.0 / most)
    return Panel(
        "class-pictures", caption, on_axes("", fill), (1.3 + side * most, 0.6 + side * len(rows)), wide=most > 5
    )


def _padded(rows: Sequence[np.ndarray], most: int, blank: float) -> np.ndarray:
    return np.stack([np.concatenate([row, np.full((most - len(row), *row.shape[1:]), blank)]) for row in rows])


def _cell(name: str, value: Any, form: str) -> str:
    if value is None:
        return "–"
    if name == "used_classes":
        least, most = min(value), max(value)
        return f"{least:g}" if least == most else f"{least:g} to {most:g}"
    return _spread(value, form) if isinstance(value, list) else f"{value:{form}}"


def _spread(values: Sequence[float], form: str) -> str:
    return f"{fmean(values):{form}} ± {stdev(values):.2g}"


def _listed(counts: Sequence[int]) -> str:
    if len(counts) > 2 and counts[-1] - counts[0] == len(counts) - 1:
        return f"{counts[0]} to {counts[-1]}"
    texts = [str(count) for count in counts]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
