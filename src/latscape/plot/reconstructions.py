"""Samples beside, or below, what a model makes of them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from latscape.errors import InputError
from latscape.plot.images import show, tile
from latscape.plot.style import PALETTE
from latscape.plot.tiles import frame_of_tiles, gap_of, panels


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
    ax
        Where to draw.
    originals, decoded
        (n, h, w) or (n, h, w, c) with c = 1 or 3, of one shape.
    columns
        Pairs in a row.
    low, high
        Values drawn black and white.
    names
        Of the two kinds of rows.

    Returns
    -------
    AxesImage
        Of the tiled array.

    Raises
    ------
    InputError
        If these are not as many images as reconstructions, of one shape.
    """
    first, second = np.asarray(originals, dtype=float), np.asarray(decoded, dtype=float)
    _check_pairs(first, second, axes=(3, 4))
    columns = min(columns, len(first))
    height, gap = first.shape[1], gap_of(first.shape[1])
    parts, centres = [], []
    for start in range(0, len(first), columns):
        for stack in (first, second):
            row = stack[start : start + columns]
            blank = np.full((columns - len(row), *row.shape[1:]), high)
            centres.append(sum(len(part) for part in parts) + (height - 1) / 2)
            parts.append(tile(np.concatenate([row, blank]), columns, gap=gap, blank=high))
            parts.append(np.full((gap if stack is first else 4 * gap, *parts[-1].shape[1:]), high))
    artist = show(ax, np.concatenate(parts[:-1]), low, high)
    frame_of_tiles(ax)
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
    figure
        An empty figure or subfigure, which is filled.
    originals, decoded
        (n, length), of one shape.
    columns
        Panels in a row.
    names
        Of the two lines.

    Returns
    -------
    list of Axes
        One per pair, in order.

    Raises
    ------
    InputError
        If these are not as many curves as reconstructions, of one shape.
    """
    first, second = np.asarray(originals, dtype=float), np.asarray(decoded, dtype=float)
    _check_pairs(first, second, axes=(2,))
    axes = panels(figure, len(first), columns)
    handles: list[Line2D] = []
    for ax, one, other in zip(axes, first, second, strict=True):
        handles = ax.plot(one, color="#9aa7b4", linewidth=2.2) + ax.plot(other, color=PALETTE[5], linewidth=1.2)
    figure.legend(handles, names, loc="outside upper right", ncols=2)
    return axes


def _check_pairs(first: np.ndarray, second: np.ndarray, axes: tuple[int, ...]) -> None:
    if first.ndim not in axes or 0 in first.shape or first.shape != second.shape:
        got = f"shapes {first.shape} and {second.shape}"
        raise InputError("samples and as many reconstructions of one shape", got, "model.reconstruct(samples)")
