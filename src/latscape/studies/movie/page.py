"""The page of a study of a movie: frames, what the latents know of the walls, and what comes before and after."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.styling import MARK, MUTED, PALETTE
from latscape.runs import Panel, Run, Section, Table, axes_panel
from latscape.studies.movie.spec import MovieSpec
from latscape.studies.movie.stages import TRUTHS, movie_arrays
from latscape.studies.shared.pages import stage_story
from latscape.studies.shared.panels import latent_panel

MovieRun = Run[MovieSpec]


def _movie_sentence(run: MovieRun, found: dict[str, Any]) -> str:
    return f"{found['shape'][0]} frames of {found['shape'][1]} × {found['shape'][2]} pixels; {found['source']}."


def _read_sentence(run: MovieRun, learned: dict[str, Any]) -> str:
    read = ", ".join(f"{name} {one['knn']:.2f}" for name, one in learned["read"].items())
    return (
        f"R² of what a time-delay rVAE of {learned['patches']} patches knows "
        f"(nearest neighbours, cross-validated): {read}."
    )


def _predicted_sentences(run: MovieRun, predicted: dict[str, Any]) -> list[str]:
    said = "{} prediction of later frames: error {ved:.3f}; that of no motion {no_motion:.3f}."
    return [said.format(way.capitalize(), **errors) for way, errors in predicted.items()]


def _movie(run: MovieRun, numbers: dict[str, Any]) -> Section:
    caption = "Frames, with pinning sites where they are known."
    return Section("Frames", [], [Panel("frames", caption, partial(_frames, run=run), (11.0, 3.0), wide=True)])


def _frames(figure: Figure, run: MovieRun) -> None:
    found = movie_arrays(run)
    for ax, t in zip(figure.subplots(1, 5), np.linspace(0, len(found["movie"]) - 1, 5).astype(int), strict=True):
        plot.grey_image(ax, found["movie"][t])
        if "pin" in found:
            ax.plot(found["pin"][:, 1], found["pin"][:, 0], "+", color=MARK, markersize=3)
        at = found["position"][found["frame"] == t]
        ax.plot(at[:, 1], at[:, 0], ".", color=PALETTE[1], markersize=1.5)
        ax.set_title(f"t = {t}", color=MUTED)


def _latents(run: MovieRun, numbers: dict[str, Any]) -> Section:
    seen, found, read = run.arrays("rvae"), movie_arrays(run), numbers["read"]
    panels = [latent_panel(name, *TRUTHS[name], seen["content"], found[name][seen["point"]]) for name in read]
    caption, some = "Some patches: before, now, after.", seen["shown"]
    panels.append(axes_panel("patches", caption, plot.image_grid, small=True, images=some, columns=9))
    rows = [[name, f"{one['knn']:.3f}", f"{one['linear']:.3f}"] for name, one in read.items()]
    table = Table(["of the wall", "R², nearest neighbours", "R², linear"], rows)
    return Section("What the latents know", [], panels, table)


def _predicted(run: MovieRun, numbers: dict[str, Any]) -> Section:
    caption = "This frame; the true other one; the predicted one. Left forward, right reverse."
    draw = partial(_guesses, arrays=run.arrays("predict"))
    return Section("Forward and reverse", [], [Panel("predicted", caption, draw, (8.0, 3.4), wide=True)])


def _guesses(figure: Figure, arrays: dict[str, NDArray]) -> None:
    for ax, way in zip(figure.subplots(1, 2), ("forward", "reverse"), strict=True):
        rows = np.concatenate([arrays[f"{way}_{name}"] for name in ("now", "true", "guess")])
        plot.image_grid(ax, rows, columns=8)
        ax.set_title(way)
        for row, word in enumerate(("this", "true", "predicted")):
            ax.text(-0.01, 1 - (row + 0.5) / 3, word, transform=ax.transAxes, ha="right", va="center")


STORY = stage_story(
    {"movie": _movie_sentence, "rvae": _read_sentence, "predict": _predicted_sentences},
    {"movie": _movie, "rvae": _latents, "predict": _predicted},
)
