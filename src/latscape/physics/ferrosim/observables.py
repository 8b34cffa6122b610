"""What is read from a state or a loop. Arrays may be numpy or torch; a polarization is (..., 2, rows, columns).

x runs along the columns, y along the rows, one site is one unit of length.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError

Array = Any


def curl(p: Array, periodic: bool = False) -> Array:
    """dpy/dx - dpx/dy by central differences, one-sided at open edges, (..., rows, columns).

    Examples
    --------
    >>> y, x = np.mgrid[:5, :5]
    >>> float(curl(np.stack([-y, x]).astype(float)).max())  # a rigid rotation turns by 2 everywhere
    2.0
    """
    return _slope(p[..., 1, :, :], -1, periodic) - _slope(p[..., 0, :, :], -2, periodic)


def curl_sum(p: Array, periodic: bool = False) -> Array:
    """Sum of |curl| over the sites, (...): the target of the field histories."""
    return abs(curl(p, periodic)).sum((-2, -1))


def normalized(p: Array, least: float = 1e-12) -> Array:
    """Each site's vector made a unit vector; those shorter than `least` stay zero."""
    size = (p**2).sum(-3) ** 0.5
    return p * ((size > least) / (size + (size <= least)))[..., None, :, :]


def normalized_curl_sum(p: Array, periodic: bool = False) -> Array:
    """Sum of |curl| of the unit vectors, (...): how much the field turns, whatever its size."""
    return curl_sum(normalized(p), periodic)


def magnitude(p: Array) -> Array:
    """Mean length of the vectors, (...)."""
    return ((p**2).sum(-3) ** 0.5).mean((-2, -1))


def domain_walls(p: Array) -> Array:
    """Where neighbours point apart (p_i . p_j < 0): share of the bonds inside the lattice, (...).

    Examples
    --------
    >>> up = np.zeros((2, 4, 4))
    >>> up[1] = np.where(np.arange(4) < 2, 1, -1)  # one wall across four rows
    >>> float(24 * domain_walls(up))  # of 24 bonds
    4.0
    """
    along = (p[..., :, 1:] * p[..., :, :-1]).sum(-3) < 0
    across = (p[..., 1:, :] * p[..., :-1, :]).sum(-3) < 0
    rows, columns = p.shape[-2:]
    return (along.sum((-2, -1)) + across.sum((-2, -1))) / (rows * (columns - 1) + columns * (rows - 1))


def coercive_field(E: ArrayLike, mean: ArrayLike) -> float:
    """Half the distance of the fields where the mean polarization changes its sign upwards and downwards.

    Field and mean polarization along it are (steps,). NaN if the sign does not change in both directions.
    """
    up, down = crossings(E, mean)
    return float(0.5 * (np.mean(up) - np.mean(down))) if len(up) and len(down) else float("nan")


def crossings(E: ArrayLike, mean: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fields at which the mean polarization passes zero upwards, and those at which it does downwards."""
    field, p = _loop(E, mean)
    found = []
    for sign in (1.0, -1.0):
        k = np.flatnonzero((sign * p[:-1] < 0) & (sign * p[1:] >= 0))
        share = p[k] / (p[k] - p[k + 1])
        found.append(field[k] + share * (field[k + 1] - field[k]))
    return found[0], found[1]


def loop_area(E: ArrayLike, mean: ArrayLike) -> float:
    """Work done on a site along a history, the integral of E dp: the area of the loop where it is closed.

    Examples
    --------
    >>> t = np.linspace(0, 2 * np.pi, 1001)
    >>> loop_area(np.cos(t), np.sin(t))  # the unit circle
    3.14
    """
    field, p = _loop(E, mean)
    return float((0.5 * (field[1:] + field[:-1]) * np.diff(p)).sum())


def _loop(E: ArrayLike, mean: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    field, p = np.asarray(E, dtype=float), np.asarray(mean, dtype=float)
    if field.ndim != 1 or field.shape != p.shape or len(field) < 2:
        got = f"shapes {field.shape} and {p.shape}"
        raise InputError("field and polarization (steps,) of one history", got, "run.field[0, :, 1], run.mean[0, :, 1]")
    return field, p


def _slope(f: Array, axis: int, periodic: bool) -> Array:
    if isinstance(f, torch.Tensor):
        return 0.5 * (f.roll(-1, axis) - f.roll(1, axis)) if periodic else torch.gradient(f, dim=axis)[0]
    return 0.5 * (np.roll(f, -1, axis) - np.roll(f, 1, axis)) if periodic else np.gradient(f, axis=axis)
