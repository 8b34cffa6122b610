"""What a zBO run holds, read once from its folder: evaluations, the latent plane, models, scores, and their numbers."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from latscape import parts
from latscape.autoencoders import VAE, load
from latscape.campaign.evaluation import Evaluation
from latscape.metrics import draw_pairs
from latscape.random import numpy_generator
from latscape.runs import Run
from latscape.runs.run import computed_once
from latscape.studies.shared.scores import Column, score_columns
from latscape.studies.zbo.contenders import contenders
from latscape.studies.zbo.objective import L2, Objective, build_objective
from latscape.studies.zbo.searches import trajectory_space
from latscape.studies.zbo.spec import ZboSpec
from latscape.trajectories import TrajectorySpace

ZboRun = Run[ZboSpec]
Rows = Sequence[Mapping[str, float]]

SPACE = "models/trajectories.safetensors"
#: Scores by labels with which every label-free number is compared.
TRUTHS = ("accuracy", "nmi")


# --- the search ---


def objective(spec: ZboSpec) -> Objective:
    """What is maximized."""
    return build_objective(spec.objective)


def pairs(spec: ZboSpec) -> NDArray[np.int64]:
    """Pairs of grid cells for the within-class loss, the same for every evaluation."""
    if spec.grid == 1:
        return np.empty((0, 2), dtype=np.int64)
    return draw_pairs(spec.grid**2, spec.pairs, numpy_generator(spec.seed, "pairs"))


@computed_once
def space(run: ZboRun) -> TrajectorySpace:
    """The latent plane, whose model is read from the folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of poor families: the record holds their R2
        return trajectory_space(run.spec).fit(run.spec.seed, model=load(run.file(SPACE)))


@computed_once
def evaluations(run: ZboRun) -> list[Evaluation]:
    """All evaluations so far, in order."""
    return run.record.evaluations()


@computed_once
def landscape(run: ZboRun) -> dict[str, NDArray[Any]]:
    """Candidates, mean and standard deviation of the Gaussian process after the campaign."""
    return run.arrays("campaign")


def best(rows: Iterable[Evaluation]) -> Evaluation:
    """The evaluation with the largest value."""
    return max((e for e in rows if e.value is not None), key=lambda e: float(e.value or 0.0))


def optimum(run: ZboRun) -> Evaluation:
    """The evaluation at the maximum of the GP mean, the paper's optimum; the best one where that failed."""
    measured = [e for e in evaluations(run) if e.role == "optimum" and e.value is not None]
    return measured[-1] if measured else best(evaluations(run))


def best_value(rows: Iterable[Evaluation], *roles: str) -> float | None:
    """The largest value, of these roles if any are named; None if nothing was measured."""
    return max((e.value for e in rows if e.value is not None and (not roles or e.role in roles)), default=None)


def counted(rows: Iterable[Evaluation], status: str = "done") -> int:
    """How many evaluations have come so far."""
    return sum(e.status == status for e in rows)


# --- the comparison ---


def name_of(key: str, repeat: int) -> str:
    """Under which the record keeps the scores of a contender."""
    return f"comparison/{key}/{repeat}"


def model_file(key: str, repeat: int = 0) -> str:
    """Where a trained contender lies in the folder."""
    return f"models/{key}-{repeat}.safetensors"


def trained(run: ZboRun, key: str, repeat: int = 0) -> VAE:
    """A model of the comparison."""
    return load(run.file(model_file(key, repeat)))


@computed_once
def comparison(run: ZboRun) -> dict[str, list[dict[str, float]]]:
    """Scores of every repeat by contender, as far as they exist."""
    table = {
        key: [row for k in range(run.spec.repeats) if (row := run.record.get(name_of(key, k)))]
        for key in contenders(run.spec)
    }
    return {key: rows for key, rows in table.items() if rows}


def columns() -> list[Column]:
    """What is shown of every contender."""
    return [
        *score_columns(),
        Column("l1", "l1", ".2f"),
        Column("l2", "l2", ".2f"),
        Column("elbo", "held-out ELBO [nat]", ".1f", better=True),
        Column("seconds", "training [s]", ".3g"),
    ]


def mean(rows: Rows, score: str) -> float | None:
    """Mean of a score over repeats, None if one of them lacks it.

    Examples
    --------
    >>> mean([{"nmi": 0.2}, {"nmi": 0.4}], "nmi")
    0.3
    >>> mean([{"nmi": 0.2}], "accuracy") is None
    True
    """
    known = [value for row in rows if (value := row.get(score)) is not None]
    return fmean(known) if known and len(known) == len(rows) else None


def means(run: ZboRun, score: str) -> dict[str, float]:
    """Mean of a score over repeats by contender, of those that have it."""
    return {key: value for key, rows in comparison(run).items() if (value := mean(rows, score)) is not None}


def mean_objective(rows: Rows, objective: Objective) -> float | None:
    """Mean of an objective over the repeats of a contender, None where its scores do not tell."""
    try:
        return fmean(objective(row) for row in rows) if rows else None
    except (KeyError, TypeError):  # the agreement of an ensemble is not part of the comparison; NaN is kept as None
        return None


# --- what may be trusted ---


def label_free_numbers() -> dict[str, Objective]:
    """Label-free numbers of every evaluation, by name."""
    known = {word: build_objective(word) for word in parts.part_words("objective")}
    return {"l1": known.pop("l1"), "l2": L2(), **known}


def paired(rows: Iterable[Evaluation], number: Objective, truth: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """A label-free number and a score by labels of every evaluation that has both, (n,) and (n,)."""
    done = [(_number(e, number), e.metrics.get(truth, np.nan)) for e in rows if e.status == "done"]
    values = np.array(done, dtype=float).reshape(-1, 2)
    x, y = values[np.isfinite(values).all(axis=1)].T
    return x, y


def rank_correlations(rows: Sequence[Evaluation]) -> dict[str, dict[str, float]]:
    """Spearman's rho of every label-free number with every score by labels, over the evaluations that have both.

    Returns
    -------
    dict
        {label-free number: {score: rho}}; NaN where one of them never varies; empty without labels or with fewer than
        three evaluations.
    """
    numbers = label_free_numbers()
    if len(paired(rows, numbers["l1"], "accuracy")[0]) < 3:
        return {}
    return {
        name: {truth: _rho(*paired(rows, number, truth)) for truth in TRUTHS}
        for name, number in numbers.items()
        if len(paired(rows, number, "accuracy")[0]) >= 3
    }


def _number(evaluation: Evaluation, number: Objective) -> float:
    try:
        return number(evaluation.metrics)
    except KeyError:
        return np.nan


def _rho(x: NDArray[Any], y: NDArray[Any]) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # constant input: rho is NaN, and the page says "undefined"
        return float(spearmanr(x, y).statistic)  # pyright: ignore[reportAttributeAccessIssue]


# --- the summary ---


def numbers(run: ZboRun) -> dict[str, Any]:
    """For JSON: plain numbers, None where there is none.

    Returns
    -------
    dict
        evaluations (done), failed, best_value, initial_best_value (of the initial schedules), optimum_value (measured
        where the GP mean is largest), constant_value (objective at beta = 1, evaluated as in the campaign), stopped
        (why), and models: {contender: {score: mean over repeats}}.
    """
    rows = evaluations(run)
    return {
        "evaluations": counted(rows),
        "failed": counted(rows, "failed"),
        "best_value": best_value(rows),
        "initial_best_value": best_value(rows, "start"),
        "optimum_value": best_value(rows, "optimum"),
        "constant_value": run.numbers("baseline").get("value"),
        "stopped": run.numbers("campaign").get("stopped"),
        "models": {key: {one.name: mean(rows, one.name) for one in columns()} for key, rows in comparison(run).items()},
    }


def line(run: ZboRun) -> dict[str, Any]:
    """For the list of runs: ELBO and accuracy of the schedule that was found."""
    return {score: means(run, score).get("zbo") for score in ("elbo", "accuracy")}
