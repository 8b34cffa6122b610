"""The page of a study of a movie: frames, what the latents know of the walls, and what comes before and after."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.styling import MARK, MUTED, PALETTE
from latscape.runs import Panel, Run, Section, Story, Table, axes_panel
from latscape.studies.movie.spec import MovieSpec
from latscape.studies.movie.stages import movie_arrays
from latscape.studies.shared.panels import latent_scatter

_UNITS = {"curvature": "1/pixel", "velocity": "pixels/frame"}
_WORDS = {"pinned": "distance to the nearest pinning site"}


def headline(run: Run[MovieSpec]) -> list[str]:
    """Which movie, what can be read from the latents, and how well frames are predicted."""
    found, learned, predicted = (run.numbers(stage) for stage in ("movie", "rvae", "predict"))
    if not found:
        return ["Nothing was found yet."]
    said = [f"{found['shape'][0]} frames of {found['shape'][1]} × {found['shape'][2]} pixels; {found['source']}."]
    if learned:
        read = ", ".join(f"{name} {one['knn']:.2f}" for name, one in learned["read"].items())
        said.append(
            f"R² of what a time-delay rVAE of {learned['patches']} patches knows "
            f"(nearest neighbours, cross-validated): {read}."
        )
    for way, one in predicted.items():
        said.append(
            f"{way.capitalize()} prediction of later frames: error {one['ved']:.3f}; "
            f"that of no motion {one['no_motion']:.3f}."
        )
    return said


def sections(run: Run[MovieSpec]) -> list[Section]:
    """For every stage that is done."""
    drawn = {"movie": _movie, "rvae": _latents, "predict": _predicted}
    return [draw(run) for stage, draw in drawn.items() if run.done(stage)]


def _movie(run: Run[MovieSpec]) -> Section:
    caption = "Frames, with pinning sites where they are known."
    return Section("Frames", [], [Panel("frames", caption, partial(_frames, run=run), (11.0, 3.0), wide=True)])


def _frames(figure: Figure, run: Run[MovieSpec]) -> None:
    found = movie_arrays(run)
    for ax, t in zip(figure.subplots(1, 5), np.linspace(0, len(found["movie"]) - 1, 5).astype(int), strict=True):
        plot.picture(ax, found["movie"][t])
        if "pin" in found:
            ax.plot(found["pin"][:, 1], found["pin"][:, 0], "+", color=MARK, markersize=3)
        at = found["position"][found["frame"] == t]
        ax.plot(at[:, 1], at[:, 0], ".", color=PALETTE[1], markersize=1.5)
        ax.set_title(f"t = {t}", color=MUTED)


def _latents(run: Run[MovieSpec]) -> Section:
    seen, found, read, panels = run.arrays("rvae"), movie_arrays(run), run.numbers("rvae")["read"], []
    for name in read:
        words = _WORDS.get(name, name)
        drawn: dict[str, Any] = {"points": seen["content"], "values": found[name][seen["point"]]}
        drawn["label"] = f"{words} [{_UNITS.get(name, 'pixels')}]"
        panels.append(axes_panel(f"latent-{name}", f"The latent plane by {words}.", latent_scatter, **drawn))
    caption, some = "Some patches: before, now, after.", seen["shown"]
    panels.append(axes_panel("patches", caption, plot.samples, small=True, images=some, columns=9))
    rows = [[name, f"{one['knn']:.3f}", f"{one['linear']:.3f}"] for name, one in read.items()]
    table = Table(["of the wall", "R², nearest neighbours", "R², linear"], rows)
    return Section("What the latents know", [], panels, table)


def _predicted(run: Run[MovieSpec]) -> Section:
    caption = "This frame; the true other one; the predicted one. Left forward, right reverse."
    draw = partial(_guesses, arrays=run.arrays("predict"))
    return Section("Forward and reverse", [], [Panel("predicted", caption, draw, (8.0, 3.4), wide=True)])


def _guesses(figure: Figure, arrays: dict[str, NDArray]) -> None:
    for ax, way in zip(figure.subplots(1, 2), ("forward", "reverse"), strict=True):
        rows = np.concatenate([arrays[f"{way}_{name}"] for name in ("now", "true", "guess")])
        plot.samples(ax, rows, columns=8)
        ax.set_title(way)
        for row, word in enumerate(("this", "true", "predicted")):
            ax.text(-0.01, 1 - (row + 0.5) / 3, word, transform=ax.transAxes, ha="right", va="center")


STORY = Story(headline, sections)
