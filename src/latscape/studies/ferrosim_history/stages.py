"""The best field history of a ferroelectric, as in the lectures: latent plane, true surface, campaign, observations.

Protocol: 7,500 curves A exp(alpha t) sin(omega t) + B of 900 fields, a VAE with two latents, 50 steps of equilibration,
sum of |curl| at the end on a 100 x 100 grid of the plane, 100 starts and 500 steps with mu + 10 sigma.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from latscape import parts
from latscape.campaign.acquire import Acquisition, acquisition
from latscape.campaign.evaluate import Outcome, Trial
from latscape.campaign.local import run_alternating
from latscape.campaign.loop import Campaign
from latscape.campaign.space import Space
from latscape.random import derive_seed
from latscape.runs import Progress, Run, StageResult, Stages
from latscape.studies.ferrosim_history.histories import Histories, with_components
from latscape.studies.ferrosim_history.observations import physics_stage
from latscape.studies.ferrosim_history.plane import (
    ONE_FIELD,
    TWO_FIELDS,
    joint_plane,
    plane,
    planes_stage,
    target_of,
)
from latscape.studies.ferrosim_history.spec import HistorySpec
from latscape.trajectories.beyond import BeyondSpace
from latscape.trajectories.space import TrajectorySpace

FloatArray = NDArray[np.floating]
#: Histories that are followed, and kept, at a time.
TOGETHER = 1000


def prepare(spec: HistorySpec) -> None:
    """Words whose parameters do not fit them show here."""
    acquisition(spec.acquire)
    parts.build("surrogate", spec.surrogate)


def surface_stage(run: Run[HistorySpec], progress: Progress) -> StageResult:
    """The plane, and the target on its grid."""
    target = target_of(run.spec)
    space = plane(run)
    points = space.candidates()
    found = []
    for first in range(0, len(points), TOGETHER):
        some = partial(_values, target, space, points[first : first + TOGETHER])
        found.append(run.partial_arrays(f"surface-{first}", some)["values"])
        progress(min(first + TOGETHER, len(points)), len(points), "true surface")
    truth = np.concatenate(found)
    best = space.decode(points[[truth.argmax()]])[0]
    curves = target.values(space.trajectories_[:1000])
    numbers = {
        "r2": space.r2_[ONE_FIELD],
        "grid_best": float(truth.max()),
        "grid_points": len(points),
        "share_within_1_percent": float((truth >= 0.99 * truth.max()).mean()),
        "training_best": float(curves.max()),
        "no_field": float(target.values(np.zeros((1, run.spec.length)))[0]),
    }
    arrays = {"points": points, "truth": truth, "bounds": space.bounds_, "best": best}
    return StageResult({"surface": numbers}, arrays | {"embedding": space.embedding_[:1000], "curve_values": curves})


def _values(target: Histories, space: TrajectorySpace, points: FloatArray) -> dict[str, FloatArray]:
    return {"values": target.values(space.decode(points))}


def search_stage(run: Run[HistorySpec], progress: Progress) -> StageResult:
    """The campaign of the lectures, in a record of its own; what it found against the true surface."""
    spec, known = run.spec, run.arrays("surface")
    campaign = _campaign(run, plane(run), "campaign", spec.acquire, spec.seed)
    result = campaign.run(
        _counted(target_of(spec), spec.budget, "campaign", progress),
        spec.n_initial,
        spec.budget,
        observers=run.observers,
        evaluate_optimum=False,
        batch=spec.n_proposals,
    )
    best = np.maximum.accumulate(result.values)
    top = float(known["truth"].max())
    reached = best >= 0.99 * top
    numbers = {
        "best": float(best[-1]),
        "regret": 1.0 - float(best[-1]) / top,
        "to_99_percent": int(reached.argmax()) + 1 if reached.any() else None,
        "surface_correlation": float(np.corrcoef(result.mean, known["truth"])[0, 1]),
        "surface_rms": float(np.sqrt(((result.mean - known["truth"]) ** 2).mean())),
    }
    arrays = {"mean": result.mean, "std": result.std, "explored": result.points, "values": result.values}
    return StageResult({"search": numbers}, arrays | {"history": result.best.decoded})


def improved_stage(run: Run[HistorySpec], progress: Progress) -> StageResult:
    """zBO that leaves the plane; and Ex(t), Ey(t) in one plane."""
    spec, target = run.spec, target_of(run.spec)
    numbers, arrays = {}, {}
    searches = (("beyond", spec.beyond_budget, plane, 1), ("joint", spec.joint_budget, joint_plane, 2))
    for name, budget, space_of, components in searches:
        if budget:
            space = BeyondSpace(space_of(run), directions=2)
            found = _alternate(run, space, with_components(target, components), name, budget, progress)
            numbers[name], arrays[name], arrays[f"{name}_history"] = found
    if spec.joint_budget:
        numbers["joint_r2"] = joint_plane(run).r2_[TWO_FIELDS]
    return StageResult({"improved": numbers}, arrays)


def _alternate(
    run: Run[HistorySpec], space: BeyondSpace, target: Histories, name: str, budget: int, progress: Progress
) -> tuple[float, FloatArray, FloatArray]:
    """Best value, all values, and the best history of a search with `run_alternating`."""
    campaign = _campaign(run, space, name, "log_ei", derive_seed(run.spec.seed, name) % 2**31)
    evaluate = _counted(target, budget, name, progress)
    found = run_alternating(campaign, space.bounds_, evaluate, max(budget // 6, 2), budget).result()
    assert found.best.decoded is not None
    return float(found.values.max()), found.values, found.best.decoded


def _campaign(run: Run[HistorySpec], space: Space, name: str, acquire: str | Acquisition, seed: int) -> Campaign:
    """One with a record of its own in the folder, from which it goes on."""
    surrogate = parts.build("surrogate", run.spec.surrogate)
    return Campaign(space, surrogate, acquire, seed, run.file(name), repeat=False)


def _counted(target: Histories, budget: int, name: str, progress: Progress) -> Callable[[FloatArray, Trial], Outcome]:
    """The target, which tells how far its campaign has come."""

    def evaluate(history: FloatArray, trial: Trial) -> Outcome:
        progress(trial.index + 1, budget, name)
        return target(history)

    return evaluate


STAGES = Stages(
    {
        "planes": planes_stage,
        "surface": surface_stage,
        "search": search_stage,
        "physics": physics_stage,
        "improved": improved_stage,
    },
    prepare,
)
