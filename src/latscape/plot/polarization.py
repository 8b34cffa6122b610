"""Pictures of a ferroelectric: arrows, angles, the curl, a loop, and a movie of a history."""

import matplotlib as mpl
import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.quiver import Quiver
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError
from latscape.plot.styling import FAINT, INK, MARK, PALETTE, colorbar, dress

ANGLE_MAP, CURL_MAP = "twilight", "RdBu_r"


def quiver(ax: Axes, state: ArrayLike, *, scale: float | None = None) -> Quiver:
    """An arrow at every site, coloured by its angle.

    Parameters
    ----------
    ax
        x runs along the columns, y upwards along the rows.
    state
        Polarization (2, rows, columns).
    scale
        Polarization of an arrow one site long; default: the longest.

    Raises
    ------
    InputError
        For another shape.
    """
    p = _state(state)
    longest = float(np.hypot(*p).max()) or 1.0
    size = longest if scale is None else scale
    y, x = np.mgrid[: p.shape[1], : p.shape[2]]
    one_site = {"angles": "xy", "scale_units": "xy", "scale": 1.0}
    look = {"cmap": mpl.colormaps[ANGLE_MAP], "clim": (-np.pi, np.pi), "pivot": "mid", "width": 0.007}
    arrows = ax.quiver(x, y, *(p / size), np.arctan2(p[1], p[0]), **one_site, **look)
    _sites(ax, p)
    return arrows


def polarization_angle(ax: Axes, state: ArrayLike) -> AxesImage:
    """The angle of every site's polarization to the x axis [rad], paler where it is short."""
    p = _state(state)
    length = np.hypot(*p)
    strength = np.clip(length / (np.quantile(length, 0.95) or 1.0), 0.0, 1.0)
    turn = {"cmap": ANGLE_MAP, "vmin": -np.pi, "vmax": np.pi}
    image = ax.imshow(np.arctan2(p[1], p[0]), origin="lower", alpha=0.25 + 0.75 * strength, **turn)
    _sites(ax, p)
    colorbar(ax, image, "angle [rad]")
    return image


def curl_map(ax: Axes, curl: ArrayLike, *, limit: float | None = None) -> AxesImage:
    """The curl at every site, (rows, columns), on a scale from -limit to limit."""
    values = np.asarray(curl, dtype=float)
    most = limit or float(np.abs(values).max()) or 1.0
    image = ax.imshow(values, cmap=CURL_MAP, vmin=-most, vmax=most, origin="lower")
    ax.set(xticks=[], yticks=[])
    colorbar(ax, image, "curl")
    return image


def hysteresis_loop(ax: Axes, E: ArrayLike, mean: ArrayLike, *, color: str = PALETTE[0], label: str = "") -> Line2D:
    """Mean polarization over the field along it, both (steps,), with an open circle at the start."""
    field, p = np.asarray(E, dtype=float), np.asarray(mean, dtype=float)
    if field.ndim != 1 or field.shape != p.shape:
        raise InputError("field and polarization (steps,)", f"shapes {field.shape} and {p.shape}", "of one history")
    ax.axhline(0.0, color=FAINT, linewidth=0.8)
    ax.axvline(0.0, color=FAINT, linewidth=0.8)
    (line,) = ax.plot(field, p, color=color, label=label)
    ax.plot(field[:1], p[:1], "o", color="white", markeredgecolor=color, markersize=5)
    dress(ax, "field E$_y$", "mean polarization")
    return line


def polarization_movie(
    figure: Figure, frames: ArrayLike, E: ArrayLike, kept: ArrayLike, *, interval: int = 50
) -> FuncAnimation:
    """A history as it goes: the arrows of every kept state, and where in the field's course it is.

    Parameters
    ----------
    frames
        States (frames, 2, rows, columns), as `Run.frames[i]`.
    E
        Field (steps,).
    kept
        Steps of the frames, as `Run.kept`.
    interval
        Time of a frame [ms].

    Returns
    -------
    FuncAnimation
        `.save("history.gif", writer="pillow")` writes it.
    """
    states, field, steps = np.asarray(frames, dtype=float), np.asarray(E, dtype=float), np.asarray(kept)
    if states.ndim != 4 or len(states) != len(steps) or field.ndim != 1:
        got = f"shapes {states.shape}, {field.shape} and {steps.shape}"
        raise InputError("frames (n, 2, rows, columns), E (steps,), kept (n,)", got, "run.frames[0], ..., run.kept")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.2))
    size = float(np.hypot(states[:, 0], states[:, 1]).max()) or 1.0
    arrows = quiver(left, states[0], scale=size)
    right.plot(np.arange(len(field)), field, color=PALETTE[0])
    dress(right, "step", "field E$_y$")
    (dot,) = right.plot(steps[:1], field[steps[:1]], "o", color=MARK)

    def show(k: int) -> tuple[Quiver, Line2D]:
        x, y = states[k] / size
        arrows.set_UVC(x, y, np.arctan2(y, x))
        dot.set_data(steps[k : k + 1], field[steps[k : k + 1]])
        return arrows, dot

    return FuncAnimation(figure, show, frames=len(states), interval=interval)


def _state(state: ArrayLike) -> NDArray[np.floating]:
    p = np.asarray(state, dtype=float)
    if p.ndim != 3 or p.shape[0] != 2:
        raise InputError("a state (2, rows, columns)", f"shape {p.shape}", "run.final[0]")
    return p


def _sites(ax: Axes, p: NDArray[np.floating]) -> None:
    ax.set(xlim=(-0.8, p.shape[2] - 0.2), ylim=(-0.8, p.shape[1] - 0.2), aspect="equal", xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_color(INK)
