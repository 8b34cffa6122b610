"""The best field history of a ferroelectric, as in the lectures: latent plane, true surface, campaign, observations.

Protocol: 7,500 curves A exp(alpha t) sin(omega t) + B of 900 fields, a VAE with two latents, 50 steps of equilibration,
sum of |curl| at the end on a 100 x 100 grid of the plane, 100 starts and 500 steps with mu + 10 sigma.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders.saved import load
from latscape.campaign.acquire import UCB, Acquisition
from latscape.campaign.local import run_alternating
from latscape.campaign.loop import Campaign
from latscape.campaign.space import Space
from latscape.errors import InputError
from latscape.gp.exact import Exact
from latscape.physics.ferrosim import curl_sum, magnitude, normalized_curl_sum
from latscape.random import derive_seed, numpy_generator
from latscape.studies.histories import Histories, default_histories, with_components
from latscape.studies.run import MODEL, RECORD
from latscape.studies.study import Definition, Found, NamedStudy, about
from latscape.trajectories.beyond import BeyondSpace
from latscape.trajectories.families import Family, damped_sine_family, joint_family
from latscape.trajectories.space import TrajectorySpace

FloatArray = NDArray[np.floating]
Progress = Callable[[int, int, str], None]
#: Curves of which the observations are made, and steps between two pictures of a history.
OBSERVED, SHOWN_STEPS = 100, 20


@dataclass(frozen=True)
class Settings:
    """What the study is told."""

    seed: int = about("All randomness follows from it.", 0)
    size: int = about("Sites along an axis.", 20)
    sigma: float = about("Deviation of the random field on both components [field units].", 0.3)
    disorder: int = about("Seed of the random field.", 0)
    start: str = about("Initial state: zero, remanent or random.", "zero")
    scale: float = about("Field units in one unit of a history: how far the loop is driven.", 1.0)
    length: int = about("Fields in a history.", 900)
    hold: int = about("Steps of equilibration at the last field.", 50)
    draws: int = about("Curves the trajectory VAE is trained on.", 7500)
    cycles: int = about("Passes over them.", 60)
    grid: int = about("Points along each latent of the true surface.", 100)
    acquire: str = about("ucb10 (mu + 10 sigma), or a campaign's acquisition: ei, log_ei, ucb, pi.", "ucb10")
    starts: int = about("Random points of the campaign.", 100)
    budget: int = about("Evaluations of the campaign, starts included.", 600)
    batch: int = about("Points asked for at once.", 5)
    beyond: int = about("Evaluations of the search that leaves the plane; 0: none.", 60)
    joint: int = about("Evaluations of the search over Ex(t) and Ey(t) at once; 0: none.", 60)

    def __post_init__(self) -> None:
        least = {"size": 2, "length": 3, "hold": 0, "draws": 2, "cycles": 1, "grid": 2, "starts": 1, "batch": 1}
        for name, bound in (least | {"beyond": 0, "joint": 0, "budget": self.starts}).items():
            if getattr(self, name) < bound:
                raise InputError(f"{name} of at least {bound}", getattr(self, name), f"{name}={max(bound, 20)}")


QUICK = {
    "draws": 1500,
    "cycles": 20,
    "grid": 40,
    "starts": 20,
    "budget": 60,
    "batch": 1,
    "beyond": 40,
    "joint": 40,
}


def target_of(settings: Settings) -> Histories:
    """The sample and what is asked of it."""
    return default_histories(
        settings.size, settings.sigma, settings.disorder, settings.start, settings.scale, settings.hold
    )


def space_of(settings: Settings, families: dict[str, Family], length: int, file: Path) -> TrajectorySpace:
    """A plane of curves; its VAE is trained if the file is not there."""
    space = TrajectorySpace(
        families,
        length=length,
        draws=settings.draws,
        cycles=settings.cycles,
        sigma=0.1,
        learning_rate=1e-3,
        grid=settings.grid,
    )
    if file.exists():
        return space.fit(settings.seed, model=load(file))  # pyright: ignore[reportArgumentType]
    space.fit(settings.seed)
    space.model_.save(file)
    return space


@cache
def plane(folder: Path, settings: Settings) -> TrajectorySpace:
    """The plane of the study's family."""
    return space_of(settings, {"histories": damped_sine_family()}, settings.length, folder / MODEL)


def acquisition_of(settings: Settings) -> str | Acquisition:
    """The one the settings name."""
    return UCB(10.0) if settings.acquire == "ucb10" else settings.acquire


def surface_stage(study: NamedStudy, tell: Progress) -> Found:
    """The plane, and the target on its grid."""
    settings, target = study.settings, target_of(study.settings)
    space = plane(study.folder, settings)
    points = space.candidates()
    values = []
    for first in range(0, len(points), 1000):
        values.append(target.values(space.decode(points[first : first + 1000])))
        tell(min(first + 1000, len(points)), len(points), "true surface")
    truth = np.concatenate(values)
    best = space.decode(points[[truth.argmax()]])[0]
    curves = target.values(space.trajectories_[:1000])
    numbers = {
        "r2": space.r2_["histories"],
        "grid_best": float(truth.max()),
        "grid_points": len(points),
        "share_within_1_percent": float((truth >= 0.99 * truth.max()).mean()),
        "training_best": float(curves.max()),
        "no_field": float(target.values(np.zeros((1, settings.length)))[0]),
    }
    arrays = {"points": points, "truth": truth, "bounds": space.bounds_, "best": best}
    return Found({"surface": numbers}, arrays | {"embedding": space.embedding_[:1000], "curve_values": curves})


def search_stage(study: NamedStudy, tell: Progress) -> Found:
    """The campaign of the lectures, in a record of its own; what it found against the true surface."""
    settings, target = study.settings, target_of(study.settings)
    space, known = plane(study.folder, settings), study.arrays("surface")
    campaign = Campaign(
        space,
        Exact(noise="none", kernel="matern"),
        acquisition_of(settings),
        settings.seed,
        study.folder / "campaign" / RECORD,
        repeat=False,
    )
    done = [0]

    def evaluate(history: FloatArray) -> Any:
        done[0] += 1
        tell(done[0], settings.budget, "campaign")
        return target(history)

    result = campaign.run(evaluate, settings.starts, settings.budget, evaluate_optimum=False, batch=settings.batch)
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
    return Found({"search": numbers}, arrays | {"history": result.best.decoded})


def physics_stage(study: NamedStudy, tell: Progress) -> Found:
    """The lectures' observations, on the family's curves: decay, the coercive field, normalised curl and size."""
    settings, target = study.settings, target_of(study.settings)
    curves = damped_sine_family()(OBSERVED, settings.length, numpy_generator(settings.seed, "observations"))
    curl, means, finals = [], [], []
    for first in range(0, OBSERVED, 20):  # all states of all histories would be a gigabyte
        run = target.run(curves[first : first + 20], keep=1)
        curl.append(curl_sum(run.frames))
        means.append(run.mean[:, : settings.length, 1])
        finals.append(run.final)
        tell(first + 20, OBSERVED, "observations")
    curl, final = np.concatenate(curl), np.concatenate(finals)  # (curves, steps), (curves, 2, rows, columns)
    onset, end = curl[:, settings.length - 1], curl[:, -1]
    rate = (onset - end) / max(settings.hold, 1)
    size, turned = magnitude(final), normalized_curl_sum(final)
    lags, grew = coercive_lags(np.concatenate(means), curl)
    best = study.arrays("search")["history"]
    shown = target.run(best, keep=SHOWN_STEPS)
    plain = default_histories(settings.size, 0.0, 0, settings.start, settings.scale, settings.hold).run(best)
    numbers = {
        "decay_correlation": float(np.corrcoef(onset, rate)[0, 1]),
        "decays": float((rate > 0).mean()),
        "size_correlation": float(np.corrcoef(size, turned)[0, 1]),
        "lag_steps": float(np.median(lags)) if len(lags) else None,
        "lag_quartiles": np.quantile(lags, (0.25, 0.75)).tolist() if len(lags) else None,
        "crossings": len(lags) + grew,
        "crossings_without_maximum": grew,
        "without_disorder": float(target.target(plain.final)[0]),
        "px_without_disorder": float(np.abs(plain.final[0, 0]).max()),
    }
    arrays = {
        "onset": onset,
        "rate": rate,
        "size": size,
        "normalized": turned,
        "curl": curl[:20],
        "lags": lags,
        "frames": shown.frames[0],
        "kept": shown.kept,
        "final": shown.final[0],
        "plain_final": plain.final[0],
        "field": shown.field[0],
        "loop": shown.mean[0],
    }
    return Found({"physics": numbers}, arrays)


def coercive_lags(mean: FloatArray, curl: FloatArray) -> tuple[FloatArray, int]:
    """Steps from each zero of the mean polarization to the next maximum of the curl, and how many zeros have none."""
    lags, without = [], 0
    for p, c in zip(mean, curl, strict=True):
        for k in np.flatnonzero(p[1:-1] * p[2:] < 0) + 1:
            rising = np.diff(c[k : len(p)])
            falls = np.flatnonzero(rising <= 0)
            if len(falls):
                lags.append(float(falls[0]))
            else:
                without += 1
    return np.array(lags), without


def improved_stage(study: NamedStudy, tell: Progress) -> Found:
    """zBO that leaves the plane; and Ex(t), Ey(t) in one plane."""
    settings, target = study.settings, target_of(study.settings)
    numbers, arrays = {}, {}
    if settings.beyond:
        space = BeyondSpace(plane(study.folder, settings), directions=2)
        numbers["beyond"], arrays["beyond"], arrays["beyond_history"] = alternate(
            space, target, settings, settings.beyond, "beyond", tell
        )
    if settings.joint:
        both = joint_family(damped_sine_family(), damped_sine_family())
        space = space_of(settings, {"Ex, Ey": both}, 2 * settings.length, study.folder / f"joint-{MODEL}")
        numbers["joint"], arrays["joint"], arrays["joint_history"] = alternate(
            BeyondSpace(space, directions=2), with_components(target, 2), settings, settings.joint, "joint", tell
        )
        numbers["joint_r2"] = space.r2_["Ex, Ey"]
    return Found({"improved": numbers}, arrays)


def alternate(
    space: Space, target: Histories, settings: Settings, budget: int, name: str, tell: Progress
) -> tuple[float, FloatArray, FloatArray]:
    """Best value, all values, and the best history of a search with `run_alternating`."""
    done = [0]

    def evaluate(history: FloatArray) -> Any:
        done[0] += 1
        tell(done[0], budget, name)
        return target(history)

    seed = derive_seed(settings.seed, name) % 2**31
    campaign = Campaign(space, Exact(noise="none", kernel="matern"), "log_ei", seed, repeat=False)
    bounds = space.bounds_  # pyright: ignore[reportAttributeAccessIssue]
    found = run_alternating(campaign, bounds, evaluate, max(budget // 6, 2), budget).result()
    assert found.best.decoded is not None
    return float(found.values.max()), found.values, found.best.decoded


STUDY = Definition(
    Settings,
    {"quick": QUICK, "paper": {}},
    {"surface": surface_stage, "search": search_stage, "physics": physics_stage, "improved": improved_stage},
)
