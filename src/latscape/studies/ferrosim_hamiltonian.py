"""Two parameters of FerroSIM, coupling and depolarization: what a loop says about them, on a grid and by BO.

The lectures' first parameter space: "for small dimensional parameter spaces, we can evaluate global responses via the
grid search; can we do better?" What is maximized are loop observables, and the likeness to a loop that was measured.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from latscape.campaign.loop import Campaign
from latscape.campaign.space import Box
from latscape.gp.exact import Exact
from latscape.physics.ferrosim import FerroSIM, Run, coercive_field, loop_area, random_field
from latscape.studies.study import Definition, Found, NamedStudy, about

FloatArray = NDArray[np.floating]
Progress = Callable[[int, int, str], None]
OBSERVABLES = ("match", "loop_area", "coercive_field")
#: An observable counts as optimal within this share of its range over the grid.
WITHIN = 0.01


@dataclass(frozen=True)
class Settings:
    """What the study is told."""

    seed: int = about("All randomness follows from it.", 0)
    size: int = about("Sites along an axis.", 20)
    local: str = about("Local energy: tetragonal, rhombohedral, uniaxial or squareelectric.", "tetragonal")
    sigma: float = about("Deviation of the random field [field units].", 0.3)
    amplitude: float = about("Of the sine [field units].", 1.0)
    duration: float = about("Time of two periods.", 40.0)
    steps: int = about("Values in a history.", 900)
    coupling_most: float = about("Largest coupling K.", 3.0)
    depolarization_most: float = about("Largest depolarization.", 1.5)
    true_coupling: float = about("Of the loop that is to be matched.", 1.37)
    true_depolarization: float = about("Of the same.", 0.53)
    grid: int = about("Points of the grid along each parameter.", 41)
    searches: int = about("Campaigns, each with starts of its own.", 10)
    starts: int = about("Random points a campaign begins with.", 5)
    budget: int = about("Evaluations of a campaign.", 40)


QUICK = {"grid": 13, "searches": 3, "budget": 25}


def simulate(settings: Settings, parameters: FloatArray) -> Run:
    """Loops of pairs (K, depolarization), (n, 2); the second period is what counts."""
    coupling, depolarization = np.asarray(parameters, dtype=float).T
    E = -settings.amplitude * np.sin(4 * np.pi * np.linspace(0, 1, settings.steps))
    simulator = FerroSIM(
        settings.size,
        settings.local,
        coupling=coupling,
        depolarization=depolarization,
        field=random_field(settings.size, settings.sigma, seed=settings.seed),
        start="remanent",
        dt=settings.duration / (settings.steps - 1),
        substeps=4,
    )
    return simulator.run(E).expect_finite()


def observe(settings: Settings, parameters: FloatArray) -> dict[str, FloatArray]:
    """The observables of pairs (K, depolarization), each (n,), and their loops (n, steps of a period)."""
    half = settings.steps // 2
    run = simulate(settings, parameters)
    field, mean = run.field[:, half:, 1], run.mean[:, half:, 1].astype(float)
    truth = simulate(settings, np.array([[settings.true_coupling, settings.true_depolarization]]))
    return {
        "match": -np.sqrt(((mean - truth.mean[:, half:, 1]) ** 2).mean(axis=1)),
        "loop_area": np.array([loop_area(*pair) for pair in zip(field, mean, strict=True)]),
        "coercive_field": np.array([coercive_field(*pair) for pair in zip(field, mean, strict=True)]),
        "field": field,
        "loops": mean,
    }


def box(settings: Settings) -> Box:
    """Couplings and depolarizations; its candidates are the grid."""
    return Box([(0.0, settings.coupling_most), (0.0, settings.depolarization_most)], grid=settings.grid**2)


def grid_stage(study: NamedStudy, tell: Progress) -> Found:
    """Every observable on the whole grid, and how many evaluations coarser grids need."""
    settings = study.settings
    points = box(settings).candidates()
    seen = observe(settings, points)
    tell(1, 1, f"{len(points)} loops")
    numbers = {}
    for name in OBSERVABLES:
        values = seen[name]
        good = enough(values)
        numbers[name] = {
            "best": float(values.max()),
            "coupling": float(points[values.argmax(), 0]),
            "depolarization": float(points[values.argmax(), 1]),
            "good": int(good.sum()),
            # Points in random order: the first of m good ones among N comes on average at (N + 1) / (m + 1).
            "random_order": float((len(values) + 1) / (good.sum() + 1)),
            "coarse_grid": coarse_grid(settings, name, values),
        }
    few = np.linspace(0, len(points) - 1, 5).astype(int)
    arrays = {"points": points, "field": seen["field"][0], "loops": seen["loops"][few], "few": few}
    return Found({"grid": numbers}, arrays | {name: seen[name] for name in OBSERVABLES})


def enough(values: FloatArray) -> NDArray[np.bool_]:
    """Which values are optimal, but for 1 % of their range."""
    return values >= values.max() - WITHIN * (values.max() - values.min())


def coarse_grid(settings: Settings, name: str, values: FloatArray) -> int | None:
    """Evaluations of the coarsest grid k x k, k = 2, 3, ..., that holds an optimal value; None if none below does."""
    limit = values[enough(values)].min()
    for k in range(2, settings.grid):
        coarse = Box(box(settings).bounds, grid=k * k).candidates()
        if observe(settings, coarse)[name].max() >= limit:
            return k * k
    return None


def search_stage(study: NamedStudy, tell: Progress) -> Found:
    """Bayesian optimization over the same grid, several times for each observable."""
    settings, known = study.settings, study.arrays("grid")
    needed: dict[str, list[int | None]] = {}
    curves = {}
    total = len(OBSERVABLES) * settings.searches
    for name in OBSERVABLES:
        limit = known[name][enough(known[name])].min()
        runs = []
        for k in range(settings.searches):
            seed = settings.seed + k
            campaign = Campaign(box(settings), Exact(noise="none"), acquire="log_ei", seed=seed, repeat=False)
            evaluate = partial(value_at, settings, name)
            found = campaign.run(evaluate, settings.starts, settings.budget, evaluate_optimum=False)
            runs.append(np.maximum.accumulate(found.values))
            tell(len(curves) * settings.searches + k + 1, total, name)
        curves[name] = np.array(runs, dtype=float)
        reached = curves[name] >= limit
        needed[name] = [int(one.argmax()) + 1 if one.any() else None for one in reached]
    return Found({"needed": needed}, curves)


def value_at(settings: Settings, name: str, parameters: FloatArray) -> float:
    """One observable of one pair."""
    return float(observe(settings, np.asarray(parameters)[None])[name][0])


STUDY = Definition(Settings, {"quick": QUICK, "paper": {}}, {"grid": grid_stage, "search": search_stage})
