"""What a model decodes while content moves along one axis."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike

from latscape.errors import InputError
from latscape.plot.images import show, tile
from latscape.plot.style import MEAN_MAP, MUTED
from latscape.plot.tiles import frame_of_tiles, gap_of, panels


def traversal(
    ax: Axes,
    images: ArrayLike,
    values: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    label: str = "content 1",
    low: float = 0.0,
    high: float = 1.0,
) -> AxesImage:
    """Images decoded while one latent number moves, a row for each class.

    Parameters
    ----------
    ax
        Where to draw.
    images
        (classes, steps, h, w) or (classes, steps, h, w, c) with c = 1 or 3.
    values
        (steps,), the latent number.
    names
        Of the rows; default: class 1, class 2, ..., and nothing for a single one.
    label
        Of the latent number.
    low, high
        Values drawn black and white.

    Returns
    -------
    AxesImage
        Of the tiled array.

    Raises
    ------
    InputError
        If there is not one value for each step.
    """
    stack, moved = np.asarray(images, dtype=float), np.asarray(values, dtype=float)
    _check_steps(stack, moved, axes=(4, 5))
    rows, steps, height, width = stack.shape[:4]
    gap = gap_of(height)
    artist = show(ax, tile(stack.reshape(-1, *stack.shape[2:]), steps, gap=gap, blank=high), low, high)
    frame_of_tiles(ax)
    texts = names if names is not None else [f"class {row + 1}" for row in range(rows)] if rows > 1 else [""]
    ax.set_yticks([row * (height + gap) + (height - 1) / 2 for row in range(rows)], list(texts))
    places = np.arange(steps) * (width + gap) + (width - 1) / 2
    every = -(-steps // 9)
    ax.set_xticks(places[::every], _numbers(moved[::every]))
    ax.set_xlabel(label)
    return artist


def curve_traversals(
    figure: Figure | SubFigure,
    curves: ArrayLike,
    values: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    label: str = "content 1",
    columns: int = 4,
) -> list[Axes]:
    """Curves decoded while one latent number moves, its value told by their colour; a panel for each class.

    Parameters
    ----------
    figure
        An empty figure or subfigure, which is filled.
    curves
        (classes, steps, length).
    values
        (steps,), the latent number.
    names, label
        As in `traversal`.
    columns
        Panels in a row.

    Returns
    -------
    list of Axes
        One per class, in order.
    """
    stack, moved = np.asarray(curves, dtype=float), np.asarray(values, dtype=float)
    _check_steps(stack, moved, axes=(3,))
    axes = panels(figure, len(stack), columns)
    colour = ScalarMappable(Normalize(moved.min(), moved.max()), colormaps[MEAN_MAP])
    for index, (ax, family) in enumerate(zip(axes, stack, strict=True)):
        for value, curve in zip(moved, family, strict=True):
            ax.plot(curve, color=colour.to_rgba(value), linewidth=1.3)  # pyright: ignore[reportArgumentType]
        if len(stack) > 1:
            text = names[index] if names is not None else f"class {index + 1}"
            ax.set_title(text, fontsize=8.5, fontweight="normal", color=MUTED, pad=3)
    bar = figure.colorbar(colour, ax=axes, shrink=0.85, pad=0.02, aspect=32)
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    bar.set_label(label)
    return axes


def _numbers(values: np.ndarray) -> list[str]:
    """With as many decimals as tell neighbours apart."""
    step = float(np.abs(np.diff(values)).min()) if len(values) > 1 else 1.0
    decimals = min(max(0, -math.floor(math.log10(step))), 9) if step > 0 else 2
    texts = [f"{value:.{decimals}f}" for value in values.round(decimals) + 0.0]  # no minus before zero
    return [text.replace("-", "−") for text in texts]  # a minus, as matplotlib writes it


def _check_steps(stack: np.ndarray, values: np.ndarray, axes: tuple[int, ...]) -> None:
    if stack.ndim not in axes or 0 in stack.shape or values.shape != stack.shape[1:2]:
        got = f"shapes {stack.shape} and {values.shape}"
        raise InputError("decoded samples (classes, steps, ...) and one value for each step", got, "model.decode(...)")
