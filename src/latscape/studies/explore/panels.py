"""Pictures of an experiment: the sample with what is predicted of it, what was measured, and how it came about."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.campaign.evaluation import Evaluation
from latscape.lab.measurement import Measurement
from latscape.plot.styling import STD_MAP
from latscape.runs import Panel, Run, axes_panel
from latscape.studies.explore.spec import ExploreSpec
from latscape.studies.explore.view import about, learns_map, measured, place_indices, steps, survey

FILM = 6  # steps that are shown, first and last among them
SIZE = (5.4, 4.4)
TITLES = {"acquisition": "acquisition, upper half", "mean": "prediction", "std": "uncertainty"}


def sample_panels(run: Run[ExploreSpec], rows: Sequence[Evaluation], words: str) -> list[Panel]:
    """The path over the image, and the maps of the last step, scored by a scalarizer in words."""
    return [_path(run, rows), *_final(run, measured(rows), words)]


def measurement_panels(rows: Sequence[Evaluation], words: str) -> list[Panel]:
    """Some measurements, and the scores of all."""
    caption = "Every measurement in order, with the best so far."
    return [
        *_spectra(measured(rows)),
        axes_panel("convergence", caption, plot.convergence, evaluations=rows, label=words),
    ]


def film_panels(run: Run[ExploreSpec], rows: Sequence[Evaluation]) -> list[Panel]:
    """The maps of some steps, evenly spread."""
    every = steps(run)
    chosen = np.unique(np.linspace(0, len(every) - 1, min(FILM, len(every))).round().astype(int)) if every else []
    return [_step(run, rows, every[index]) for index in chosen]


def _path(run: Run[ExploreSpec], rows: Sequence[Evaluation]) -> Panel:
    where = np.array([one.where for one in rows if one.status == "done"])
    failed = np.array([one.where for one in rows if one.status == "failed"]).reshape(-1, 2)
    shown: dict[str, Any] = {"image": survey(run)["survey"], "path": where, "failed": failed}
    caption = f"The cheap image ({about(run)['image']}) and where the experiment measured, dark first; crosses failed."
    return axes_panel("path", caption, plot.measurement_path, title="a  Image and path", size=SIZE, **shown)


def _final(run: Run[ExploreSpec], done: list[Evaluation], words: str) -> list[Panel]:
    newest, seen = run.record.newest("mean"), survey(run)
    if newest is None:
        return []
    number, mean = newest
    arrays, places = run.record.arrays(number), seen["places"]
    where = np.array([one.where for one in done])
    doubt = "Standard deviation of the prediction: where nothing like it was measured."
    panels = [
        _map("prediction", f"b  Prediction of {words}", "What is expected of every place.", places, mean, where),
        _map("uncertainty", "c  Uncertainty", doubt, places, arrays["std"], where, STD_MAP),
    ]
    if "truth" in seen:
        caption = "What was recorded there, which the experiment did not know."
        panels.append(_map("truth", "d  Truth", caption, places, seen["truth"], None))
    if "embedding" in arrays:
        caption, labels = "Where the deep kernel puts the patches, by prediction; circles were measured.", {}
        if not learns_map(run):
            labels = {"labels": ("direction z$_1$", "direction z$_2$")}
            caption = (
                "The patches along the two directions of their looks in which the prediction changes most (active "
                "subspace), by prediction; circles were measured."
            )
        shown: dict[str, Any] = {"latents": arrays["embedding"], "values": mean, "measured": place_indices(run, done)}
        shown |= {"title": "e  Embedding", **labels}
        panels.append(axes_panel("embedding", caption, plot.embedding, size=SIZE, **shown))
    return panels


def _map(
    name: str, title: str, caption: str, places: NDArray, values: NDArray, where: NDArray | None, cmap: str = "viridis"
) -> Panel:
    shown: dict[str, Any] = {"places": places, "values": values, "measured": where, "cmap": cmap}
    label = title.split("  ")[-1].lower()
    return axes_panel(name, caption, plot.place_map, title=title, size=SIZE, label=label, **shown)


def _spectra(done: list[Evaluation]) -> list[Panel]:
    """The best measurement beside the median one."""
    ranked = sorted(done, key=lambda one: float(one.value or 0.0))
    chosen = {"best": ranked[-1], "median": ranked[len(ranked) // 2], "least": ranked[0]}
    found = {name: kept for name, one in chosen.items() if (kept := Measurement.kept(one)) is not None}
    if not found:
        return []
    first = next(iter(found.values()))
    if first.ndim == 2 and min(first.shape) > 4:
        caption = "The best, the median and the least pattern."
        return [Panel("patterns", caption, partial(_patterns, found), (9, 3.2), True)]
    x, curves = first.axes[0], [_averaged(one.values) for one in found.values()]
    names = [f"{name} ({chosen[name].value:.3g})" for name in found]
    caption = "The best, the median and the least measurement, by score; further axes are averaged."
    return [axes_panel("spectra", caption, plot.spectra, x=x.positions, curves=curves, names=names, xlabel=x.label)]


def _averaged(values: NDArray) -> NDArray:
    """The mean over all axes but the first, of what is not NaN; NaN where all is."""
    known = np.isfinite(values).reshape(len(values), -1).sum(axis=1)
    total = np.nansum(values.reshape(len(values), -1), axis=1)
    return np.divide(total, known, out=np.full(len(values), np.nan), where=known > 0)


def _patterns(found: dict[str, Measurement], figure: Figure) -> None:
    for ax, (name, one) in zip(figure.subplots(1, len(found), squeeze=False)[0], found.items(), strict=True):
        y, x = one.axes
        plot.measurement_map(ax, x.positions, y.positions, one.values, labels=(x.label, y.label))
        ax.set_title(name)


def _step(run: Run[ExploreSpec], rows: Sequence[Evaluation], number: int) -> Panel:
    before = [one for one in measured(rows) if one.index < number]
    index, arrays, places = place_indices(run, before), run.record.arrays(number), survey(run)["places"]
    where = np.array([one.where for one in before]).reshape(-1, 2)
    names = [name for name in TITLES if name in arrays]

    def draw(figure: Figure) -> None:
        axes = figure.subplots(1, len(names) + ("embedding" in arrays), squeeze=False)[0]
        for ax, name in zip(axes, names, strict=False):
            values, shown, cmap = arrays[name], where, STD_MAP if name == "std" else "viridis"
            if name == "acquisition":  # a logarithm falls so far that all promising places would be of one colour
                values, shown = np.maximum(values, np.median(values)), None
            plot.place_map(ax, places, values, measured=shown, label=" ", cmap=cmap)
            ax.set_title(f"{number}: {TITLES[name]}")
        if "embedding" in arrays:
            plot.embedding(axes[-1], arrays["embedding"], arrays["mean"], index, labels=("z$_1$", "z$_2$"))
            axes[-1].set_title("embedding")

    return Panel(f"step-{number:04d}", f"After {number} measurements.", draw, (12.0, 3.1), wide=True)
