"""What was found, in plain words with numbers, also where it is not what one had hoped for."""

import math
from collections.abc import Mapping

import numpy as np

from latscape.metrics.clustering import PURE
from latscape.studies.zbo.contenders import CONTENDERS
from latscape.studies.zbo.results import (
    Rows,
    ZboRun,
    best_value,
    comparison,
    evaluations,
    landscape,
    mean,
    mean_objective,
    objective,
    objective_word,
    rank_correlations,
)
from latscape.trajectories.space import POOR_R2

WEAK, STRONG = 0.3, 0.7  # rank correlations: below the one it says little, above the other much


def headline(run: ZboRun) -> list[str]:
    """A few sentences, the most important first."""
    found = [
        _scores(run),
        _extracted(run),
        _search(run),
        _optimum(run),
        _objective(run),
        _trust(run),
        _seeds(run),
    ]
    return [sentence for sentence in found if sentence] or ["Nothing was evaluated yet."]


def poor_families(r2: Mapping[str, float]) -> list[str]:
    """A warning for every family whose shapes the plane does not keep.

    Examples
    --------
    >>> poor_families({"cooldown": 0.95, "segments": 0.6})
    ["The plane keeps 60% of the variance of 'segments': its decoded schedules are smoother than its draws."]
    """
    return [
        f"The plane keeps {max(r2[name], 0):.0%} of the variance of {name!r}: "
        "its decoded schedules are smoother than its draws."
        for name in r2
        if r2[name] < POOR_R2
    ]


def ended_early(run: ZboRun) -> list[str]:
    """A sentence on the trainings that were not worth going on with, where any were."""
    cycles = [e.metrics["cycles"] for e in evaluations(run) if "cycles" in e.metrics]
    ended = sum(one < run.spec.cycles for one in cycles)
    if not ended:
        return []
    saved = 1.0 - sum(cycles) / (len(cycles) * run.spec.cycles)
    return [f"{ended} of {len(cycles)} trainings were ended early, which saved {saved:.0%} of all training cycles."]


def _scores(run: ZboRun) -> str:
    table = comparison(run)
    accuracy = {key: value for key in table if (value := mean(table[key], "accuracy")) is not None}
    if "zbo" not in accuracy:
        return _without_labels(table)
    others = sorted((key for key in accuracy if key != "zbo"), key=lambda key: -accuracy[key])
    listed = ", ".join(f"{CONTENDERS[key].short} {accuracy[key]:.0%}" for key in ["zbo", *others])
    first = f"Class accuracy on held-out images: {listed}."
    better = [key for key in others if accuracy[key] > accuracy["zbo"]]
    if better:
        return f"{first} zBO did not win: {_and([f'the {CONTENDERS[key].short}' for key in better])} did better."
    return first


def _extracted(run: ZboRun) -> str:
    """How many kinds of particles came out, which only the study whose classes are counts is about."""
    table = comparison(run)
    known = {key: value for key in table if (value := mean(table[key], "extracted")) is not None}
    if run.spec.data != "plasmonics" or "zbo" not in known:
        return ""
    listed = ", ".join(f"{CONTENDERS[key].short} {value:.3g}" for key, value in known.items())
    return (
        f"Of {run.spec.classes} particle counts, so many have a class that is theirs by more than {PURE:.0%}: {listed}."
    )


def _without_labels(table: Mapping[str, Rows]) -> str:
    values = {key: value for key in table if key != "vae" and (value := mean(table[key], "l1")) is not None}
    if "zbo" not in values:
        return ""
    listed = ", ".join(f"{CONTENDERS[key].short} {values[key]:.3g}" for key in values)
    return (
        f"There are no labels, so nobody can say how right the classes are. Difference between classes (l1): {listed}."
    )


def _search(run: ZboRun) -> str:
    rows = evaluations(run)
    starts, best, acquired = best_value(rows, "start"), best_value(rows), best_value(rows, "acquired", "optimum")
    if best is None:
        return ""
    done = sum(e.status == "done" for e in rows)
    counted = f"{done} schedules were tried; the best objective is {best:.4g}"
    if starts is None or acquired is None:
        return f"{counted}."
    if acquired <= starts:
        return f"{counted}, met among the random starts: the search itself found nothing better."
    return f"{counted}, against {starts:.4g} among the random starts."


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
    name, measured, table = run.spec.objective, objective(run.spec), comparison(run)
    values = {key: mean_objective(table.get(key, []), measured) for key in ("zbo", "constant", "hand_made", "mnist")}
    zbo, others = values.pop("zbo"), {key: value for key, value in values.items() if value is not None}
    if zbo is None or not others:
        return ""
    listed = ", ".join(f"{CONTENDERS[key].short} {value:.4g}" for key, value in others.items())
    said = f"Trained on the larger set, {name} is {zbo:.4g} for the zBO schedule, against {listed}."
    better = [f"the {CONTENDERS[key].short}" for key, value in others.items() if value > zbo]
    return f"{said} By its own objective zBO lost to {_and(better)}." if better else said


def _trust(run: ZboRun) -> str:
    rho = rank_correlations(evaluations(run)).get(objective_word(run.spec), {}).get("accuracy")
    if rho is None:
        return ""
    name = run.spec.objective
    if not math.isfinite(rho):
        return f"Whether {name} follows class accuracy cannot be told: one of them never varied."
    limits = ((-WEAK, "it points the wrong way here"), (WEAK, "it says little about the classes here"))
    limits += ((STRONG, "it follows the classes to some degree"), (math.inf, "it follows the classes well"))
    verdict = next(said for limit, said in limits if rho < limit)
    return f"Over the campaign, {name} and class accuracy have rank correlation {rho:+.2f}: {verdict}."


def _seeds(run: ZboRun) -> str:
    table = comparison(run)
    if not table:
        return ""
    least = min(len(rows) for rows in table.values())
    if least == 1:
        return (
            "Each model was trained with one seed, and one seed is no statistics: --repeats 5 tells chance from gain."
        )
    return f"Scores are means over {least} seeds; the table gives their standard deviation."


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
