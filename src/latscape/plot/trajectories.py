"""Trajectories over epochs: the families they are drawn from, and single ones.

Figures 5a, 5c-e and 6c of Biswas et al. 2023, arXiv:2207.00128.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from latscape.errors import InputError
from latscape.plot.styling import MUTED, PALETTE, color_of, dress, name_ends

EPOCH, BETA = "epoch", "weight β$_c$"
DASHES = ((0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))  # of those for comparison


def trajectory_families(
    ax: Axes, trajectories: ArrayLike, family: ArrayLike, names: Sequence[str], *, most: int = 12
) -> list[Line2D]:
    """Samples of every family, the first of each drawn strongly, which are returned.

    Parameters
    ----------
    trajectories
        (n, length) values, one per epoch.
    family
        (n,) indices into `names`.
    most
        How many of each family to draw: more than a dozen make a grey wall.

    Raises
    ------
    InputError
        If the shapes do not belong together.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> strong = trajectory_families(Figure().subplots(), [[3, 2, 1], [1, 5, 1]], [0, 1], ["cooldown", "segments"])
    >>> [line.get_label() for line in strong]
    ['cooldown', 'segments']
    """
    values, member = np.asarray(trajectories, dtype=float), np.asarray(family)
    if values.ndim != 2 or member.shape != values.shape[:1]:
        got = f"shapes {values.shape} and {member.shape}"
        raise InputError("trajectories (n, length) and family (n,)", got, "space.trajectories_ and space.family_")
    epochs = np.arange(1, values.shape[1] + 1)
    strong = []
    for index, name in enumerate(names):
        drawn = values[member == index][:most]
        ax.plot(epochs, drawn[1:].T, color=color_of(index), alpha=0.22, linewidth=0.9)
        strong += ax.plot(epochs, drawn[0], color=color_of(index), label=name, zorder=3)
    ax.legend(loc="upper center", ncols=len(names), bbox_to_anchor=(0.5, -0.15), handlelength=1.2)
    _over_epochs(ax, values.shape[1])
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
    """One trajectory, whose line is returned, with others for comparison, each named at the end of its line.

    Parameters
    ----------
    beta
        (length,) values, one per epoch.
    overlays
        Further trajectories (length,) by name, drawn quietly behind.
    band
        Lower and upper limit (length,) of a band around it.
    high
        Upper end of the vertical axis; default: what the values need.

    Raises
    ------
    InputError
        If a trajectory has another shape than `beta`.
    """
    values = _vector(beta, None)
    epochs = np.arange(1, len(values) + 1)
    if band is not None:
        lower, upper = (_vector(limit, len(values)) for limit in band)
        ax.fill_between(epochs, lower, upper, color=color, alpha=0.15, linewidth=0)
    others = {name: _vector(other, len(values)) for name, other in (overlays or {}).items()}
    for other, dashes in zip(others.values(), DASHES, strict=False):
        ax.plot(epochs, other, color=MUTED, linewidth=1.1, linestyle=dashes, zorder=1)
    (line,) = ax.plot(epochs, values, color=color, linewidth=2.0, label=label, zorder=3)
    top = high if high is not None else 1.08 * max(values.max(), *(other.max() for other in others.values()), 0.0)
    ax.set_ylim(min(0.0, float(values.min())), top or 1.0)
    _over_epochs(ax, len(values))
    own = [(label, values[-1], color)] if label else []
    name_ends(ax, own + [(name, other[-1], MUTED) for name, other in others.items()], gap=0.085)
    return line


def _over_epochs(ax: Axes, length: int) -> None:
    ax.set_xlim(1, length)
    dress(ax, EPOCH, BETA, "y", whole="x")


def _vector(values: ArrayLike, length: int | None) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or not len(array) or (length is not None and len(array) != length):
        raise InputError(f"a trajectory of {length or 'some'} values", f"shape {array.shape}", "space.decode(point)[0]")
    return array
