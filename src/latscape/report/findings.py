"""The numbers of a study, computed once: the page, the command line and the figures all show these."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from latscape.campaign.evaluation import Evaluation
from latscape.campaign.record import Record
from latscape.studies.objective import OBJECTIVES
from latscape.studies.zbo import Study

#: Scores of a contender that are shown, in the order of the columns.
SCORES = ("accuracy", "nmi", "purity", "extracted", "used_classes", "elbo", "seconds")
#: Label-free numbers that every evaluation records, and what labels would say.
LABEL_FREE = ("l1", "l2", "l1-l2", "elbo", "agreement", "information")
TRUTHS = ("accuracy", "nmi")

Rows = Sequence[Mapping[str, float]]


def summary(study: Study) -> dict[str, Any]:
    """What `--json` prints: plain numbers, None where there is none.

    Parameters
    ----------
    study
        Finished or not.

    Returns
    -------
    dict
        run (path), finished, seconds [s], evaluations (done), failed, best_value, initial_best_value (of the starts),
        optimum_value (measured where the GP mean is largest), constant_value (objective at beta = 1, evaluated as in
        the campaign), stopped (why), report (path or None), and models: {contender: {score: mean over repeats}}.
    """
    evaluations, table = study.evaluations, study.comparison()
    report = study.folder / "report.html"
    return {
        "run": str(study.folder),
        "finished": study.finished,
        "seconds": seconds(study),
        "evaluations": sum(e.status == "done" for e in evaluations),
        "failed": sum(e.status == "failed" for e in evaluations),
        "best_value": best_value(evaluations),
        "initial_best_value": best_value([e for e in evaluations if e.role == "start"]),
        "optimum_value": best_value([e for e in evaluations if e.role == "optimum"]),
        "constant_value": (study.record.get("baseline") or {}).get("value"),
        "stopped": (study.record.get("landscape") or {}).get("stopped"),
        "report": str(report) if report.exists() else None,
        "models": {key: {score: mean(rows, score) for score in SCORES} for key, rows in table.items()},
    }


def campaign_summary(folder: Path) -> dict[str, Any]:
    """The same for a campaign of one's own: state, evaluations (done), failed, best_value and best_point."""
    with Record.open(folder, readonly=True) as record:
        evaluations = record.evaluations(curves=False)
    done = [e for e in evaluations if e.value is not None]
    best = max(done, key=lambda e: float(e.value or 0.0), default=None)
    return {
        "state": "campaign",
        "evaluations": len(done),
        "failed": sum(e.status == "failed" for e in evaluations),
        "best_value": best.value if best else None,
        "best_point": best.point.tolist() if best else None,
        "accuracy": None,
    }


def seconds(study: Study) -> float:
    """Wall time of all sittings [s]; where none was noted, that of the evaluations and the comparison."""
    noted = study.record.get("seconds")
    if noted is not None:
        return float(noted)
    evaluating = sum(e.seconds or 0.0 for e in study.evaluations)
    return evaluating + sum(row["seconds"] for rows in study.comparison().values() for row in rows)


def best_value(evaluations: Sequence[Evaluation]) -> float | None:
    """The largest value, None if nothing was measured."""
    return max((e.value for e in evaluations if e.value is not None), default=None)


def mean(rows: Rows, score: str) -> float | None:
    """Mean of a score over repeats, None if one of them lacks it.

    Examples
    --------
    >>> mean([{"nmi": 0.2}, {"nmi": 0.4}], "nmi")
    0.3
    >>> mean([{"nmi": 0.2}], "accuracy") is None
    True
    """
    values = [row.get(score) for row in rows]
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None


def objective_of(rows: Rows, objective: str) -> float | None:
    """Mean of an objective over the repeats of a contender, None where its scores do not tell."""
    try:
        return fmean(OBJECTIVES[objective](dict(row)) for row in rows) if rows else None
    except (KeyError, TypeError):  # the agreement of an ensemble is not part of the comparison; NaN is kept as None
        return None


def label_free(evaluation: Evaluation, name: str) -> float:
    """A label-free number of an evaluation, NaN if it was not recorded."""
    metrics = evaluation.metrics
    if name == "l1-l2":
        return metrics.get("l1", np.nan) - metrics.get("l2", np.nan)
    return metrics.get(name, np.nan)


def pairs_of(evaluations: Sequence[Evaluation], name: str, truth: str) -> tuple[np.ndarray, np.ndarray]:
    """A label-free number and a score by labels of every evaluation that has both, (n,) and (n,)."""
    done = [(label_free(e, name), e.metrics.get(truth, np.nan)) for e in evaluations if e.status == "done"]
    values = np.array(done, dtype=float).reshape(-1, 2)
    x, y = values[np.isfinite(values).all(axis=1)].T
    return x, y


def rank_correlations(evaluations: Sequence[Evaluation]) -> dict[str, dict[str, float]]:
    """Spearman's rho of every label-free number with every score by labels, over the evaluations that have both.

    Parameters
    ----------
    evaluations
        Of one campaign.

    Returns
    -------
    dict
        {label-free number: {score: rho}}; NaN where one of them never varies; empty without labels or with fewer than
        three evaluations.
    """
    if len(pairs_of(evaluations, "l1", "accuracy")[0]) < 3:
        return {}
    names = [name for name in LABEL_FREE if len(pairs_of(evaluations, name, "accuracy")[0]) >= 3]
    return {name: {truth: _rho(*pairs_of(evaluations, name, truth)) for truth in TRUTHS} for name in names}


def _rho(x: np.ndarray, y: np.ndarray) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # constant input: rho is NaN, and the page says "undefined"
        return float(spearmanr(x, y).statistic)  # pyright: ignore[reportAttributeAccessIssue]
