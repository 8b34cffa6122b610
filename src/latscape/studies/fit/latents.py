"""Panels of a fitted model: what its classes look like, where the samples lie, how well they come back."""

from functools import partial
from math import ceil, sqrt
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.images import visible
from latscape.runs import Panel, on_axes
from latscape.studies.fit.view import FitView

STEPS = 9


def class_names(fit: FitView) -> list[str] | None:
    """Of the rows a model decodes: labels keep theirs, found classes count from one; None for a model without any."""
    if not fit.classes:
        return None
    return [f"label {k}" for k in range(fit.classes)] if fit.told else [f"class {k + 1}" for k in range(fit.classes)]


def widest(fit: FitView) -> list[int]:
    """The at most two content numbers that vary most over the samples."""
    return sorted(np.argsort(-fit.latents["content"].std(axis=0), kind="stable")[:2].tolist())


def decoded_panels(fit: FitView) -> list[Panel]:
    """The manifold of images, and what each of the widest content numbers does."""
    grid = [_manifold_panel(fit)] if fit.latents["content"].shape[1] > 1 and not _is_curve(fit) else []
    return grid + [_traversal_panel(fit, axis) for axis in widest(fit)]


def place_panels(fit: FitView) -> list[Panel]:
    """The content of every sample, by class and by label as far as there are any."""
    axes, panels = widest(fit), []
    if len(axes) < 2:
        return []
    points = fit.latents["content"][:, axes]
    labels = (f"content {axes[0] + 1}", f"content {axes[1] + 1}")
    for name, by, look in _groupings(fit):
        caption = f"Where every sample lies in the latent plane{by}. Along the sides: densities."
        draw = partial(plot.latent_scatter, points=points, labels=labels, **look)
        panels.append(Panel(f"latent-{name}", caption, on_axes("", draw), (5.4, 4.1)))
    return panels


def _groupings(fit: FitView) -> list[tuple[str, str, dict[str, Any]]]:
    """Name, words and looks of the ways to colour samples; one without colours if there are none."""
    found, ways = fit.latents, []
    if "class" in found:
        names = [name.split()[1] for name in class_names(fit) or []]
        look = {"groups": found["class"].argmax(axis=1), "names": names, "title": "label" if fit.told else "class"}
        ways.append(("classes", f", by its most probable {look['title']}", look))
    if "labels" in found:
        names = [str(k) for k in range(int(found["labels"].max()) + 1)]
        ways.append(("labels", ", by its label", {"groups": found["labels"], "names": names, "title": "label"}))
    return ways or [("plane", "", {})]


def fit_panels(fit: FitView) -> list[Panel]:
    """Held-out samples beside what comes back, and the training."""
    original, decoded = (visible(fit.shown[name]) for name in ("original", "decoded"))
    told = "what was to be predicted and the prediction" if "input" in fit.shown else "and what the model makes of them"
    size: tuple[float, float]
    if _is_curve(fit):
        original, decoded = original[:12], decoded[:12]
        draw, size = (
            partial(plot.curve_reconstructions, originals=original, decoded=decoded),
            (11.0, 0.6 + 1.6 * ceil(len(original) / 4)),
        )
    else:
        low, high = grey_range(fit)
        columns = min(10, len(original))
        height, width = original.shape[1:3]
        draw = on_axes("", partial(plot.reconstructions, originals=original, decoded=decoded, low=low, high=high))
        size = (11.0, 10.4 / columns * height / width * 2.1 * ceil(len(original) / columns) + 0.2)
    history = fit.numbers["history"]
    return [
        Panel("reconstructions", f"Samples that were held out, {told}.", draw, size, wide=True),
        Panel(
            "training",
            "The loss and its unweighted terms in every training cycle (linear up to 1, logarithmic above). The loss "
            "weighs the terms, by weights that may change from cycle to cycle.",
            on_axes("", partial(plot.training, history=history)),
        ),
    ]


def grey_range(fit: FitView) -> tuple[float, float]:
    """What is drawn black and white."""
    low, high = np.quantile(fit.shown["original"], (0.005, 0.995))
    return (float(low), float(high)) if high > low else (float(low) - 0.5, float(low) + 0.5)


def moved(fit: FitView, axis: int) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
    """Values (steps,) of one content number from its 2.5 % to its 97.5 % quantile, the others at their medians, and
    what is decoded there, (rows, steps, ...)."""
    content = fit.latents["content"].astype(np.float64)
    low, high = np.quantile(content[:, axis], (0.025, 0.975))
    values = np.linspace(low, high, STEPS)
    points = np.tile(np.median(content, axis=0), (STEPS, 1))
    points[:, axis] = values
    if fit.model.known.condition:
        rows = [fit.model.decode(points, y=np.full(STEPS, k))[:, 0] for k in range(fit.classes)]
        return values, np.stack(rows)
    return values, np.moveaxis(fit.model.decode(points), 1, 0)


def _manifold_panel(fit: FitView) -> Panel:
    images = np.stack([visible(one) for one in fit.model.manifold(size=7)])
    low, high = grey_range(fit)
    columns = 5 if len(images) > 4 else ceil(sqrt(len(images)))
    rows = ceil(len(images) / columns)
    names = class_names(fit)
    inside = "Each square is a class; inside it the" if names else "The"

    def draw(figure: Figure) -> None:
        plot.manifolds(figure, images, columns=columns, low=low, high=high, names=names)

    caption = f"What the model decodes to, without pose. {inside} first two content numbers run down and to the right."
    ratio = images.shape[2] / images.shape[3]
    return Panel("manifold", caption, draw, (5.4, 5.4 * ratio * rows / columns + 0.25))


def _traversal_panel(fit: FitView, axis: int) -> Panel:
    values, decoded = moved(fit, axis)
    label, names = f"content {axis + 1}", class_names(fit)
    caption = (
        f"Content number {axis + 1} moved through the central 95% of the samples, the others at their medians, without "
        f"pose{': a row for each class' if names and not _is_curve(fit) else ''}."
    )
    if _is_curve(fit):
        columns = 2 if len(decoded) == 4 else min(len(decoded), 3)
        draw = partial(plot.curve_traversals, curves=decoded, values=values, names=names, label=label, columns=columns)
        return Panel(
            f"traversal-{axis + 1}",
            caption,
            draw,
            (5.4, 0.6 + (3.1 if columns == 1 else 1.9) * ceil(len(decoded) / columns)),
        )
    images = np.stack([visible(one) for one in decoded])
    low, high = grey_range(fit)

    def fill(ax: Axes) -> None:
        plot.traversal(ax, images, values, names=names or [""], label=label, low=low, high=high)

    ratio = images.shape[2] / images.shape[3]
    return Panel(f"traversal-{axis + 1}", caption, on_axes("", fill), (5.4, 4.7 * ratio * len(images) / STEPS + 0.6))


def _is_curve(fit: FitView) -> bool:
    return fit.shown["original"].ndim == 2
