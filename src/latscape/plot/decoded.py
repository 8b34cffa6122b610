"""What a model makes of samples, beside them, and what it decodes while content moves along one axis."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from latscape.errors import InputError
from latscape.plot.images import show, tile
from latscape.plot.styling import FAINT, INK, MEAN_MAP, MUTED, PALETTE, class_name


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
    images
        (classes, steps, h, w) or (classes, steps, h, w, c) with c = 1 or 3.
    values
        (steps,), the latent number.
    names
        Of the rows; default: class 1, class 2, ..., and nothing for a single one.
    low, high
        Values drawn black and white.

    Raises
    ------
    InputError
        If there is not one value for each step.
    """
    stack, moved = np.asarray(images, dtype=float), np.asarray(values, dtype=float)
    _check_steps(stack, moved, axes=(4, 5))
    rows, steps, height, width = stack.shape[:4]
    gap = _gap(height)
    artist = show(ax, tile(stack.reshape(-1, *stack.shape[2:]), steps, gap=gap, blank=high), low, high)
    _frame(ax)
    texts = [class_name(names, row) if names is not None or rows > 1 else "" for row in range(rows)]
    ax.set_yticks([row * (height + gap) + (height - 1) / 2 for row in range(rows)], texts)
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
    curves
        (classes, steps, length).
    values
        (steps,), the latent number.
    names, label
        As in `traversal`.
    """
    stack, moved = np.asarray(curves, dtype=float), np.asarray(values, dtype=float)
    _check_steps(stack, moved, axes=(3,))
    axes = _panels(figure, len(stack), columns)
    colour = ScalarMappable(Normalize(moved.min(), moved.max()), colormaps[MEAN_MAP])
    for index, (ax, family) in enumerate(zip(axes, stack, strict=True)):
        for value, curve in zip(moved, family, strict=True):
            ax.plot(curve, color=colour.to_rgba(value), linewidth=1.3)  # pyright: ignore[reportArgumentType]
        if len(stack) > 1:
            ax.set_title(class_name(names, index), fontsize=8.5, fontweight="normal", color=MUTED, pad=3)
    bar = figure.colorbar(colour, ax=axes, shrink=0.85, pad=0.02, aspect=32)
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    bar.set_label(label)
    return axes


def reconstructions(
    ax: Axes,
    originals: ArrayLike,
    decoded: ArrayLike,
    *,
    columns: int = 10,
    low: float = 0.0,
    high: float = 1.0,
    names: tuple[str, str] = ("data", "model"),
) -> AxesImage:
    """Images in rows of `columns`, each row above what a model makes of it.

    Parameters
    ----------
    originals, decoded
        (n, h, w) or (n, h, w, c) with c = 1 or 3, of one shape.
    low, high
        Values drawn black and white.

    Raises
    ------
    InputError
        If these are not as many images as reconstructions, of one shape.
    """
    first, second = np.asarray(originals, dtype=float), np.asarray(decoded, dtype=float)
    _check_pairs(first, second, axes=(3, 4))
    columns = min(columns, len(first))
    height, gap = first.shape[1], _gap(first.shape[1])
    parts, centres = [], []
    for start in range(0, len(first), columns):
        for stack in (first, second):
            row = stack[start : start + columns]
            blank = np.full((columns - len(row), *row.shape[1:]), high)
            centres.append(sum(len(part) for part in parts) + (height - 1) / 2)
            parts.append(tile(np.concatenate([row, blank]), columns, gap=gap, blank=high))
            parts.append(np.full((gap if stack is first else 4 * gap, *parts[-1].shape[1:]), high))
    artist = show(ax, np.concatenate(parts[:-1]), low, high)
    _frame(ax)
    ax.set_xticks([])
    ax.set_yticks(centres, list(names) * (len(centres) // 2))
    return artist


def curve_reconstructions(
    figure: Figure | SubFigure,
    originals: ArrayLike,
    decoded: ArrayLike,
    *,
    columns: int = 4,
    names: tuple[str, str] = ("data", "model"),
) -> list[Axes]:
    """Curves with what a model makes of them drawn over, a panel for each pair.

    Parameters
    ----------
    originals, decoded
        (n, length), of one shape.

    Raises
    ------
    InputError
        If these are not as many curves as reconstructions, of one shape.
    """
    first, second = np.asarray(originals, dtype=float), np.asarray(decoded, dtype=float)
    _check_pairs(first, second, axes=(2,))
    axes = _panels(figure, len(first), columns)
    handles: list[Line2D] = []
    for ax, one, other in zip(axes, first, second, strict=True):
        handles = ax.plot(one, color="#9aa7b4", linewidth=2.2) + ax.plot(other, color=PALETTE[5], linewidth=1.2)
    figure.legend(handles, names, loc="outside upper right", ncols=2)
    return axes


def _panels(figure: Figure | SubFigure, count: int, columns: int) -> list[Axes]:
    """Small axes on common scales, those without neighbours below or to the left with numbers."""
    columns = min(columns, count)
    rows = -(-count // columns)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for ax in grid.ravel()[count:]:
        ax.set_axis_off()
    for above in grid[-2, count - (rows - 1) * columns :] if rows > 1 else []:
        above.tick_params(labelbottom=True)  # nothing stands below it
    for ax in grid.ravel()[:count]:
        ax.grid(color=FAINT, linewidth=0.6)
        ax.tick_params(labelsize=7.5, colors=MUTED, labelcolor=INK)
    figure.supxlabel("place along the curve", fontsize=9)
    return list(grid.ravel()[:count])


def _gap(height: int) -> int:
    """Pixels between neighbours, in proportion to the images."""
    return max(1, round(height / 24))


def _frame(ax: Axes) -> None:
    """No spines and no ticks, but room for names."""
    ax.set_axis_on()
    ax.tick_params(length=0, colors=MUTED, labelcolor=INK, labelsize=8.5)
    for spine in ax.spines.values():
        spine.set_visible(False)


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


def _check_pairs(first: np.ndarray, second: np.ndarray, axes: tuple[int, ...]) -> None:
    if first.ndim not in axes or 0 in first.shape or first.shape != second.shape:
        got = f"shapes {first.shape} and {second.shape}"
        raise InputError("samples and as many reconstructions of one shape", got, "model.reconstruct(samples)")
