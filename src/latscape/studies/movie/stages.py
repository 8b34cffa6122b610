"""Walls that move: what was before, is now and comes next in one patch, and what of the motion the latents know.

Windows are cut around points of the walls. A time-delay rVAE (frames t - dt, t, t + dt as channels) learns them, and
probes ask how well velocity, curvature and the distance to the nearest pinning site can be read from its content. A
variational encoder-decoder predicts the next frame of a patch from this one, and the last one from this one.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import latscape as ls
from latscape.data import domain_movie, load
from latscape.errors import InputError
from latscape.metrics import knn_probe, linear_probe
from latscape.patches import PatchSet, cut_movie, find_walls
from latscape.patches.image import as_numbers
from latscape.random import derive_seed, numpy_generator
from latscape.runs import Progress, Run, StageResult, Stages
from latscape.runs.run import computed_once
from latscape.studies.movie.spec import MovieSpec
from latscape.studies.shared.latent_plane import decoded_plane
from latscape.studies.shared.training import fit_and_save, fit_resumably, training_options

#: What is known of walls: words and unit.
TRUTHS = {
    "velocity": ("velocity", "pixels/frame"),
    "curvature": ("curvature", "1/pixel"),
    "pinned": ("distance to the nearest pinning site", "pixels"),
}
#: Share of the frames that are learned where later ones are predicted.
_EARLY = 0.75


def read_movie(spec: MovieSpec) -> tuple[NDArray[np.float32], str] | None:
    """The user's movie and its source; None where one is generated."""
    if spec.input is None:
        return None
    signal = load(spec.input)
    movie = as_numbers(signal)
    if movie.ndim != 3 or len(movie) < spec.least_frames:
        expected = f"a movie (t, h, w) of at least {spec.least_frames} frames"
        raise InputError(expected, f"shape {movie.shape}", "--frame-delay 1, or `latscape fit` for one image")
    if spec.window > min(movie.shape[1:]):
        hint = f"--window {max(4, min(movie.shape[1:]) // 4)}"
        raise InputError("a --window that fits into the frames", f"{spec.window} in {movie.shape[1:]} pixels", hint)
    return movie, signal.source


def find_points(run: Run[MovieSpec], progress: Progress) -> StageResult:
    """Frames, and points on walls with what is true there; of a user's movie, velocity and pins are not known."""
    spec, extra = run.spec, {}
    if run.prepared is None:
        made = domain_movie(spec.frames, size=spec.frame_side, noise=spec.noise, seed=derive_seed(spec.seed, "movie"))
        movie, source = made.movie, "generated: walls driven through pinning sites"
        points = [made.walls(t, spec.point_spacing) for t in range(1, len(movie) - 1)]
        truth = {name: np.concatenate([getattr(one, name) for one in points]) for name in ("position", *TRUTHS)}
        frame = np.repeat(np.arange(1, len(movie) - 1), [len(one.position) for one in points])
        extra = {"pin": made.pin, "clean": made.order}
    else:
        movie, source = run.prepared
        truth = _wall_points(movie, spec.point_spacing)
        frame = truth.pop("frame").astype(np.int64)
    if len(frame) < 60:
        hint = f"--point-spacing {max(1, spec.point_spacing // 2)}, or another movie"
        raise InputError("a movie with walls", f"{len(frame)} points on walls", hint)
    chosen = np.sort(numpy_generator(spec.seed, "points").permutation(len(frame))[: spec.max_patches])
    kept = {name: values[chosen] for name, values in truth.items()}
    numbers = {"source": source, "shape": list(movie.shape)}
    return StageResult(numbers, {"movie": movie, "frame": frame[chosen], **kept, **extra})


def _wall_points(movie: NDArray[np.float32], spacing: int) -> dict[str, NDArray[Any]]:
    """Points on the walls that Canny's filter finds in every frame, with their curvature."""
    found = []
    for t, image in enumerate(movie):
        walls = find_walls(image)
        at = np.argwhere(walls.line)[::spacing]
        found.append((at.astype(np.float64), walls.curvature[tuple(at.T)], np.full(len(at), t)))
    columns = [np.concatenate(one) for one in zip(*found, strict=True)]
    return dict(zip(("position", "curvature", "frame"), columns, strict=True))


@computed_once
def movie_arrays(run: Run[MovieSpec]) -> dict[str, NDArray[Any]]:
    """What the first stage kept: movie, frame and position of points, and what is known of them."""
    return run.arrays("movie")


def cut_patches(run: Run[MovieSpec], delays: tuple[int, ...], of: str = "movie") -> tuple[PatchSet, NDArray[np.int64]]:
    """Patches around the points for which all delays exist and that lie inside, and the numbers of their points.

    In the units of the movie, scaled to [0, 1], also if they are cut from what it is without noise.
    """
    found, window = movie_arrays(run), run.spec.window
    index = [np.flatnonzero(found["frame"] == t) for t in range(len(found["movie"]))]
    each = [found["position"][numbers] for numbers in index]
    low, high = np.nanquantile(found["movie"], [0.005, 0.995])
    if not high > low:
        raise InputError("a movie that differs somewhere", f"the value {low:g} everywhere", "another movie")
    made = cut_movie(((found[of] - low) / (high - low)).clip(0.0, 1.0), each, size=window, delays=delays)
    kept = [np.empty(0, dtype=np.int64)]
    for t in np.unique(made.frame):
        corner = np.floor(each[t] + 0.5).astype(int) - window // 2
        kept.append(index[t][((corner >= 0) & (corner + window <= found["movie"].shape[1:])).all(axis=1)])
    return made, np.concatenate(kept)


def learn(run: Run[MovieSpec], progress: Progress) -> StageResult:
    """A time-delay rVAE of the patches, and what of the walls can be read from its content."""
    spec, found = run.spec, movie_arrays(run)
    patches, points = cut_patches(run, (-spec.frame_delay, 0, spec.frame_delay))
    if len(patches) < 60:
        hint = f"--window {max(4, spec.window // 2)}"
        raise InputError("at least 60 patches of walls inside the frames", len(patches), hint)
    model = ls.rvae(n_orientations=6, shift=0.1, **training_options(spec, 0.1, "rvae"))
    fit_and_save(model, run, "rvae", progress, patches.patches)
    content, scores = model.transform(patches.patches), {}
    for name in TRUTHS:
        if name in found and np.isfinite(found[name]).all():
            target = _capped(name, found[name][points])
            scores[name] = {"knn": knn_probe(content, target), "linear": linear_probe(content, target)}
    shown = np.moveaxis(patches[:: max(1, len(patches) // 12)][:12], 3, 1).reshape(-1, spec.window, spec.window)
    arrays = {"content": content, "point": points, "shown": shown, "manifold": decoded_plane(model, content)}
    return StageResult({"patches": len(patches), "read": scores}, arrays)


def _capped(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Extremes, where walls vanish, count no more than the 1st and 99th percentile; far pins are all far."""
    if name == "pinned":
        return np.minimum(values, 15.0)
    return values.clip(*np.quantile(values, [0.01, 0.99]))


def predict(run: Run[MovieSpec], progress: Progress) -> StageResult:
    """A later frame from this one, and an earlier one, of frames that were not learned; beside it, that nothing moves.

    Errors are those against the frame without noise where that is known: else whoever takes noise away has an
    advantage over the guess of no motion that has nothing to do with motion.
    """
    spec, numbers, arrays = run.spec, {}, {}
    truth = "clean" if "clean" in movie_arrays(run) else "movie"
    for way, delay in (("forward", spec.frames_ahead), ("reverse", -spec.frames_ahead)):
        patches, _ = cut_patches(run, (0, delay))
        now, other = np.moveaxis(patches.patches, 3, 0)
        still, true = np.moveaxis(cut_patches(run, (0, delay), truth)[0].patches, 3, 0)
        early = patches.frame <= np.quantile(patches.frame, _EARLY)
        if early.sum() < 50 or (~early).sum() < 10:
            got = f"{early.sum()} and {(~early).sum()} patches"
            raise InputError("walls in early and in late frames", got, "more frames")
        model = ls.ved(latent=8, epochs=2 * spec.epochs, batch=50, learning_rate=2e-3, seed=derive_seed(spec.seed, way))
        fit_resumably(model, run, f"predict-{way}", progress, now[early], other[early])
        guess, late = model.predict(now[~early]), ~early
        guesses = {"ved": guess, "no_motion": now[late]} | ({"still": still[late]} if truth == "clean" else {})
        numbers[way] = {name: float(np.sqrt(np.mean(np.square(one - true[late])))) for name, one in guesses.items()}
        some = np.linspace(0, late.sum() - 1, 8).astype(int)
        arrays |= {f"{way}_now": now[late][some], f"{way}_true": other[late][some], f"{way}_guess": guess[some]}
    return StageResult(numbers, arrays)


STAGES = Stages({"movie": find_points, "rvae": learn, "predict": predict}, read_movie)
