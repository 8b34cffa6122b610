"""Panels of a fitted model: what its classes look like, where the samples lie, their pose, how well they come back."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil, sqrt

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import lognorm, norm

from latscape import plot
from latscape.report.models import visible
from latscape.report.panels import Panel, on_axes
from latscape.studies.fitting import Fit

STEPS = 9
Density = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def class_names(fit: Fit) -> list[str] | None:
    """Of the rows a model decodes: labels keep theirs, found classes count from one; None for a model without any."""
    if not fit.classes:
        return None
    return [f"label {k}" for k in range(fit.classes)] if fit.told else [f"class {k + 1}" for k in range(fit.classes)]


def widest(fit: Fit) -> list[int]:
    """The at most two content numbers that vary most over the samples."""
    return sorted(np.argsort(-fit.latents["content"].std(axis=0), kind="stable")[:2].tolist())


def decoded_panels(fit: Fit) -> list[Panel]:
    """The manifold of images, and what each of the widest content numbers does."""
    grid = [_manifold_panel(fit)] if fit.latents["content"].shape[1] > 1 and not _is_curve(fit) else []
    return grid + [_traversal_panel(fit, axis) for axis in widest(fit)]


def place_panels(fit: Fit) -> list[Panel]:
    """The content of every sample, by class and by label."""
    axes, found, panels = widest(fit), fit.latents, []
    if len(axes) < 2:
        return []
    points = found["content"][:, axes]
    labels = (f"content {axes[0] + 1}", f"content {axes[1] + 1}")
    tail = " Along the sides: the density of each." if fit.classes or "labels" in found else ""
    if "class" in found:
        names = class_names(fit)
        draw = partial(plot.latent_scatter, points=points, groups=found["class"].argmax(axis=1), labels=labels)
        short = [name.split()[1] for name in names or []]
        panels.append(
            Panel(
                "latent-classes",
                f"Where every sample lies in the latent plane, by its most probable class.{tail}",
                on_axes("", partial(draw, names=short, title="class")),
                (5.4, 4.1),
            )
        )
    if "labels" in found:
        most = int(found["labels"].max()) + 1
        draw = partial(plot.latent_scatter, points=points, groups=found["labels"], labels=labels)
        panels.append(
            Panel(
                "latent-labels",
                f"Where every sample lies in the latent plane, by its label.{tail}",
                on_axes("", partial(draw, names=[str(k) for k in range(most)], title="label")),
                (5.4, 4.1),
            )
        )
    if not panels:
        draw = partial(plot.latent_scatter, points=points, labels=labels)
        caption = "Where every sample lies in the latent plane, and the densities along its sides."
        panels.append(Panel("latent-plane", caption, on_axes("", draw), (5.4, 4.1)))
    return panels


def pose_panels(fit: Fit) -> list[Panel]:
    """One histogram for each number of the pose, in units people know."""
    panels = []
    for one in pose(fit):
        label = f"{one.name} [{one.unit}]" if one.unit else one.name
        way = ", counter-clockwise" if one.name == "rotation" else ""
        caption = f"{one.name.capitalize()}{way}: posterior mean of every sample. The line is the prior."
        draw = partial(plot.pose_histogram, values=one.values, label=label, prior=one.prior, span=one.span)
        panels.append(Panel(f"pose-{one.key}", caption, on_axes("", draw), (3.9, 2.8), small=True))
    return panels


@dataclass(frozen=True, eq=False)
class PoseNumber:
    """One number of the pose of every sample, in a unit people know.

    Attributes
    ----------
    key, name, unit : str
        Of its file, for people, and of what it counts.
    values : ndarray, shape (n,)
    prior : callable
        Density in that unit.
    span : tuple of float
        One standard deviation of the prior to either side.
    """

    key: str
    name: str
    unit: str
    values: NDArray[np.float64]
    prior: Density
    span: tuple[float, float]


def pose(fit: Fit) -> list[PoseNumber]:
    """Each number of the pose of a fit's samples."""
    shape, found = fit.result["data"]["shape"], []
    half, pixels = max(shape[:2]) / 2, "points" if len(shape) == 1 else "pixels"  # in half a side
    for name, prior in fit.result["pose"].items():
        values = fit.latents[name].astype(np.float64)
        if name in ("rotation", "shear"):
            width = 180.0 if prior is None else math.degrees(prior)
            density = _turn if prior is None else partial(norm.pdf, scale=width)
            found.append(PoseNumber(name, name, "degrees", np.degrees(values[:, 0]), density, (-width, width)))
        elif name == "scale":
            span = (math.exp(-prior), math.exp(prior))
            found.append(
                PoseNumber(name, "magnification", "", np.exp(values[:, 0]), partial(lognorm.pdf, s=prior), span)
            )
        else:
            width = prior * half
            for column, way in zip(values.T * half, ("right", "up"), strict=False):
                density = partial(norm.pdf, scale=width)
                found.append(PoseNumber(f"{name}-{way}", f"shift {way}", pixels, column, density, (-width, width)))
    return found


def fit_panels(fit: Fit) -> list[Panel]:
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
    history = fit.result["history"]
    return [
        Panel("reconstructions", f"Samples that were held out, {told}.", draw, size, wide=True),
        Panel(
            "training",
            "The loss and its unweighted terms in every training cycle (linear up to 1, logarithmic above). The loss "
            "weighs the terms, by weights that may change from cycle to cycle.",
            on_axes("", partial(plot.training, history=history)),
        ),
    ]


def grey_range(fit: Fit) -> tuple[float, float]:
    """What is drawn black and white."""
    low, high = np.quantile(fit.shown["original"], (0.005, 0.995))
    return (float(low), float(high)) if high > low else (float(low) - 0.5, float(low) + 0.5)


def moved(fit: Fit, axis: int) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
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


def _manifold_panel(fit: Fit) -> Panel:
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


def _traversal_panel(fit: Fit, axis: int) -> Panel:
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


def _turn(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(degrees) <= 180.0, 1.0 / 360.0, 0.0)


def _is_curve(fit: Fit) -> bool:
    return fit.shown["original"].ndim == 2
