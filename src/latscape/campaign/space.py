"""Where a campaign may look: anything that can sample, tell what is feasible, list candidates and decode points."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch.quasirandom import SobolEngine

from latscape.checks import check_bounds
from latscape.errors import InputError

Points = NDArray[np.float64]
InitialPoints = int | Points  # how many random points to begin with, or which
Feasible = Callable[[Points], ArrayLike]
Decoder = Callable[[Points], ArrayLike]

ROUNDS = 64  # rounds of rejection sampling before random feasible candidates are taken instead


class Space(Protocol):
    """A feasible region of R^d and what its points stand for."""

    @property
    def dim(self) -> int:
        """Number of coordinates d of a point."""
        ...

    def sample(self, n: int, generator: np.random.Generator) -> Points:
        """`n` random feasible points, (n, d)."""
        ...

    def contains(self, x: Points) -> NDArray[np.bool_]:
        """Whether each point of `x (n, d)` is feasible, (n,)."""
        ...

    def candidates(self) -> Points:
        """The feasible points over which acquisitions are maximized, (m, d); the same at every call."""
        ...

    def decode(self, x: Points) -> NDArray:
        """What an evaluator is given for each point of `x (n, d)`, (n, ...)."""
        ...


@dataclass(frozen=True, eq=False)
class Box:
    """A rectangle, less what is not feasible: for a constant beta, or for the parameters of a family of curves.

    Parameters
    ----------
    bounds
        Low and high of each coordinate, (d, 2).
    feasible
        `(n, d) -> (n,)` of bool; default: all of the rectangle.
    grid
        How many candidates to lay over the rectangle, before infeasible ones are dropped. One coordinate: equidistant
        points. Two: a square lattice of about as many. More: scrambled Sobol points with a fixed seed, because a
        lattice would be too coarse.
    decoder
        `(n, d) -> (n, ...)`, what an evaluator is given; default: the point itself.

    Raises
    ------
    InputError
        For bounds that are not (d, 2), not finite or not increasing, and for a rectangle without a feasible candidate.

    Examples
    --------
    >>> disc = Box([(-1, 1), (-1, 1)], feasible=lambda x: (x**2).sum(1) < 1, grid=100)
    >>> disc.dim, disc.candidates().shape
    (2, (60, 2))
    >>> bool(disc.contains(disc.sample(5, np.random.default_rng(0))).all())
    True
    """

    bounds: ArrayLike
    feasible: Feasible | None = None
    grid: int = 4096
    decoder: Decoder | None = None

    def __post_init__(self) -> None:
        if self.grid < 1:
            raise InputError("at least one candidate", f"grid={self.grid}", "grid=4096")
        object.__setattr__(self, "bounds", check_bounds(self.bounds))

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self._limits)

    @property
    def _limits(self) -> Points:
        return np.asarray(self.bounds)

    def sample(self, n: int, generator: np.random.Generator) -> Points:
        """`n` points drawn uniformly from the feasible part, (n, d)."""
        low, high = self._limits.T
        found = np.empty((0, self.dim))
        for _ in range(ROUNDS):
            drawn = generator.uniform(low, high, size=(max(4 * n, 16), self.dim))
            found = np.concatenate([found, drawn[self.contains(drawn)]])
            if len(found) >= n:
                return found[:n]
        rest = generator.choice(self.candidates(), size=n - len(found))  # a sliver: rejection would take for ever
        return np.concatenate([found, rest])

    def contains(self, x: Points) -> NDArray[np.bool_]:
        """Whether each point of `x (n, d)` lies in the rectangle and is feasible, (n,)."""
        points = np.asarray(x, dtype=np.float64).reshape(-1, self.dim)
        low, high = self._limits.T
        inside = ((points >= low) & (points <= high)).all(axis=1)
        if self.feasible is not None and inside.any():
            inside[inside] = np.asarray(self.feasible(points[inside]), dtype=bool)
        return inside

    def candidates(self) -> Points:
        """Feasible points of the grid, (m, d)."""
        low, high = self._limits.T
        grid = low + (high - low) * _unit_grid(self.grid, self.dim)
        grid = np.clip(grid, low, high)  # low + (high - low) can overshoot high by one rounding
        kept = grid[self.contains(grid)]
        if len(kept) == 0:
            got = f"none among {len(grid)}"
            raise InputError("a rectangle with feasible points", got, "wider bounds, a finer grid")
        return kept

    def decode(self, x: Points) -> NDArray:
        """The points themselves, or what `decoder` makes of them, (n, ...)."""
        points = np.asarray(x, dtype=np.float64).reshape(-1, self.dim)
        return points if self.decoder is None else np.asarray(self.decoder(points))


def _unit_grid(size: int, dim: int) -> Points:
    """About `size` points that fill the unit cube evenly, (m, d)."""
    if dim > 2:
        return SobolEngine(dim, scramble=True, seed=0).draw(size, dtype=torch.float64).numpy()
    per_axis = max(round(size ** (1.0 / dim)), 1)
    axes = [np.linspace(0.0, 1.0, per_axis)] * dim
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, dim)


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


def checked_initial(n_initial: int | ArrayLike, space: Space, dim: int) -> InitialPoints:
    """A number of random points, or planned ones (k, dim), which must be feasible."""
    if isinstance(n_initial, int | np.integer):
        return int(n_initial)
    points = np.asarray(n_initial, dtype=np.float64)
    good = points.ndim == 2 and points.shape[1] == dim and np.isfinite(points).all()
    if not good or not np.asarray(space.contains(points)).all():
        expected = f"a number of initial points, or feasible points (k, {dim})"
        raise InputError(expected, f"shape {points.shape}", "points of space.candidates()")
    return points
