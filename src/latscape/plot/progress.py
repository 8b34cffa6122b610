"""How a campaign and a training went: one number after the other."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from latscape.campaign.evaluation import Evaluation
from latscape.errors import InputError
from latscape.plot.styling import MARK, MUTED, PALETTE, color_of, dress, name_ends

#: How each role is drawn: name, marker, colour, size.
ROLES = {
    "start": ("random start", "o", PALETTE[4], 26),
    "acquired": ("acquired", "o", PALETTE[0], 30),
    "told": ("told", "D", PALETTE[2], 24),
    "optimum": ("max of GP mean", "o", MARK, 52),
}


def convergence(ax: Axes, evaluations: Sequence[Evaluation], *, label: str = "objective") -> Line2D:
    """Values in the order of evaluation, by role, with the best so far as a line, which is returned.

    Parameters
    ----------
    evaluations
        Failed ones are crosses at the foot of the axes; those still asked for are left out.

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
    look = {"color": MUTED, "linewidth": 1.2, "zorder": 1}
    (line,) = ax.step(number, np.maximum.accumulate(value), where="post", label="best so far", **look)
    for role, (name, marker, color, size) in ROLES.items():
        member = np.array([e.role == role for e in done])
        if member.any():
            style = {"edgecolors": "white", "linewidths": 0.8, "zorder": 3}
            ax.scatter(number[member], value[member], s=size, marker=marker, color=color, label=name, **style)  # pyright: ignore[reportArgumentType]
    if failed := [e.index + 1 for e in evaluations if e.status == "failed"]:
        foot = ax.get_xaxis_transform()  # data along x, axes fraction along y: a failure has no value
        cross = {"marker": "x", "s": 26, "color": MUTED, "zorder": 3}
        ax.scatter(failed, [0.04] * len(failed), transform=foot, label="failed", **cross)
    dress(ax, "evaluation", label, "y", whole="x")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=5, handletextpad=0.3, columnspacing=1.2)
    return line


def training_curves(
    ax: Axes, history: Mapping[str, Sequence[float]], *, names: Mapping[str, str] | None = None
) -> list[Line2D]:
    """Loss and its terms per epoch, each a line, in the order of `history`, that is named at its end.

    Parameters
    ----------
    history
        Lists of equal length by name, such as `VAE.history_` [nat per sample].
    names
        What to write for a name; default: the name with spaces.

    Raises
    ------
    InputError
        If the lists are empty or of different lengths.
    """
    lengths = {len(values) for values in history.values()}
    if len(lengths) != 1 or not lengths - {0}:
        raise InputError("lists of one length, at least 1", f"lengths {sorted(lengths)}", "model.history_")
    (length,) = lengths
    epochs, lines = np.arange(1, length + 1), []
    for index, (name, values) in enumerate(history.items()):
        lines += ax.plot(epochs, values, color=color_of(index), label=name)
    ax.set_yscale("symlog", linthresh=1.0)
    ax.set_xlim(1, max(length, 2))
    dress(ax, "epoch", "nat per sample", "y", whole="x")
    said = [(names or {}).get(name, name.replace("_", " ")) for name in history]
    ends = [values[-1] for values in history.values()]
    name_ends(ax, [(text, end, color_of(k)) for k, (text, end) in enumerate(zip(said, ends, strict=True))], gap=0.07)
    return lines
