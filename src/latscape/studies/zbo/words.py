"""What was found, in plain words with numbers, also where it is not what one had hoped for."""

import math
from collections.abc import Iterable, Mapping

import numpy as np

from latscape.metrics.clustering import PURE
from latscape.studies.shared.tables import listed
from latscape.studies.zbo.contenders import CONTENDERS
from latscape.studies.zbo.results import (
    ZboRun,
    best_value,
    comparison,
    counted,
    evaluations,
    landscape,
    mean_objective,
    means,
    objective,
    rank_correlations,
)
from latscape.trajectories.space import POOR_R2

#: Rank correlations below which it is said what stands beside them.
VERDICTS = (
    (-0.3, "it points the wrong way here"),
    (0.3, "it says little about the classes here"),
    (0.7, "it follows the classes to some degree"),
    (math.inf, "it follows the classes well"),
)


def headline(run: ZboRun) -> list[str]:
    """A few sentences, the most important first."""
    found = [said(run) for said in (_scores, _extracted, _search, _optimum, _objective, _trust, _seeds)]
    return [sentence for sentence in found if sentence] or ["Nothing was evaluated yet."]


def poor_families(r2: Mapping[str, float]) -> list[str]:
    """A warning for every family whose shapes the plane does not keep.

    Examples
    --------
    >>> poor_families({"cooldown": 0.95, "segments": 0.6})
    ["The plane keeps 60% of the variance of 'segments': its decoded schedules are smoother than its draws."]
    """
    said = "The plane keeps {:.0%} of the variance of {!r}: its decoded schedules are smoother than its draws."
    return [said.format(max(kept, 0), name) for name, kept in r2.items() if kept < POOR_R2]


def ended_early(run: ZboRun) -> list[str]:
    """A sentence on the trainings that were not worth going on with, where any were."""
    epochs = [e.metrics["epochs"] for e in evaluations(run) if "epochs" in e.metrics]
    ended = sum(one < run.spec.epochs for one in epochs)
    if not ended:
        return []
    saved = 1.0 - sum(epochs) / (len(epochs) * run.spec.epochs)
    return [f"{ended} of {len(epochs)} trainings were ended early, which saved {saved:.0%} of all epochs."]


def _scores(run: ZboRun) -> str:
    accuracy = means(run, "accuracy")
    if "zbo" not in accuracy:
        return _without_labels(run)
    others = sorted((key for key in accuracy if key != "zbo"), key=lambda key: -accuracy[key])
    first = _values({key: accuracy[key] for key in ["zbo", *others]}, ".0%")
    better = [key for key in others if accuracy[key] > accuracy["zbo"]]
    lost = f" zBO did not win: {_named(better)} did better." if better else ""
    return f"Class accuracy on held-out images: {first}.{lost}"


def _without_labels(run: ZboRun) -> str:
    l1 = means(run, "l1")
    if "zbo" not in l1:
        return ""
    said = "There are no labels, so nobody can say how right the classes are. Difference between classes (l1)"
    return f"{said}: {_values(l1, '.3g')}."


def _extracted(run: ZboRun) -> str:
    """How many kinds of particles came out, which only the study whose classes are counts is about."""
    known = means(run, "extracted")
    if run.spec.data != "plasmonics" or "zbo" not in known:
        return ""
    said = f"Of {run.spec.classes} particle counts, so many have a class that is theirs by more than {PURE:.0%}"
    return f"{said}: {_values(known, '.3g')}."


def _search(run: ZboRun) -> str:
    rows = evaluations(run)
    starts, best, acquired = best_value(rows, "start"), best_value(rows), best_value(rows, "acquired", "optimum")
    if best is None:
        return ""
    tried = f"{counted(rows)} schedules were tried; the best objective is {best:.4g}"
    if starts is None or acquired is None:
        return f"{tried}."
    if acquired <= starts:
        return f"{tried}, met among the random starts: the search itself found nothing better."
    return f"{tried}, against {starts:.4g} among the random starts."


def _optimum(run: ZboRun) -> str:
    found, value = landscape(run), best_value(evaluations(run), "optimum")
    if not found:
        return ""
    top, stop = int(np.argmax(found["mean"])), run.numbers("campaign")["stopped"]
    expected = f"{found['mean'][top]:.4g} ± {found['std'][top]:.2g}"
    measured = "the evaluation there failed" if value is None else f"measured there: {value:.4g}"
    stopped = f" The search ended because: {stop}." if stop else ""
    return f"The Gaussian process expects {expected} at its maximum; {measured}.{stopped}"


def _objective(run: ZboRun) -> str:
    """The objective of the models that were trained on the larger set: did what was optimized get better at all?"""
    measured, table = objective(run.spec), comparison(run)
    values = {key: mean_objective(table.get(key, []), measured) for key in ("zbo", "constant", "hand_made", "mnist")}
    zbo, others = values.pop("zbo"), {key: value for key, value in values.items() if value is not None}
    if zbo is None or not others:
        return ""
    said = f"Trained on the larger set, {run.spec.objective} is {zbo:.4g} for the zBO schedule, against"
    better = [key for key, value in others.items() if value > zbo]
    lost = f" By its own objective zBO lost to {_named(better)}." if better else ""
    return f"{said} {_values(others, '.4g')}.{lost}"


def _trust(run: ZboRun) -> str:
    name = run.spec.objective
    rho = rank_correlations(evaluations(run)).get(name.partition(":")[0], {}).get("accuracy")  # without its parameters
    if rho is None:
        return ""
    if not math.isfinite(rho):
        return f"Whether {name} follows class accuracy cannot be told: one of them never varied."
    verdict = next(said for limit, said in VERDICTS if rho < limit)
    return f"Over the campaign, {name} and class accuracy have rank correlation {rho:+.2f}: {verdict}."


def _seeds(run: ZboRun) -> str:
    least = min((len(rows) for rows in comparison(run).values()), default=0)
    if least > 1:
        return f"Scores are means over {least} seeds; the table gives their standard deviation."
    one = "Each model was trained with one seed, and one seed is no statistics: --repeats 5 tells chance from gain."
    return one if least else ""


def _values(values: Mapping[str, float], form: str) -> str:
    """Numbers of contenders, by what these are called in a sentence."""
    return ", ".join(f"{CONTENDERS[key].short} {value:{form}}" for key, value in values.items())


def _named(keys: Iterable[str]) -> str:
    return listed([f"the {CONTENDERS[key].short}" for key in keys])
