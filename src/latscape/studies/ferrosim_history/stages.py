"""The best field history of a ferroelectric, as in the lectures: latent plane, true surface, campaign, observations.

Protocol: 7,500 curves A exp(alpha t) sin(omega t) + B of 900 fields, a VAE with two latents, 50 steps of equilibration,
sum of |curl| at the end on a 100 x 100 grid of the plane, 100 starts and 500 steps with mu + 10 sigma.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders import VAE, load
from latscape.campaign.trust_region import run_alternating
from latscape.random import derive_seed
from latscape.runs import Progress, Run, StageResult, Stages
from latscape.runs.run import computed_once
from latscape.studies.ferrosim_history.histories import Histories, physics_stage, target_of
from latscape.studies.ferrosim_history.spec import HistorySpec
from latscape.studies.shared.searching import campaign_in, in_parts, prepare, reporting_evaluator, searched
from latscape.trajectories import BeyondSpace, TrajectorySpace, damped_sine_family, joint_family

FloatArray = NDArray[np.floating]
#: Names of the families, for which the planes keep their R², and the files of their models.
ONE_FIELD, TWO_FIELDS = "histories", "Ex, Ey"
FILES = {ONE_FIELD: "model.safetensors", TWO_FIELDS: "joint-model.safetensors"}


@computed_once
def plane(run: Run[HistorySpec]) -> TrajectorySpace:
    """The plane of the study's family."""
    return _fitted(run, ONE_FIELD)


@computed_once
def joint_plane(run: Run[HistorySpec]) -> TrajectorySpace:
    """The plane of two curves of the family, joined end to end."""
    return _fitted(run, TWO_FIELDS)


def planes_stage(run: Run[HistorySpec], progress: Progress) -> StageResult:
    """Train the VAEs of the planes; one that was stopped is gone on with."""
    names = [ONE_FIELD, TWO_FIELDS] if run.spec.joint_budget else [ONE_FIELD]
    epochs = run.spec.space_epochs
    for k, name in enumerate(names):

        def on_epoch(epoch: int, means: Mapping[str, Any], before: int = k * epochs) -> None:
            progress(before + epoch + 1, len(names) * epochs, f"loss {means['loss']:.5g}")

        _fitted(run, name, on_epoch)
    return StageResult()


def _fitted(run: Run[HistorySpec], name: str, on_epoch: Callable[..., None] | None = None) -> TrajectorySpace:
    spec, file, one = run.spec, run.file(FILES[name]), damped_sine_family()
    family, components = (one, 1) if name == ONE_FIELD else (joint_family(one, one), 2)
    options: dict[str, Any] = {"draws": spec.space_draws, "epochs": spec.space_epochs, "grid": spec.grid_points}
    options |= {"length": components * spec.length, "sigma": 0.1, "learning_rate": 1e-3}
    space = TrajectorySpace({name: family}, **options)
    model = load(file) if file.exists() else None
    assert model is None or isinstance(model, VAE)
    space.fit(spec.seed, model=model, on_epoch=on_epoch, checkpoint=run.partial(f"{file.name}.checkpoint"))
    if model is None:
        space.model_.save(file)
    return space


def surface_stage(run: Run[HistorySpec], progress: Progress) -> StageResult:
    """The plane, and the target on its grid."""
    target, space = target_of(run.spec), plane(run)
    points = space.candidates()

    def values(some: FloatArray) -> dict[str, FloatArray]:
        return {"values": target.values(space.decode(some))}

    truth = in_parts(run, "surface", points, values, progress, "true surface")["values"]
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


def search_stage(run: Run[HistorySpec], progress: Progress) -> StageResult:
    """The campaign of the lectures, in a record of its own; what it found against the true surface."""
    spec, known = run.spec, run.arrays("surface")
    campaign = campaign_in(run, run.file("campaign"), plane(run), spec.acquire, spec.seed)
    result = searched(run, campaign, reporting_evaluator(target_of(spec), progress, spec.budget, "campaign"))
    best, top = np.maximum.accumulate(result.values), float(known["truth"].max())
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
            found = _alternate(run, space, replace(target, components=components), name, budget, progress)
            numbers[name], arrays[name], arrays[f"{name}_history"] = found
    if spec.joint_budget:
        numbers["joint_r2"] = joint_plane(run).r2_[TWO_FIELDS]
    return StageResult({"improved": numbers}, arrays)


def _alternate(
    run: Run[HistorySpec], space: BeyondSpace, target: Histories, name: str, budget: int, progress: Progress
) -> tuple[float, FloatArray, FloatArray]:
    """Best value, all values, and the best history of a search with `run_alternating`."""
    campaign = campaign_in(run, run.file(name), space, "log_ei", derive_seed(run.spec.seed, name) % 2**31)
    evaluate = reporting_evaluator(target, progress, budget, name)
    found = run_alternating(campaign, space.bounds_, evaluate, max(budget // 6, 2), budget).result()
    assert found.best.decoded is not None
    return float(found.values.max()), found.values, found.best.decoded


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
