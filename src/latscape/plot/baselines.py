"""One picture of one method beside an autoencoder: its patterns, and where they are in the image."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray

from latscape.patches.decompositions import Baseline
from latscape.plot.images import show
from latscape.plot.styling import MUTED, PALETTE, color_of, dress

#: Draws numbers (n,) at their places: values, what they are, and whether they are classes.
DrawMap = Callable[[Axes, NDArray[np.float64], str, bool], object]


def decomposition_maps(figure: Figure | SubFigure, found: Baseline, draw_map: DrawMap) -> list[Axes]:
    """Patterns above, and below them the map of each; for clusters and embeddings one map beside what made it.

    Parameters
    ----------
    draw_map
        Called with an axes, (n,) numbers, their name, and whether they are classes.
    """
    figure.suptitle(f"{found.name}: {found.note}", fontsize=9.5, color=MUTED)
    if found.kind == "components":
        axes = figure.subplots(2, len(found.patterns), squeeze=False, height_ratios=(1, 1.6))
        for k, (pattern, (above, below)) in enumerate(zip(found.patterns, axes.T, strict=True)):
            _pattern(above, pattern, k)
            draw_map(below, found.values[:, k], f"loading {k + 1}", False)
        return list(axes.ravel())
    if found.kind == "embedding":
        axes = figure.subplots(1, 3)
        known = np.isfinite(found.values).all(axis=1)
        axes[0].scatter(*found.values[known].T, s=6, color=PALETTE[0], alpha=0.5, linewidths=0)
        dress(axes[0], "coordinate 1", "coordinate 2", "both")
        for k, ax in enumerate(axes[1:]):
            draw_map(ax, found.values[:, k], f"coordinate {k + 1}", False)
        return list(axes)
    shown = found.patterns[:6]
    left, right = cast(Any, figure.subfigures(1, 2, width_ratios=(1, 1.3)))
    axes = list(np.atleast_1d(left.subplots(-(-max(1, len(shown)) // 2), 2)).ravel())
    for k, ax in enumerate(axes):
        if k < len(shown):
            _pattern(ax, shown[k], k, color_of(k))
        else:
            ax.set_axis_off()
    whole = right.subplots()
    draw_map(whole, found.values[:, 0], "cluster", True)
    return [*axes, whole]


def _pattern(ax: Axes, pattern: NDArray[np.float64], number: int, color: str = MUTED) -> None:
    if pattern.ndim == 1:
        ax.plot(pattern, color=color_of(number), linewidth=1.0)
        ax.set_yticks([])
        return
    image = pattern if pattern.ndim == 2 else pattern[..., 0]  # of several channels the first
    show(ax, image, float(image.min()), float(image.max()) + 1e-12)
    ax.set_title(str(number + 1), fontsize=7.5, fontweight="normal", color=color, pad=2)
