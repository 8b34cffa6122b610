"""Panels of a fitted model: what its classes look like, where the samples lie, how well they come back."""

from functools import partial
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.images import visible
from latscape.runs import Panel, axes_panel
from latscape.studies.fit.stages import FitRun, class_names, examples, latents, model, results

STEPS = 9


def widest(run: FitRun) -> list[int]:
    """The at most two content numbers that vary most over the samples."""
    return sorted(np.argsort(-latents(run)["content"].std(axis=0), kind="stable")[:2].tolist())


def decoded_panels(run: FitRun) -> list[Panel]:
    """The manifold of images, and what each of the widest content numbers does."""
    grid = [_manifold_panel(run)] if latents(run)["content"].shape[1] > 1 and not _is_curve(run) else []
    return grid + [_traversal_panel(run, axis) for axis in widest(run)]


def place_panels(run: FitRun) -> list[Panel]:
    """The content of every sample, by class and by label as far as there are any."""
    axes = widest(run)
    if len(axes) < 2:
        return []
    where = {"points": latents(run)["content"][:, axes], "labels": tuple(f"content {axis + 1}" for axis in axes)}
    caption = "Where every sample lies in the latent plane{}. Along the sides: densities."
    return [
        axes_panel(f"latent-{name}", caption.format(by), partial(plot.latent_scatter, **where, **look), size=(5.4, 4.1))
        for name, by, look in _groupings(run)
    ]


def _groupings(run: FitRun) -> list[tuple[str, str, dict[str, Any]]]:
    """Name, words and looks of the ways to colour samples; one without colours if there are none."""
    found, ways = latents(run), []
    if "class" in found:
        title, names = "label" if results(run)["told"] else "class", [name.split()[1] for name in class_names(run)]
        look = {"groups": found["class"].argmax(axis=1), "names": names, "title": title}
        ways.append(("classes", f", by its most probable {title}", look))
    if "labels" in found:
        names = [str(k) for k in range(int(found["labels"].max()) + 1)]
        ways.append(("labels", ", by its label", {"groups": found["labels"], "names": names, "title": "label"}))
    return ways or [("plane", "", {})]


def fit_panels(run: FitRun) -> list[Panel]:
    """Held-out samples beside what comes back, and the training."""
    original, decoded = (visible(examples(run)[name]) for name in ("original", "decoded"))
    predicted = "input" in examples(run)
    told = "what was to be predicted and the prediction" if predicted else "and what the model makes of them"
    name, caption = "reconstructions", f"Samples that were held out, {told}."
    if _is_curve(run):
        draw = partial(plot.curve_reconstructions, originals=original[:12], decoded=decoded[:12])
        pairs = Panel(name, caption, draw, (11.0, 0.6 + 1.6 * ceil(min(12, len(original)) / 4)), wide=True)
    else:
        columns = min(10, len(original))
        height, width = original.shape[1:3]
        size = (11.0, 10.4 / columns * height / width * 2.1 * ceil(len(original) / columns) + 0.2)
        look = {"originals": original, "decoded": decoded, **grey_range(run)}
        pairs = axes_panel(name, caption, plot.reconstructions, size=size, wide=True, **look)
    caption = (
        "The loss and its unweighted terms in every epoch (linear up to 1, logarithmic above). The loss "
        "weighs the terms, by weights that may change from epoch to epoch."
    )
    return [pairs, axes_panel("training", caption, plot.training_curves, history=results(run)["history"])]


def grey_range(run: FitRun) -> dict[str, float]:
    """What is drawn black and white: low and high."""
    low, high = np.quantile(examples(run)["original"], (0.005, 0.995)).tolist()
    return {"low": low, "high": high} if high > low else {"low": low - 0.5, "high": low + 0.5}


def moved(run: FitRun, axis: int) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
    """Values (steps,) of one content number from its 2.5 % to its 97.5 % quantile, the others at their medians, and
    what is decoded there, (rows, steps, ...)."""
    content = latents(run)["content"].astype(np.float64)
    low, high = np.quantile(content[:, axis], (0.025, 0.975))
    values = np.linspace(low, high, STEPS)
    points = np.tile(np.median(content, axis=0), (STEPS, 1))
    points[:, axis] = values
    if model(run).supervision.condition:
        rows = [model(run).decode(points, y=np.full(STEPS, k))[:, 0] for k in range(results(run)["classes"])]
        return values, np.stack(rows)
    return values, np.moveaxis(model(run).decode(points), 1, 0)


def _manifold_panel(run: FitRun) -> Panel:
    images, names = np.stack([visible(one) for one in model(run).manifold(size=7)]), class_names(run)
    columns = 5 if len(images) > 4 else ceil(sqrt(len(images)))
    inside = "Each square is a class; inside it the" if names else "The"
    caption = f"What the model decodes to, without pose. {inside} first two content numbers run down and to the right."
    draw = partial(plot.manifolds, images=images, columns=columns, names=names or None, **grey_range(run))
    ratio, rows = images.shape[2] / images.shape[3], ceil(len(images) / columns)
    return Panel("manifold", caption, draw, (5.4, 5.4 * ratio * rows / columns + 0.25))


def _traversal_panel(run: FitRun, axis: int) -> Panel:
    (values, decoded), names, curves = moved(run, axis), class_names(run), _is_curve(run)
    name, label = f"traversal-{axis + 1}", f"content {axis + 1}"
    caption = (
        f"Content number {axis + 1} moved through the central 95% of the samples, the others at their medians, without "
        f"pose{': a row for each class' if names and not curves else ''}."
    )
    if curves:
        columns = 2 if len(decoded) == 4 else min(len(decoded), 3)
        look = {"curves": decoded, "values": values, "names": names or None, "label": label, "columns": columns}
        height = 0.6 + (3.1 if columns == 1 else 1.9) * ceil(len(decoded) / columns)
        return Panel(name, caption, partial(plot.curve_traversals, **look), (5.4, height))
    images = np.stack([visible(one) for one in decoded])
    look = {"images": images, "values": values, "names": names or [""], "label": label, **grey_range(run)}
    size = (5.4, 4.7 * images.shape[2] / images.shape[3] * len(images) / STEPS + 0.6)
    return axes_panel(name, caption, plot.traversal, size=size, **look)


def _is_curve(run: FitRun) -> bool:
    return examples(run)["original"].ndim == 2
