"""Pictures that the pages of several studies share: latent planes, patches, methods without an autoencoder."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.runs import Panel, Run, Section
from latscape.studies.shared.baselines import stored_baseline


def latent_maps(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float64]]:
    """Every number of the pose and the content of patches, by its label."""
    maps = {"angle [°]": np.degrees(arrays["angle"])}
    maps |= {"offset x": arrays["offset"][:, 0], "offset y": arrays["offset"][:, 1]}
    return maps | {f"content {k + 1}": values for k, values in enumerate(arrays["content"].T)}


def file_name(label: str) -> str:
    """Of the picture of a labelled map.

    Examples
    --------
    >>> file_name("angle [°]"), file_name("content 1")
    ('angle', 'content-1')
    """
    return label.split(" [")[0].replace(" ", "-")


def manifold_panel(name: str, caption: str, images: NDArray[np.float64]) -> Panel:
    """What is decoded over the latent plane, of every class."""
    images = images[..., images.shape[-1] // 2] if images.ndim == 5 else images  # of several times, now
    low, high = (float(end) for end in np.quantile(images, (0.002, 0.998)))

    def draw(figure: Figure) -> None:
        plot.manifolds(figure, images, columns=3, low=low, high=high)

    return Panel(name, caption, draw, (4.2 * min(3, len(images)), 4.2 * -(-len(images) // 3)), wide=len(images) > 1)


def tiles(ax: Axes, images: NDArray[np.float32], columns: int = 7) -> object:
    """Patches in rows."""
    return plot.samples(ax, images, columns=columns)


def latent_scatter(ax: Axes, points: NDArray[np.floating], values: NDArray[np.floating], label: str) -> None:
    """The latent plane with every patch coloured by a number; grey where that is not known."""
    finite = np.isfinite(values)
    low, high = np.quantile(values[finite], [0.02, 0.98]) if finite.any() else (0.0, 1.0)
    x, y = points[:, 0], points[:, 1] if points.shape[1] > 1 else np.zeros(len(points))
    ax.scatter(x[~finite], y[~finite], s=5, color="#d5dbe1", linewidths=0)
    dots = ax.scatter(x[finite], y[finite], s=7, c=values[finite], vmin=low, vmax=high, cmap="viridis", linewidths=0)
    plot.colorbar(ax, dots, label)
    ax.set_xlabel("content 1")
    ax.set_ylabel("content 2" if points.shape[1] > 1 else "")


def baseline_section(run: Run[Any], methods: Sequence[str], draw_map: Callable[..., object]) -> Section:
    """The section of the stage "baselines"; `draw_map(ax, values, name, classes)` draws where patterns are."""
    arrays, notes = run.arrays("baselines"), run.numbers("baselines")["baselines"]
    panels = [
        Panel(
            f"baseline-{name}",
            f"{name}: patterns, and where they are.",
            partial(plot.baseline, found=stored_baseline(name, arrays, notes[name]), draw_map=draw_map),
            (11.0, 4.6),
            wide=True,
        )
        for name in methods
        if f"{name}_values" in arrays
    ]
    return Section("The same patches without an autoencoder", [], panels)
