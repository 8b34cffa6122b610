"""Two parameters of FerroSIM, coupling and depolarization: what a loop says about them, on a grid and by BO.

The lectures' first parameter space: "for small dimensional parameter spaces, we can evaluate global responses via the
grid search; can we do better?" What is maximized are loop observables, and the likeness to a loop that was measured.
"""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from latscape.campaign import Box
from latscape.physics import ferrosim
from latscape.physics.ferrosim.run import FerroSIMRun
from latscape.runs import Progress, Run, StageResult, Stages
from latscape.runs.run import computed_once
from latscape.studies.ferrosim_hamiltonian.spec import HamiltonianSpec
from latscape.studies.shared.searching import campaign_in, in_parts, prepare, reporting_evaluator, searched

FloatArray = NDArray[np.floating]
Arrays = dict[str, FloatArray]
OBSERVABLES = ("match", "loop_area", "coercive_field")
#: An observable counts as optimal within this share of its range over the grid.
WITHIN = 0.01


def simulate(spec: HamiltonianSpec, parameters: FloatArray) -> FerroSIMRun:
    """Loops of pairs (K, depolarization), (n, 2); the second period is what counts."""
    coupling, depolarization = np.asarray(parameters, dtype=float).T
    E = -spec.amplitude * np.sin(4 * np.pi * np.linspace(0, 1, spec.length))
    simulator = ferrosim.FerroSIM(
        spec.sites,
        spec.local_energy,
        coupling=coupling,
        depolarization=depolarization,
        field=ferrosim.random_field(spec.sites, spec.field_disorder, seed=spec.seed),
        start="remanent",
        dt=spec.duration / (spec.length - 1),
        substeps=4,
    )
    return simulator.run(E).expect_finite()


def loop_to_match(spec: HamiltonianSpec) -> FloatArray:
    """Mean polarization (1, steps of a period) at the parameters that are to be found."""
    run = simulate(spec, np.array([[spec.true_coupling, spec.true_depolarization]]))
    return run.mean[:, spec.length // 2 :, 1]


def observe(spec: HamiltonianSpec, parameters: FloatArray, aim: FloatArray) -> Arrays:
    """The observables of pairs (K, depolarization), each (n,), and their loops (n, steps of a period).

    `aim` is the loop they are compared with, see `loop_to_match`.
    """
    half, run = spec.length // 2, simulate(spec, parameters)
    field, mean = run.field[:, half:, 1], run.mean[:, half:, 1].astype(float)
    return {
        "match": -np.sqrt(((mean - aim) ** 2).mean(axis=1)),
        "loop_area": np.array([ferrosim.loop_area(*pair) for pair in zip(field, mean, strict=True)]),
        "coercive_field": np.array([ferrosim.coercive_field(*pair) for pair in zip(field, mean, strict=True)]),
        "field": field,
        "loops": mean,
    }


@computed_once
def aim_of(run: Run[HamiltonianSpec]) -> FloatArray:
    """The loop that is to be matched, simulated once a stage."""
    return loop_to_match(run.spec)


def box(spec: HamiltonianSpec, points: int) -> Box:
    """Couplings and depolarizations; its candidates are a grid of so many points along each."""
    return Box([(0.0, spec.max_coupling), (0.0, spec.max_depolarization)], grid=points**2)


def grid_stage(run: Run[HamiltonianSpec], progress: Progress) -> StageResult:
    """Every observable on the whole grid, and how many evaluations coarser grids need."""
    spec = run.spec
    points = box(spec, spec.grid_points).candidates()
    seen = in_parts(run, "loops", points, lambda some: observe(spec, some, aim_of(run)), progress, "loops")
    coarse, numbers = coarse_grids(run, seen), {}
    for name in OBSERVABLES:
        values, good = seen[name], int(optimal(seen[name]).sum())
        numbers[name] = {
            "best": float(values.max()),
            "coupling": float(points[values.argmax(), 0]),
            "depolarization": float(points[values.argmax(), 1]),
            "good": good,
            # Points in random order: the first of m good ones among N comes on average at (N + 1) / (m + 1).
            "random_order": (len(values) + 1) / (good + 1),
            "coarse_grid": coarse[name],
        }
    few = np.linspace(0, len(points) - 1, 5).astype(int)
    arrays = {"points": points, "field": seen["field"][0], "loops": seen["loops"][few], "few": few}
    return StageResult({"grid": numbers}, arrays | {name: seen[name] for name in OBSERVABLES})


def optimal(values: FloatArray) -> NDArray[np.bool_]:
    """Which values are optimal, but for 1 % of their range."""
    return values >= values.max() - WITHIN * (values.max() - values.min())


def coarse_grids(run: Run[HamiltonianSpec], seen: Arrays) -> dict[str, int | None]:
    """Evaluations of the coarsest grid k x k, k = 2, 3, ..., that holds an optimal value; None if none below does."""
    limits = {name: seen[name][optimal(seen[name])].min() for name in OBSERVABLES}
    found: dict[str, int | None] = dict.fromkeys(OBSERVABLES)
    for k in range(2, run.spec.grid_points):
        left = [name for name in OBSERVABLES if found[name] is None]
        if not left:
            break
        best = run.partial_arrays(f"coarse-{k}", partial(best_of_grid, run, k))
        found |= {name: k * k for name in left if best[name] >= limits[name]}
    return found


def best_of_grid(run: Run[HamiltonianSpec], k: int) -> Arrays:
    """The best of every observable on a grid k x k."""
    seen = observe(run.spec, box(run.spec, k).candidates(), aim_of(run))
    return {name: seen[name].max() for name in OBSERVABLES}


def search_stage(run: Run[HamiltonianSpec], progress: Progress) -> StageResult:
    """Bayesian optimization over the same grid, several times for each observable."""
    known, needed, curves = run.arrays("grid"), {}, {}
    for name in OBSERVABLES:
        values = [campaign_values(run, name, k, progress) for k in range(run.spec.n_campaigns)]
        curves[name] = np.maximum.accumulate(np.array(values, dtype=float), axis=1)
        reached = curves[name] >= known[name][optimal(known[name])].min()
        needed[name] = [int(one.argmax()) + 1 if one.any() else None for one in reached]
    return StageResult({"needed": needed}, curves)


def campaign_values(run: Run[HamiltonianSpec], name: str, number: int, progress: Progress) -> FloatArray:
    """All values of one campaign, which goes on where it was stopped."""
    spec, aim, space = run.spec, aim_of(run), box(run.spec, run.spec.grid_points)
    total = len(OBSERVABLES) * spec.n_campaigns * spec.budget
    before = (OBSERVABLES.index(name) * spec.n_campaigns + number) * spec.budget

    def evaluate(parameters: FloatArray) -> float:
        return float(observe(spec, np.asarray(parameters)[None], aim)[name][0])

    file = run.partial(f"{name}-{number}.sqlite")
    campaign = campaign_in(run, file, space, spec.acquire, spec.seed + number)
    with campaign.record:
        return searched(run, campaign, reporting_evaluator(evaluate, progress, total, name, before)).values


STAGES = Stages({"grid": grid_stage, "search": search_stage}, prepare)
