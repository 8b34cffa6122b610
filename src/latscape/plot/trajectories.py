"""Trajectories over training cycles: the families they are drawn from, and single ones.

Figures 5a, 5c-e and 6c of Biswas et al. 2023, arXiv:2207.00128.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from latscape.errors import InputError
from latscape.plot.style import FAINT, MUTED, PALETTE, halo, spread

CYCLE, BETA = "training cycle", "weight β$_c$"


def families(
    ax: Axes, trajectories: ArrayLike, family: ArrayLike, names: Sequence[str], *, most: int = 12
) -> list[Line2D]:
    """Samples of every family, the first of each drawn strongly.

    Parameters
    ----------
    ax
        Where to draw.
    trajectories
        (n, length) values, one per cycle.
    family
        (n,) indices into `names`.
    names
        Names of the families, for the legend.
    most
        How many of each family to draw: more than a dozen make a grey wall.

    Returns
    -------
    list of Line2D
        The strong line of every family.

    Raises
    ------
    InputError
        If the shapes do not belong together.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> strong = families(Figure().subplots(), [[3, 2, 1], [1, 5, 1]], [0, 1], ["cooldown", "segments"])
    >>> [line.get_label() for line in strong]
    ['cooldown', 'segments']
    """
    values, member = np.asarray(trajectories, dtype=float), np.asarray(family)
    if values.ndim != 2 or member.shape != values.shape[:1]:
        got = f"shapes {values.shape} and {member.shape}"
        raise InputError("trajectories (n, length) and family (n,)", got, "space.trajectories_ and space.family_")
    cycles = np.arange(1, values.shape[1] + 1)
    strong = []
    for index, name in enumerate(names):
        color = PALETTE[index % len(PALETTE)]
        drawn = values[member == index][:most]
        ax.plot(cycles, drawn[1:].T, color=color, alpha=0.22, linewidth=0.9)
        strong += ax.plot(cycles, drawn[0], color=color, label=name, zorder=3)
    ax.legend(loc="upper center", ncols=len(names), bbox_to_anchor=(0.5, -0.15), handlelength=1.2)
    _dress(ax, values.shape[1])
    return strong


def trajectory(
    ax: Axes,
    beta: ArrayLike,
    *,
    label: str = "",
    color: str = PALETTE[0],
    overlays: Mapping[str, ArrayLike] | None = None,
    band: tuple[ArrayLike, ArrayLike] | None = None,
    high: float | None = None,
) -> Line2D:
    """One trajectory, with others for comparison, each named at the end of its line.

    Parameters
    ----------
    ax
        Where to draw.
    beta
        (length,) values, one per cycle.
    label
        Its name.
    color
        Its colour.
    overlays
        Further trajectories (length,) by name, drawn quietly behind.
    band
        Lower and upper limit (length,) of a band around it.
    high
        Upper end of the vertical axis; default: what the values need.

    Returns
    -------
    Line2D
        The line of `beta`.

    Raises
    ------
    InputError
        If a trajectory has another shape than `beta`.
    """
    values = _vector(beta, None)
    cycles = np.arange(1, len(values) + 1)
    if band is not None:
        lower, upper = (_vector(limit, len(values)) for limit in band)
        ax.fill_between(cycles, lower, upper, color=color, alpha=0.15, linewidth=0)
    others = {name: _vector(other, len(values)) for name, other in (overlays or {}).items()}
    for other, dashes in zip(others.values(), _dashes(), strict=False):
        ax.plot(cycles, other, color=MUTED, linewidth=1.1, linestyle=dashes, zorder=1)
    (line,) = ax.plot(cycles, values, color=color, linewidth=2.0, label=label, zorder=3)
    top = high if high is not None else 1.08 * max(values.max(), *(other.max() for other in others.values()), 0.0)
    ax.set_ylim(min(0.0, float(values.min())), top or 1.0)
    _dress(ax, len(values))
    named = {label: (values, color)} if label else {}
    named |= {name: (other, MUTED) for name, other in others.items()}
    _name_ends(ax, named, len(values))
    return line


def _name_ends(ax: Axes, named: Mapping[str, tuple[np.ndarray, str]], length: int) -> None:
    low, high = ax.get_ylim()
    ends = [float(np.clip(values[-1], low, high)) for values, _ in named.values()]
    placed = spread(ends, gap=0.085 * (high - low))
    for (name, (_, color)), height in zip(named.items(), placed, strict=True):
        text = ax.annotate(
            name, (length, height), xytext=(5, 0), textcoords="offset points", va="center", color=color, fontsize=8.5
        )
        halo(text)


def _dress(ax: Axes, length: int) -> None:
    ax.set_xlim(1, length)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(CYCLE)
    ax.set_ylabel(BETA)
    ax.grid(axis="y", color=FAINT, linewidth=0.6)


def _dashes() -> list[str | tuple[int, tuple[int, ...]]]:
    return [(0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2))]  # type: ignore[list-item]


def _vector(values: ArrayLike, length: int | None) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or not len(array) or (length is not None and len(array) != length):
        raise InputError(f"a trajectory of {length or 'some'} values", f"shape {array.shape}", "space.decode(point)[0]")
    return array
