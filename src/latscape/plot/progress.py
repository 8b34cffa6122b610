"""How a campaign and a training went: one number after the other."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from latscape.campaign.evaluation import Evaluation
from latscape.errors import InputError
from latscape.plot.style import FAINT, MARK, MUTED, PALETTE, halo, spread

#: How each role is drawn: name, marker, colour, size.
ROLES = {
    "start": ("random start", "o", PALETTE[4], 26),
    "acquired": ("acquired", "o", PALETTE[0], 30),
    "told": ("told", "D", PALETTE[2], 24),
    "optimum": ("max of GP mean", "o", MARK, 52),
}


def convergence(ax: Axes, evaluations: Sequence[Evaluation], *, label: str = "objective") -> Line2D:
    """Values in the order of evaluation, by role, with the best so far as a line.

    Parameters
    ----------
    ax
        Where to draw.
    evaluations
        Failed ones are crosses at the foot of the axes; those still asked for are left out.
    label
        Of the vertical axis.

    Returns
    -------
    Line2D
        The best so far, number of the evaluation against value.

    Raises
    ------
    InputError
        If no evaluation has a value.
    """
    done = [e for e in evaluations if e.value is not None]
    if not done:
        raise InputError("an evaluation with a value", "none", "the record of a campaign that evaluated something")
    number = np.array([e.index + 1 for e in done])
    value = np.array([e.value for e in done], dtype=float)
    (line,) = ax.step(
        number, np.maximum.accumulate(value), where="post", color=MUTED, linewidth=1.2, label="best so far", zorder=1
    )
    for role, (name, marker, color, size) in ROLES.items():
        member = np.array([e.role == role for e in done])
        if member.any():
            style = {"edgecolors": "white", "linewidths": 0.8, "zorder": 3}
            ax.scatter(number[member], value[member], s=size, marker=marker, color=color, label=name, **style)  # pyright: ignore[reportArgumentType]
    _failures(ax, [e.index + 1 for e in evaluations if e.status == "failed"])
    ax.set_xlabel("evaluation")
    ax.set_ylabel(label)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(axis="y", color=FAINT, linewidth=0.6)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=5, handletextpad=0.3, columnspacing=1.2)
    return line


def _failures(ax: Axes, numbers: Sequence[int]) -> PathCollection | None:
    if not numbers:
        return None
    foot = ax.get_xaxis_transform()  # data along x, axes fraction along y: a failure has no value
    return ax.scatter(
        numbers, [0.04] * len(numbers), marker="x", s=26, color=MUTED, transform=foot, label="failed", zorder=3
    )


def training(
    ax: Axes, history: Mapping[str, Sequence[float]], *, names: Mapping[str, str] | None = None
) -> list[Line2D]:
    """Loss and its terms per cycle, each named at the end of its line.

    Parameters
    ----------
    ax
        Where to draw.
    history
        Lists of equal length by name, such as `VAE.history_` [nat per sample].
    names
        What to write for a name; default: the name with spaces.

    Returns
    -------
    list of Line2D
        One per name, in order.

    Raises
    ------
    InputError
        If the lists are empty or of different lengths.
    """
    lengths = {len(values) for values in history.values()}
    if len(lengths) != 1 or not lengths - {0}:
        raise InputError("lists of one length, at least 1", f"lengths {sorted(lengths)}", "model.history_")
    (length,) = lengths
    cycles, lines = np.arange(1, length + 1), []
    for index, (name, values) in enumerate(history.items()):
        lines += ax.plot(cycles, values, color=PALETTE[index % len(PALETTE)], label=name)
    ax.set_yscale("symlog", linthresh=1.0)
    ax.set_xlim(1, max(length, 2))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("training cycle")
    ax.set_ylabel("nat per sample")
    ax.grid(axis="y", color=FAINT, linewidth=0.6)
    _name_lines(ax, history, lines, length, names or {})
    return lines


def _name_lines(
    ax: Axes, history: Mapping[str, Sequence[float]], lines: Sequence[Line2D], length: int, names: Mapping[str, str]
) -> None:
    ax.get_ylim()  # settles the limits, on which the transform below depends
    to_axes = ax.transData + ax.transAxes.inverted()
    ends = [float(to_axes.transform((length, values[-1]))[1]) for values in history.values()]
    for (name, line), height in zip(zip(history, lines, strict=True), spread(ends, gap=0.07), strict=True):
        text = ax.annotate(
            names.get(name, name.replace("_", " ")),
            (1.0, height),
            xycoords="axes fraction",
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=line.get_color(),
            fontsize=8.5,
        )
        halo(text)
