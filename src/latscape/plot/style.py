"""One look for all figures: quiet axes, colours that colour-blind people tell apart, perceptually uniform maps."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from sklearn.isotonic import isotonic_regression

#: Okabe and Ito's palette, from its strongest members on; nobody needs yellow lines on white.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
INK, MUTED, FAINT = "#1c2733", "#667380", "#d5dbe1"
INFEASIBLE, FEASIBLE = "#5b6670", "#f3f5f7"
#: The two marks of Biswas et al. 2023, fig. 6, are red; this red stays apart from both maps for all viewers.
MARK = "#D7263D"
MEAN_MAP, STD_MAP, IMAGE_MAP = "viridis", "cividis", "gray"

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


def style() -> AbstractContextManager[None]:
    """The look of the report, for the figures made inside the `with` block.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> with style():
    ...     ax = Figure().subplots()
    >>> bool(ax.spines["top"].get_visible())
    False
    """
    return mpl.rc_context(RC)  # pyright: ignore[reportArgumentType]


def halo(artist: Text, width: float = 2.5) -> Text:
    """A white rim, so that text stays legible on a map."""
    artist.set_path_effects([withStroke(linewidth=width, foreground="white", alpha=0.9)])
    return artist


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
