"""Where samples lie in a latent space: content in a plane with its densities, and pose factors in their units."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray
from scipy.stats import gaussian_kde

from latscape.errors import InputError
from latscape.plot.styling import INK, MUTED, PALETTE, PER_CENT, dress

#: Colours are told apart up to their number; further groups get another marker and another dash.
MARKERS, DASHES = ("o", "^", "s", "D", "v", "P"), ("-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))
UNKNOWN = "#b4bdc5"
#: More dots than these hide each other.
MOST_DOTS = 4000


def latent_scatter(
    ax: Axes,
    points: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    names: Sequence[str] | None = None,
    title: str = "class",
    labels: tuple[str, str] = ("content 1", "content 2"),
) -> list[PathCollection]:
    """Two latent numbers of every sample, coloured by group, with the density of each group along the sides.

    Parameters
    ----------
    ax
        The densities are drawn in children of it, above and to the right.
    points
        (n, 2).
    groups
        (n,) whole numbers, indices into `names`; -1 = unknown, drawn in grey. Default: one group.
    names
        For the legend; default: 1, 2, ...

    Returns
    -------
    list of PathCollection
        The dots, in the order of the groups that have any; of more than `MOST_DOTS` samples, evenly chosen ones.

    Raises
    ------
    InputError
        For other shapes.
    """
    xy = np.asarray(points, dtype=float)
    member = np.zeros(len(xy), dtype=int) if groups is None else np.asarray(groups).astype(int)
    if xy.ndim != 2 or xy.shape[1] != 2 or not len(xy) or member.shape != xy.shape[:1]:
        got = f"shapes {xy.shape} and {member.shape}"
        raise InputError("points (n, 2) and one group for each", got, "model.transform(images)[:, :2]")
    top = ax.inset_axes((0.0, 1.02, 1.0, 0.17), sharex=ax)
    side = ax.inset_axes((1.02, 0.0, 0.17, 1.0), sharey=ax)
    few = np.zeros(len(xy), dtype=bool)
    few[:: -(-len(xy) // MOST_DOTS)] = True
    drawn = []
    for group in np.unique(member):
        color, marker, dash = _look(group)
        chosen = xy[(member == group) & few]
        if not len(chosen):
            continue
        name = "unknown" if group < 0 else names[group] if names is not None else str(group + 1)
        look = {"s": 9 if len(xy) > 500 else 18, "alpha": 0.6 if group >= 0 else 0.35}
        drawn.append(ax.scatter(*chosen.T, color=color, marker=marker, linewidths=0, label=name, **look))
        share = float(np.mean(member == group))
        for axis, side_ax in enumerate((top, side)):
            _outline(side_ax, xy[member == group, axis], share, color, dash, upright=axis == 0)
    for one, edge in ((top, "bottom"), (side, "left")):
        one.set_axis_off()
        one.spines[edge].set_visible(True)
    top.margins(y=0.0)
    side.margins(x=0.0)
    dress(ax, *labels, grid="both")
    ax.xaxis.set_major_locator(MaxNLocator(6))
    if groups is not None:
        rows = -(-len(drawn) // 14)
        legend = ax.legend(
            title=title, loc="upper left", bbox_to_anchor=(1.2, 1.0), ncols=rows, handletextpad=0.2, borderaxespad=0.0
        )
        for handle in legend.legend_handles:
            if isinstance(handle, PathCollection):
                handle.set_sizes([28])
                handle.set_alpha(1.0)
    return drawn


def pose_histogram(
    ax: Axes,
    values: ArrayLike,
    *,
    label: str,
    prior: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
    span: tuple[float, float] | None = None,
) -> BarContainer:
    """How one factor of the pose is spread over the samples, with its prior as a line.

    Parameters
    ----------
    values
        (n,) in the unit that the label names.
    label
        Of the horizontal axis.
    prior
        Density in that unit.
    span
        What is shown at least, so that values that hardly differ look so.

    Returns
    -------
    BarContainer
        The bars, whose heights are shares of the samples.

    Raises
    ------
    InputError
        If these are no finite numbers.
    """
    x = np.asarray(values, dtype=float)
    if x.ndim != 1 or not len(x) or not np.isfinite(x).all():
        raise InputError("finite values (n,)", f"shape {x.shape}", 'model.encode(images)["rotation"].mean[:, 0]')
    low, high = (float(end) for end in np.quantile(x, (0.001, 0.999)))
    shown = (min(low, span[0]), max(high, span[1])) if span else (low, high)
    width = max((high - low) / 40, (shown[1] - shown[0]) / 120) or 1.0
    count = max(1, round((high - low) / width))
    edges = (low + high) / 2 + width * (np.arange(count + 1) - count / 2)
    inside, share = x.clip(edges[0], edges[-1]), np.full(len(x), 1.0 / len(x))
    _, _, bars = ax.hist(inside, edges.tolist(), weights=share, color=PALETTE[4], edgecolor="white", linewidth=0.4)
    margin = 0.04 * max(shown[1] - shown[0], width)
    ax.set_xlim(min(shown[0], edges[0]) - margin, max(shown[1], edges[-1]) + margin)
    if prior is not None:
        grid = np.linspace(*ax.get_xlim(), 400)
        ax.plot(grid, prior(grid) * width, color=INK, linewidth=1.2, label="prior")
        ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2, handlelength=1.2)
    dress(ax, label, "share of samples", "y")
    ax.yaxis.set_major_formatter(PER_CENT)
    ax.tick_params(colors=MUTED, labelcolor=INK)
    assert isinstance(bars, BarContainer)
    return bars


def _look(group: int) -> tuple[str, str, object]:
    if group < 0:
        return UNKNOWN, "o", "-"
    turn, place = divmod(int(group), len(PALETTE))
    return PALETTE[place], MARKERS[turn % len(MARKERS)], DASHES[turn % len(DASHES)]


def _outline(ax: Axes, values: NDArray[np.float64], share: float, color: str, dash: object, *, upright: bool) -> None:
    """The density of a group, as high as its share of all samples."""
    if len(values) < 3 or np.ptp(values) < 1e-9 * max(1.0, float(np.abs(values).max())):
        return  # no density can be told
    margin = 0.06 * np.ptp(values)
    grid = np.linspace(values.min() - margin, values.max() + margin, 200)
    height = share * gaussian_kde(values)(grid)
    x, y = (grid, height) if upright else (height, grid)
    ax.plot(x, y, color=color, linestyle=dash, linewidth=1.1)  # pyright: ignore[reportArgumentType]
    (ax.fill_between if upright else ax.fill_betweenx)(grid, height, color=color, alpha=0.12, linewidth=0)
