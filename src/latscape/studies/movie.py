"""Walls that move: what was before, is now and comes next in one patch, and what of the motion the latents know.

Windows are cut around points of the walls. A time-delay rVAE (frames t - dt, t, t + dt as channels) learns them, and
probes ask how well velocity, curvature and the distance to the nearest pinning site can be read from its content. A
variational encoder-decoder predicts the next frame of a patch from this one, and the last one from this one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import latscape as ls
from latscape.data.domain_movie import domain_movie
from latscape.data.reading import load
from latscape.errors import InputError
from latscape.metrics import knn_probe, linear_probe
from latscape.patches import PatchSet, cut_movie, find_walls
from latscape.patches.image import as_numbers
from latscape.random import derive_seed, numpy_generator
from latscape.studies.atoms import decoded_plane
from latscape.studies.study import Definition, Found, NamedStudy, about

Progress = Callable[[int, int, str], None]
TRUTHS = ("velocity", "curvature", "pinned")


@dataclass(frozen=True)
class MovieSettings:
    """What the study of a movie is told."""

    seed: int = about("All randomness follows from it.", 0)
    input: str | None = about("A movie of your own, (t, h, w).", None)
    frames: int = about("Of the generated movie.", 40)
    side: int = about("Of the generated movie [pixels].", 128)
    noise: float = about("Of the generated movie.", 0.1)
    size: int = about("Side of a patch [pixels].", 20)
    delay: int = about("Frames before and after that a patch holds.", 2)
    ahead: int = about("Frames ahead, and back, that are predicted.", 1)
    spacing: int = about("Between points along a wall [pixels].", 6)
    patches: int = about("At most.", 3000)
    latent: int = about("Content numbers.", 3)
    cycles: int = about("Passes over the patches.", 30)


def _movie(study: NamedStudy, tell: Progress) -> Found:
    """Frames, and points on walls with what is true there; of a user's movie, velocity and pins are not known."""
    settings = study.settings
    if settings.input is None:
        made = domain_movie(
            settings.frames, size=settings.side, noise=settings.noise, seed=derive_seed(settings.seed, "movie")
        )
        movie, source = made.movie, "generated: walls driven through pinning sites"
        points = [made.walls(t, settings.spacing) for t in range(1, len(movie) - 1)]
        truth = {name: np.concatenate([getattr(one, name) for one in points]) for name in ("position", *TRUTHS)}
        frame = np.repeat(np.arange(1, len(movie) - 1), [len(one.position) for one in points])
        extra = {"pin": made.pin, "clean": made.order}
    else:
        signal = load(settings.input)
        movie, source = as_numbers(signal), signal.source
        if movie.ndim != 3 or len(movie) < 2 * settings.delay + 2:
            expected = f"a movie (t, h, w) of at least {2 * settings.delay + 2} frames"
            raise InputError(expected, f"shape {movie.shape}", "--set delay=1, or `latscape fit` for one image")
        truth, frame, extra = _found_points(movie, settings.spacing), None, {}
        frame = truth.pop("frame").astype(np.int64)
    if len(frame) < 60:
        raise InputError("a movie with walls", f"{len(frame)} points on walls", "--set spacing=3, or another movie")
    chosen = np.sort(numpy_generator(settings.seed, "points").permutation(len(frame))[: settings.patches])
    kept = {name: values[chosen] for name, values in truth.items()}
    return Found(
        {"source": source, "shape": list(movie.shape)}, {"movie": movie, "frame": frame[chosen], **kept, **extra}
    )


def _found_points(movie: NDArray[np.float32], spacing: int) -> dict[str, NDArray[Any]]:
    """Points on the walls that Canny's filter finds in every frame, with their curvature."""
    position, curvature, frame = [], [], []
    for t, image in enumerate(movie):
        walls = find_walls(image)
        at = np.argwhere(walls.line)[::spacing]
        position.append(at.astype(np.float64))
        curvature.append(walls.curvature[tuple(at.T)])
        frame.append(np.full(len(at), t))
    return {
        "position": np.concatenate(position),
        "curvature": np.concatenate(curvature),
        "frame": np.concatenate(frame),
    }


def _cut(study: NamedStudy, delays: tuple[int, ...], of: str = "movie") -> tuple[PatchSet, NDArray[np.int64]]:
    """Patches around the points for which all delays exist and that lie inside, and the numbers of their points.

    In the units of the movie, scaled to [0, 1], also if they are cut from what it is without noise.
    """
    found, settings = study.arrays("movie"), study.settings
    frame, position = found["frame"], found["position"]
    numbers = np.arange(len(frame))
    each = [position[frame == t] for t in range(len(found["movie"]))]
    index = [numbers[frame == t] for t in range(len(found["movie"]))]
    low, high = np.nanquantile(found["movie"], [0.005, 0.995])
    if not high > low:
        raise InputError("a movie that differs somewhere", f"the value {low:g} everywhere", "another movie")
    made = cut_movie(((found[of] - low) / (high - low)).clip(0.0, 1.0), each, size=settings.size, delays=delays)
    half, shape = settings.size // 2, np.array(found["movie"].shape[1:])
    kept = []
    for t in np.unique(made.frame):
        corner = np.floor(each[t] + 0.5).astype(int) - half
        kept.append(index[t][((corner >= 0) & (corner + settings.size <= shape)).all(axis=1)])
    return made, np.concatenate(kept) if kept else numbers[:0]


def _rvae(study: NamedStudy, tell: Progress) -> Found:
    settings, found = study.settings, study.arrays("movie")
    patches, numbers = _cut(study, (-settings.delay, 0, settings.delay))
    if len(patches) < 60:
        raise InputError("at least 60 patches of walls inside the frames", len(patches), "--set size=12")
    model = ls.rvae(
        starts=6,
        shift=0.1,
        latent=settings.latent,
        likelihood=ls.Gaussian(0.1),
        cycles=settings.cycles,
        batch=50,
        learning_rate=3e-3,
        seed=derive_seed(settings.seed, "rvae"),
    )
    model.fit(patches.patches, on_cycle=lambda cycle, means: tell(cycle + 1, settings.cycles, f"{means['loss']:.4g}"))
    model.save(study.folder / "rvae.safetensors")
    content = model.transform(patches.patches)
    read = {}
    for name in TRUTHS:
        if name in found and np.isfinite(found[name]).all():
            target = _capped(name, found[name][numbers])
            read[name] = {"knn": knn_probe(content, target), "linear": linear_probe(content, target)}
    shown = np.moveaxis(patches[:: max(1, len(patches) // 12)][:12], 3, 1).reshape(-1, settings.size, settings.size)
    plane = decoded_plane(model, content)
    return Found(
        {"patches": len(patches), "read": read},
        {"content": content, "point": numbers, "shown": shown, "manifold": plane},
    )


def _capped(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Extremes, where walls vanish, count no more than the 1st and 99th percentile; far pins are all far."""
    if name == "pinned":
        return np.minimum(values, 15.0)
    return values.clip(*np.quantile(values, [0.01, 0.99]))


def _predict(study: NamedStudy, tell: Progress) -> Found:
    """A later frame from this one, and an earlier one, of frames that were not learned; beside it, that nothing moves.

    Errors are those against the frame without noise where that is known: else whoever takes noise away has an
    advantage over the guess of no motion that has nothing to do with motion.
    """
    settings, numbers, arrays = study.settings, {}, {}
    truth = "clean" if "clean" in study.arrays("movie") else "movie"
    for step, (way, delay) in enumerate((("forward", settings.ahead), ("reverse", -settings.ahead))):
        patches, _ = _cut(study, (0, delay))
        now, other = np.moveaxis(patches.patches, 3, 0)
        still, true = np.moveaxis(_cut(study, (0, delay), truth)[0].patches, 3, 0)
        last = np.quantile(patches.frame, 0.75)
        known, new = patches.frame <= last, patches.frame > last
        if known.sum() < 50 or new.sum() < 10:
            raise InputError(
                "walls in early and in late frames", f"{known.sum()} and {new.sum()} patches", "more frames"
            )
        model = ls.ved(
            latent=8, cycles=2 * settings.cycles, batch=50, learning_rate=2e-3, seed=derive_seed(settings.seed, way)
        )
        model.fit(
            now[known], other[known], on_cycle=lambda cycle, means, step=step: tell(step, 2, f"cycle {cycle + 1}")
        )
        guess = model.predict(now[new])
        guesses = {"ved": guess, "no_motion": now[new]} | ({"still": still[new]} if truth == "clean" else {})
        numbers[way] = {name: float(np.sqrt(np.mean(np.square(one - true[new])))) for name, one in guesses.items()}
        some = np.linspace(0, new.sum() - 1, 8).astype(int)
        arrays |= {f"{way}_now": now[new][some], f"{way}_true": other[new][some], f"{way}_guess": guess[some]}
    return Found(numbers, arrays)


MOVIE = Definition(
    MovieSettings,
    {"quick": {}, "paper": {"frames": 80, "side": 192, "patches": 10000, "cycles": 100}},
    {"movie": _movie, "rvae": _rvae, "predict": _predict},
)
