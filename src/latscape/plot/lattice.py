"""From feasible points of a lattice to the matrix that a map is drawn from."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError

MOST_CELLS = 4096  # along one axis


def lattice(
    candidates: ArrayLike, values: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Feasible points of a lattice as axes x (nx,), y (ny,) and a matrix (ny, nx), NaN where there is no candidate.

    Examples
    --------
    >>> x, y, cells = lattice([[0, 0], [0, 1], [1, 0]], [1, 2, 3])
    >>> cells
    array([[ 1.,  3.],
           [ 2., nan]])
    """
    points, heights = np.asarray(candidates, dtype=float), np.asarray(values, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or heights.shape != points.shape[:1]:
        got = f"shapes {points.shape} and {heights.shape}"
        raise InputError("candidates (m, 2) and one value for each", got, "space.candidates()")
    (x, column), (y, row) = (_axis(coordinate) for coordinate in points.T)
    cells = np.full((len(y), len(x)), np.nan)
    cells[row, column] = heights
    return x, y, cells


def _axis(coordinate: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The equidistant axis that a coordinate lies on, gaps filled, and the place of each point on it."""
    present = np.unique(coordinate)
    if len(present) == 1:
        return present, np.zeros(len(coordinate), dtype=np.int64)
    place = (coordinate - present[0]) / np.diff(present).min()
    nearest = np.rint(place).astype(np.int64)
    if nearest.max() > MOST_CELLS or np.abs(place - nearest).max() > 0.1:
        raise InputError("candidates on a lattice", "scattered ones", "a space whose candidates() are a grid")
    return np.linspace(present[0], present[-1], nearest.max() + 1), nearest
