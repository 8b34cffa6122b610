"""Campaigns inside of a study, and values of many points beside them: both go on where they were stopped."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape import parts
from latscape.campaign import Campaign, CampaignResult, Space, Trial
from latscape.campaign.acquire import resolve_acquisition
from latscape.campaign.evaluate import Evaluator
from latscape.runs import Progress, Run
from latscape.studies.shared.options import SearchOptions

FloatArray = NDArray[np.floating]
Arrays = dict[str, FloatArray]
#: Points whose values are computed, and kept, at a time.
TOGETHER = 1000


def prepare(spec: SearchOptions) -> None:
    """Words whose parameters do not fit them show here."""
    resolve_acquisition(spec.acquire)
    parts.build_part("surrogate", spec.surrogate)


def in_parts(
    run: Run[Any], name: str, points: FloatArray, compute: Callable[[FloatArray], Arrays], progress: Progress, note: str
) -> Arrays:
    """What is computed of points, some at a time; each part is kept until the stage is done."""
    found = []
    for first in range(0, len(points), TOGETHER):
        some = points[first : first + TOGETHER]
        found.append(run.partial_arrays(f"{name}-{first}", partial(compute, some)))
        progress(first + len(some), len(points), note)
    return {key: np.concatenate([one[key] for one in found]) for key in found[0]}


def campaign_in(run: Run[Any], file: Path, space: Space, acquire: str, seed: int) -> Campaign:
    """A campaign with a record of its own, from which it goes on; no point is asked for twice."""
    return Campaign(space, parts.build_part("surrogate", run.spec.surrogate), acquire, seed, file, repeat=False)


def reporting_evaluator(
    evaluate: Callable[[Any], Any], progress: Progress, total: int, note: str, before: int = 0
) -> Evaluator:
    """An evaluator that tells how many evaluations, `before` its campaign included, have begun."""

    def count(point: Any, trial: Trial) -> Any:
        progress(before + trial.index + 1, total, note)
        return evaluate(point)

    return count


def searched(run: Run[Any], campaign: Campaign, evaluate: Evaluator) -> CampaignResult:
    """A campaign carried out as the options say, which goes on where it was stopped."""
    options = {"observers": run.observers, "evaluate_optimum": False, "batch": run.spec.n_proposals}
    return campaign.run(evaluate, run.spec.n_initial, run.spec.budget, **options)
