"""Numbers of an ensemble over how many classes its members have."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from latscape.errors import InputError
from latscape.plot.style import FAINT, INK, PALETTE


def over_classes(
    ax: Axes,
    classes: Sequence[int],
    members: Sequence[Sequence[float]],
    *,
    label: str,
    middle: Sequence[float] | None = None,
    whole: bool = False,
    band: tuple[Sequence[float], Sequence[float]] | None = None,
    band_name: str = "",
    limit: bool = False,
) -> Line2D:
    """One number over the number of classes: a dot for each member, a line through the middle.

    Parameters
    ----------
    ax
        Where to draw.
    classes
        How many classes, once for each ensemble.
    members
        The number of every member of each ensemble; empty lists if members have none of their own.
    label
        Of the vertical axis.
    middle
        Of each ensemble; default: the mean over its members.
    whole
        Whether the numbers are whole ones.
    band
        Lower and upper end of a band around the middle.
    band_name
        What the band is, for the legend.
    limit
        Whether to draw the line on which the number is the number of classes.

    Returns
    -------
    Line2D
        The middle.

    Raises
    ------
    InputError
        If there is not one of everything for each number of classes.
    """
    lengths = {len(part) for part in (members, *([middle] if middle is not None else []), *(band or ()))}
    if not len(classes) or lengths != {len(classes)}:
        got = f"{sorted(lengths)} for {len(classes)}"
        raise InputError("one entry for each number of classes", got, "lists of one length")
    centre = [float(np.mean(values)) for values in members] if middle is None else list(middle)
    if band is not None:
        ax.fill_between(classes, *band, color=PALETTE[4], alpha=0.25, linewidth=0, label=band_name or None)
    if limit:
        ax.plot(classes, classes, color="#cfd6dc", linewidth=5.0, label="all in use")
    (line,) = ax.plot(classes, centre, color=PALETTE[0], marker=None if any(members) else "o", markersize=4, zorder=3)
    for count, values in zip(classes, members, strict=True):
        ax.scatter([count] * len(values), values, s=20, color="white", edgecolors=INK, linewidths=0.9, zorder=4)
    ax.set_xlabel("classes")
    ax.set_ylabel(label)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if whole:
        ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.margins(x=0.08)
    ax.grid(axis="y", color=FAINT, linewidth=0.6)
    if limit or band_name:
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.2)
    return line
