"""One look for all figures: quiet axes, colours that colour-blind people tell apart, perceptually uniform maps."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import ArrayLike
from sklearn.isotonic import isotonic_regression

#: Okabe and Ito's palette, from its strongest members on; nobody needs yellow lines on white.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
INK, MUTED, FAINT = "#1c2733", "#667380", "#d5dbe1"
INFEASIBLE, FEASIBLE = "#5b6670", "#f3f5f7"
#: The two marks of Biswas et al. 2023, fig. 6, are red; this red stays apart from both maps for all viewers.
MARK = "#D7263D"
MEAN_MAP, STD_MAP, IMAGE_MAP = "viridis", "cividis", "gray"
PER_CENT = FuncFormatter(lambda share, _: f"{round(100 * share, 6):g}%")

RC: dict[str, Any] = {
    "figure.facecolor": "white",
    "figure.dpi": 100,
    "savefig.facecolor": "white",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same figure on every machine
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": 8.5,
}


def report_style() -> AbstractContextManager[None]:
    """The look of the report, for the figures made inside the `with` block.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> with report_style():
    ...     ax = Figure().subplots()
    >>> bool(ax.spines["top"].get_visible())
    False
    """
    return mpl.rc_context(RC)  # pyright: ignore[reportArgumentType]


def color_of(index: int) -> str:
    """The colour of a line, class or family by its number; after the last comes the first again."""
    return PALETTE[index % len(PALETTE)]


def class_name(names: Sequence[str] | None, index: int) -> str:
    """What is written for a class: its name, or class 1, class 2, ... where none are given."""
    return f"class {index + 1}" if names is None else names[index]


def dress(ax: Axes, x: str, y: str, grid: Literal["x", "y", "both"] | None = None, whole: str = "") -> None:
    """Names of both axes, a faint grid across one or both of them, and whole numbers along "x", "y" or "xy"."""
    ax.set(xlabel=x, ylabel=y)
    if grid is not None:
        ax.grid(axis=grid, color=FAINT, linewidth=0.6)
    for letter in whole:
        getattr(ax, f"{letter}axis").set_major_locator(MaxNLocator(integer=True))


def color_ends(
    values: ArrayLike, low: float = 1.0, high: float = 99.0, *, span: tuple[float, float] | None = None
) -> dict[str, Any]:
    """`vmin` and `vmax`: a span, or percentiles of the finite values, apart even if all are alike or there are none."""
    if span is None:
        numbers = np.asarray(values, dtype=float)
        finite = numbers[np.isfinite(numbers)]
        first, last = np.percentile(finite, (low, high)) if len(finite) else (0.0, 1.0)
        span = float(first), float(last if last > first else first + 1.0)
    return {"vmin": span[0], "vmax": span[1]}


def text_beside(ax: Axes, text: str, at: tuple[float, float], shift: float = 5.0, **look: Any) -> Text:
    """A word to the right of a point, or to the left for a negative shift [points], with a white rim."""
    side = "left" if shift > 0 else "right"
    written = ax.annotate(text, at, xytext=(shift, 0), textcoords="offset points", ha=side, va="center", **look)
    # The rim keeps text legible on a map.
    written.set_path_effects([withStroke(linewidth=2.5, foreground="white", alpha=0.9)])
    return written


def name_ends(ax: Axes, ends: Sequence[tuple[str, float, str]], gap: float) -> None:
    """Names of lines (name, last value, colour) at the right edge, beside the axes and `gap` of their height apart."""
    ax.get_ylim()  # settles the limits, on which the transform below depends
    to_axes = ax.transData + ax.transAxes.inverted()
    heights = [float(np.clip(to_axes.transform((1.0, value))[1], 0.0, 1.0)) for _, value, _ in ends]
    placed, ramp = np.array(spread(heights, gap)), gap * np.arange(len(ends))
    order = np.argsort(placed)
    placed[order] = placed[order].clip(ramp, np.maximum(1.0 - ramp[::-1], ramp))  # none among the ticks below
    for (name, _, color), height in zip(ends, placed, strict=True):
        text_beside(ax, name, (1.0, height), xycoords="axes fraction", color=color, fontsize=8.5)


def colorbar(ax: Axes, mappable: ScalarMappable, label: str) -> Axes:
    """A slim colour bar inside a child of `ax`, which therefore takes no room from its neighbours."""
    child = ax.inset_axes((1.03, 0.0, 0.035, 1.0))
    figure = ax.get_figure(root=True)
    assert figure is not None
    bar = figure.colorbar(mappable, cax=child)
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    bar.set_label(label)
    return child


def spread(heights: Sequence[float], gap: float) -> list[float]:
    """Heights moved apart until neighbours are at least `gap` away, in their own order; for labels of lines.

    Examples
    --------
    >>> spread([0.0, 10.0, 0.5], gap=2.0)
    [-0.75, 10.0, 1.25]
    """
    if not heights:
        return []
    order = np.argsort(heights, kind="stable")
    ramp = gap * np.arange(len(order))
    placed = np.empty(len(order))
    placed[order] = isotonic_regression(np.asarray(heights, dtype=float)[order] - ramp) + ramp
    return placed.tolist()
