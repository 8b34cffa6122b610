"""Clusters of particles as they assemble on a substrate: compact, with an astray particle now and then."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError

_STEPS = np.array([[1, 0], [0, 1], [-1, 1], [-1, 0], [0, -1], [1, -1]])  # to the neighbours of a hexagonal lattice
_LATTICE = np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of up to n particles on the plane z = 0; `cross_sections(c.positions, c.semiaxes, ..., axes=c.axes)`.

    Parameters
    ----------
    counts
        (clusters,) particles of each.
    positions
        (clusters, n, 3) centres [nm], those of a cluster about 0.
    semiaxes
        (clusters, n, 3) [nm], the first the long one; 0 where there is no particle.
    axes
        (clusters, n, 3, 3) rows: directions of the semiaxes, the long one in the plane.
    """

    counts: NDArray[np.int64]
    positions: NDArray[np.float64]
    semiaxes: NDArray[np.float64]
    axes: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.counts)


def assemble(
    counts: ArrayLike,
    generator: np.random.Generator,
    *,
    radius: float = 24.0,
    spread: float = 0.15,
    dispersity: float = 0.06,
    jitter: float = 0.06,
    gap: tuple[float, float] = (0.5, 0.6),
    astray: float = 0.05,
    rods: float = 0.05,
) -> Clusters:
    """Grow clusters: each next particle takes the place that keeps the cluster most compact.

    That is how particles come to lie that capillary forces pull together: pair, triangle, rhombus, trapezoid, and for
    seven a flower.

    Parameters
    ----------
    counts
        (clusters,) particles of each, at least 1.
    radius
        Median of the mean radius of a cluster [nm], kept within two thirds and three halves of it.
    spread, dispersity
        Standard deviations of the logarithm of the radius: of clusters, and of the particles of one cluster.
    jitter
        Standard deviation of places along x and y [mean radii].
    gap
        Range of the tightest gap of a cluster [radii of the larger of the two]; below 0.5 coupled dipoles fail.
    astray
        Chance of a particle to take any free place beside another one instead.
    rods
        Chance of a particle to be a rod, 1.3 to 1.8 times as long as wide.

    Raises
    ------
    InputError
        For counts below one.

    Examples
    --------
    >>> made = assemble([1, 7], np.random.default_rng(0))
    >>> made.positions.shape, (made.semiaxes[..., 0] > 0).sum(axis=1)
    ((2, 7, 3), array([1, 7]))
    """
    numbers = np.asarray(counts)
    if numbers.ndim != 1 or len(numbers) == 0 or numbers.dtype.kind not in "iu" or numbers.min() < 1:
        raise InputError("a vector of counts of at least 1", repr(counts), "assemble([1, 2, 3], generator)")
    shape = len(numbers), int(numbers.max())
    positions, semiaxes = np.zeros((*shape, 3)), np.zeros((*shape, 3))
    axes = np.tile(np.eye(3), (*shape, 1, 1))
    for row, n in enumerate(numbers):
        mean = radius * np.clip(np.exp(spread * generator.standard_normal()), 2 / 3, 3 / 2)
        small = mean * np.exp(dispersity * np.clip(generator.standard_normal(n), -2, 2))
        aspect = np.where(generator.random(n) < rods, generator.uniform(1.3, 1.8, size=n), 1.0)
        sizes = small[:, None] * aspect[:, None] ** np.array([2 / 3, -1 / 3, -1 / 3])  # as much gold as in a sphere
        places = grow(n, astray, generator) @ _LATTICE * 2.5 * mean + jitter * mean * generator.standard_normal((n, 2))
        places = loosened(places, sizes[:, 0], generator.uniform(*gap))
        positions[row, :n, :2], semiaxes[row, :n] = places - places.mean(axis=0), sizes
        axes[row, :n, :2, :2] = _turned(np.pi * generator.random(n))
    return Clusters(numbers.astype(np.int64), positions, semiaxes, axes)


def grow(n: int, astray: float, generator: np.random.Generator) -> NDArray[np.int64]:
    """Places (n, 2) on the hexagonal lattice, the next one always where the second moment is least.

    Examples
    --------
    >>> grow(4, 0.0, np.random.default_rng(0)).tolist()
    [[0, 0], [1, 0], [1, -1], [2, -1]]
    """
    taken = [(0, 0)]
    while len(taken) < n:
        free = sorted({(i + di, j + dj) for i, j in taken for di, dj in _STEPS.tolist()} - set(taken))
        if generator.random() < astray:
            taken.append(free[generator.integers(len(free))])
        else:
            taken.append(min(free, key=lambda place: (_moment([*taken, place]), -place[0], -place[1])))
    return np.array(taken)


def loosened(places: NDArray[np.float64], reach: NDArray[np.float64], gap: float) -> NDArray[np.float64]:
    """Places (n, 2) scaled so that the tightest gap is `gap` times the larger reach of the two particles.

    Examples
    --------
    >>> loosened(np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([10.0, 20.0]), 0.5).tolist()
    [[0.0, 0.0], [40.0, 0.0]]
    """
    one, other = np.triu_indices(len(places), 1)
    if len(one) == 0:
        return places
    needed = reach[one] + reach[other] + gap * np.maximum(reach[one], reach[other])
    return places * (needed / np.linalg.norm(places[one] - places[other], axis=1)).max()


def _moment(places: list[tuple[int, int]]) -> float:
    points = np.array(places) @ _LATTICE
    return round(float(((points - points.mean(axis=0)) ** 2).sum()), 6)


def _turned(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([cosine, sine], axis=-1), np.stack([-sine, cosine], axis=-1)], axis=-2)
