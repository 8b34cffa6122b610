"""Points that a user gives, checked at the border."""

import numpy as np
from numpy.typing import ArrayLike

from latscape.campaign.learner import Starts
from latscape.campaign.space import Points, Space
from latscape.errors import InputError


def checked_points(points: ArrayLike, dim: int) -> Points:
    """Points (n, dim), or one (dim,), that are finite.

    Examples
    --------
    >>> checked_points([0.5, 1.0], 2)
    array([[0.5, 1. ]])
    """
    given = np.asarray(points, dtype=np.float64)
    given = given[None] if given.ndim == 1 else given
    if given.ndim != 2 or given.shape[1] != dim or not np.isfinite(given).all():
        raise InputError(f"finite points (n, {dim})", f"points of shape {given.shape}", "those of ask")
    return given


def checked_starts(starts: int | ArrayLike, space: Space, dim: int) -> Starts:
    """A number of random starts, or planned ones (k, dim), which must be feasible."""
    if isinstance(starts, int | np.integer):
        return int(starts)
    points = np.asarray(starts, dtype=np.float64)
    good = points.ndim == 2 and points.shape[1] == dim and np.isfinite(points).all()
    if not good or not np.asarray(space.contains(points)).all():
        expected = f"a number of starts, or feasible points (k, {dim})"
        raise InputError(expected, f"shape {points.shape}", "points of space.candidates()")
    return points
