"""What every stage of the study stands on: the sample, and planes of curves, each with a VAE of its own."""

from collections.abc import Callable, Mapping
from typing import Any

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.saved import load
from latscape.runs import Progress, Run, StageResult, once
from latscape.studies.ferrosim_history.histories import Histories, default_histories
from latscape.studies.ferrosim_history.spec import HistorySpec
from latscape.trajectories.families import damped_sine_family, joint_family
from latscape.trajectories.space import TrajectorySpace

#: Names of the families, for which the planes keep their R², and the files of their models.
ONE_FIELD, TWO_FIELDS = "histories", "Ex, Ey"
FILES = {ONE_FIELD: "model.safetensors", TWO_FIELDS: "joint-model.safetensors"}


def target_of(spec: HistorySpec) -> Histories:
    """The sample and what is asked of it."""
    return default_histories(
        spec.sites, spec.field_disorder, spec.disorder_seed, spec.initial_state, spec.field_scale, spec.hold
    )


@once
def plane(run: Run[HistorySpec]) -> TrajectorySpace:
    """The plane of the study's family."""
    return _fitted(run, ONE_FIELD)


@once
def joint_plane(run: Run[HistorySpec]) -> TrajectorySpace:
    """The plane of two curves of the family, joined end to end."""
    return _fitted(run, TWO_FIELDS)


def planes_stage(run: Run[HistorySpec], progress: Progress) -> StageResult:
    """Train the VAEs of the planes; one that was stopped is gone on with."""
    names = [ONE_FIELD, TWO_FIELDS] if run.spec.joint_budget else [ONE_FIELD]
    cycles = run.spec.space_cycles
    for k, name in enumerate(names):

        def on_cycle(cycle: int, means: Mapping[str, Any], before: int = k * cycles) -> None:
            progress(before + cycle + 1, len(names) * cycles, f"loss {means['loss']:.5g}")

        _fitted(run, name, on_cycle)
    return StageResult()


def _fitted(run: Run[HistorySpec], name: str, on_cycle: Callable[..., None] | None = None) -> TrajectorySpace:
    spec, file = run.spec, run.file(FILES[name])
    one = damped_sine_family()
    family, components = (one, 1) if name == ONE_FIELD else (joint_family(one, one), 2)
    space = TrajectorySpace(
        {name: family},
        length=components * spec.length,
        draws=spec.space_draws,
        cycles=spec.space_cycles,
        sigma=0.1,
        learning_rate=1e-3,
        grid=spec.grid_points,
    )
    model = load(file) if file.exists() else None
    assert model is None or isinstance(model, VAE)
    space.fit(spec.seed, model=model, on_cycle=on_cycle, checkpoint=run.partial(f"{file.name}.checkpoint"))
    if model is None:
        space.model_.save(file)
    return space
