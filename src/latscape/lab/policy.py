"""Where an experiment begins: on a grid, at objects found in the image, or at random to learn from there.

The three policies of the lecture on deep kernel learning, "4D STEM: grid, direct, and inverse". Each is the first
places of a campaign; what is left of its budget is then spent by its acquisition, so `grid` uses no model at all, and
`direct` goes on as `inverse` when it has seen all its objects. Any callable with the parameters of `Policy` is one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from latscape.errors import InputError

Finder = Callable[[NDArray], ArrayLike]


class InitialDesign(NamedTuple):
    """Where a campaign begins: points (k, d), or how many random ones; and how many evaluations there are in all."""

    points: int | NDArray[np.float64]
    budget: int


class Policy(Protocol):
    """Where an experiment begins."""

    def __call__(self, places: NDArray, image: NDArray, n_initial: int, budget: int) -> InitialDesign:
        """The initial design for places (m, 2) [pixel] of an image (h, w) or (h, w, c)."""
        ...


@dataclass(frozen=True)
class Inverse:
    """Random places first, to learn where to look."""

    def __call__(self, places: NDArray, image: NDArray, n_initial: int, budget: int) -> InitialDesign:
        """At most `budget` random places."""
        return InitialDesign(min(n_initial, budget), budget)


@dataclass(frozen=True)
class Direct:
    """Objects in the image first, for up to half the budget.

    `width` is that of the objects, see `bright_spots`.
    """

    width: float | None = None

    def __call__(self, places: NDArray, image: NDArray, n_initial: int, budget: int) -> InitialDesign:
        """The places nearest to bright spots."""
        find = partial(bright_spots, width=self.width)
        return InitialDesign(direct(places, image, max(budget // 2, 1), find), budget)


@dataclass(frozen=True)
class Grid:
    """A regular grid, there and back, and nothing else: no model is used."""

    def __call__(self, places: NDArray, image: NDArray, n_initial: int, budget: int) -> InitialDesign:
        """The whole budget, or what of it fits a grid."""
        points = grid(places, min(budget, len(places)))
        return InitialDesign(points, len(points))


def grid(coordinates: ArrayLike, count: int) -> NDArray[np.float64]:
    """At most `count` of the places (m, 2), on a regular grid over them, line by line, there and back.

    Examples
    --------
    >>> places = np.argwhere(np.ones((9, 9)))
    >>> grid(places, 4).tolist()
    [[2.0, 2.0], [2.0, 6.0], [6.0, 6.0], [6.0, 2.0]]
    """
    places = np.asarray(coordinates, dtype=np.float64)
    if count < 1 or places.ndim != 2 or places.shape[1] != 2:
        raise InputError("places (m, 2) and a count of at least 1", f"{places.shape}, {count}", "grid(places, 100)")
    low, size = places.min(axis=0), np.maximum(np.ptp(places, axis=0), 1e-9)
    rows = int(np.clip(round(np.sqrt(count * size[0] / size[1])), 1, count))
    columns = max(count // rows, 1)
    lines = []
    for i in range(rows):
        line = [(low + size * [(i + 0.5) / rows, (j + 0.5) / columns]) for j in range(columns)]
        lines += line[::-1] if i % 2 else line
    return _nearest(places, np.array(lines))


def direct(coordinates: ArrayLike, image: NDArray, count: int, find: Finder | None = None) -> NDArray[np.float64]:
    """At most `count` of the places (m, 2) [pixel], nearest to objects in the image, in the order these were found.

    The image is (h, w) or (h, w, c). Objects are what `find` finds, `image -> places (k, 2)`, the most important first:
    an atom finder, a particle finder; default `bright_spots`.

    Raises
    ------
    InputError
        If nothing was found.
    """
    places = np.asarray(coordinates, dtype=np.float64)
    found = np.asarray((find or bright_spots)(image), dtype=np.float64)
    if found.ndim != 2 or found.shape[1:] != (2,) or not len(found):
        raise InputError("a finder that gives places (k, 2), at least one", f"shape {found.shape}", "--policy inverse")
    return _nearest(places, found)[:count]


def _nearest(places: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The places nearest to points, each once, in order."""
    nearest = np.asarray(KDTree(places).query(points)[1])
    return places[list(dict.fromkeys(nearest.tolist()))]


def bright_spots(image: NDArray, width: float | None = None) -> NDArray[np.float64]:
    """Centres of what stands out from its surroundings, brightest first, (k, 2) [pixel].

    Maxima of the difference of two Gaussians (`width` and twice that; default a 40th of the shorter side) that lie a
    standard deviation above its mean.

    Examples
    --------
    >>> image = np.zeros((40, 40))
    >>> image[10, 30], image[25, 5] = 9.0, 5.0
    >>> bright_spots(image).tolist()
    [[10.0, 30.0], [25.0, 5.0]]
    """
    picture = np.asarray(image, dtype=np.float64)
    picture = picture.mean(axis=2) if picture.ndim == 3 else picture
    sigma = max(min(picture.shape) / 40, 1.0) if width is None else width
    outstanding = ndimage.gaussian_filter(picture, sigma) - ndimage.gaussian_filter(picture, 2 * sigma)
    peaks = ndimage.maximum_filter(outstanding, size=int(4 * sigma) | 1) == outstanding
    peaks &= outstanding > outstanding.mean() + outstanding.std()
    places = np.argwhere(peaks)
    return places[np.argsort(-outstanding[tuple(places.T)], kind="stable")].astype(np.float64)
