"""Places of a sample as a space: a patch of a cheap image is known at each of them, a costly measurement at none."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from latscape.campaign.space import Points, Space
from latscape.errors import InputError

Describe = Callable[[NDArray], ArrayLike]
Cut = Callable[[NDArray, Points], NDArray]


@runtime_checkable
class DiscreteSpace(Space, Protocol):
    """A space whose points are measured once each, and which a surrogate sees through what lies there.

    A measurement that failed says nothing of the sample: it is left out of the fit, and its place is not asked again.
    Values of one place are averaged.
    """

    def features(self, points: Points, decoded: NDArray) -> Points:
        """What a surrogate is given for points (n, d) and what they decode to, (n, D)."""
        ...

    def available(self, taken: Points, pending: Points) -> NDArray[np.bool_]:
        """Which candidates may be asked for, (m,), when `taken (k, d)` were asked for, `pending (p, d)` of them now."""
        ...

    def travel_cost(self, place: Points) -> Points:
        """What going from a place (d,) to each candidate costs, (m,), in the unit of the acquisition."""
        ...

    def refresh(self, image: NDArray) -> None:
        """Take a new image of the sample in place of the one known so far."""
        ...


class Candidates:
    """A patch of an image, or any descriptor, at each of `m` places: the space of an autonomous experiment.

    Parameters
    ----------
    patches
        What is known everywhere, (m, h, w), (m, h, w, c) or (m, D), finite.
    coordinates
        Where, (m, d), such as row and column [pixel]; all different.
    mask
        (m,) of bool, False where nothing may be measured; default: everywhere.
    exclusion
        Nothing nearer than this to a place that was asked for is asked for again, in the unit of the coordinates; 0
        (default) excludes the place alone.
    spread
        Least distance between places that are asked for at the same time, so that a batch is spread out.
    travel
        What crossing the whole field costs, in the unit of the acquisition: standard deviations of the values for
        "ucb" and "ei"; under "log_ei" an expected improvement at the far end counts `exp(-travel)` of one nearby.
    describe
        `(n, ...) -> (n, D)`, what the surrogate sees of patches; default: their pixels.
    position
        Whether the surrogate also sees the coordinates, as the last columns of D: samples vary over long distances in
        ways that no patch shows. Default: it does not, so that what it learns is a relation of structure to property.
    cut
        `(image, coordinates (n, d)) -> patches`, for instruments that refresh the image or measure between places.

    Raises
    ------
    InputError
        For patches that are not finite or not as many as the coordinates, places that coincide, and no place at all.

    Examples
    --------
    >>> image = np.arange(36.0).reshape(6, 6)
    >>> places = np.argwhere(np.ones((6, 6)))
    >>> space = Candidates(image.reshape(36, 1), places, mask=image.ravel() > 5)
    >>> space.dim, space.candidates().shape, space.decode([[2, 3]])
    (2, (30, 2), array([[15.]]))
    """

    def __init__(
        self,
        patches: ArrayLike,
        coordinates: ArrayLike,
        *,
        mask: ArrayLike | None = None,
        exclusion: float = 0.0,
        spread: float = 0.0,
        travel: float = 0.0,
        describe: Describe | None = None,
        position: bool = False,
        cut: Cut | None = None,
    ) -> None:
        known, places = np.asarray(patches, dtype=np.float64), np.asarray(coordinates, dtype=np.float64)
        places = places[:, None] if places.ndim == 1 else places
        kept = np.ones(len(places), bool) if mask is None else np.asarray(mask, dtype=bool).reshape(-1)
        _check(known, places, kept)
        if min(exclusion, spread, travel) < 0:
            got = f"exclusion={exclusion}, spread={spread}, travel={travel}"
            raise InputError("distances and a cost of travel of at least 0", got, "the defaults, 0")
        self.exclusion, self.spread, self.travel = exclusion, spread, travel
        #: What is known of every candidate now, (m, ...).
        self.patches: NDArray[np.float64] = known[kept]
        self._places = places[kept]
        self._describe, self._cut, self.position = describe, cut, position
        self._tree = KDTree(self._places)
        self._extent = float(np.linalg.norm(np.ptp(self._places, axis=0))) or 1.0
        self._image: NDArray | None = None

    @property
    def dim(self) -> int:
        """Number of coordinates of a place."""
        return self._places.shape[1]

    def sample(self, n: int, generator: np.random.Generator) -> Points:
        """`n` random places, (n, d), different ones as long as there are any."""
        rounds = [generator.permutation(len(self._places)) for _ in range(-(-n // len(self._places)))]
        return self._places[np.concatenate(rounds)[:n]]

    def contains(self, x: ArrayLike) -> NDArray[np.bool_]:
        """Whether each point of `x (n, d)` is one of the places, (n,)."""
        distance, _ = self._tree.query(self._points(x))
        return np.asarray(distance) <= 1e-9 * self._extent

    def candidates(self) -> Points:
        """All places that may be measured, (m, d)."""
        return self._places

    def decode(self, x: ArrayLike) -> NDArray:
        """The patches there, (n, ...): of the nearest place, or cut anew between places of a refreshed image."""
        points = self._points(x)
        if self._cut is not None and self._image is not None:
            return np.asarray(self._cut(self._image, points), dtype=np.float64)
        return self.patches[self._tree.query(points)[1]]

    def features(self, points: ArrayLike, decoded: NDArray) -> Points:
        """What the surrogate sees of patches (n, ...) at points (n, d), (n, D)."""
        seen = decoded if self._describe is None else np.asarray(self._describe(decoded), dtype=np.float64)
        flat = seen.reshape(len(seen), -1)
        return np.concatenate([flat, self._points(points)], axis=1) if self.position else flat

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Which features say what a place looks like, and which, if any, where it is: for `gp.ExactGP(groups=...)`."""
        width = self.features(self._places[:1], self.patches[:1]).shape[1]
        looks = width - self.dim if self.position else width
        return tuple(part for part in (tuple(range(looks)), tuple(range(looks, width))) if part)

    def available(self, taken: ArrayLike, pending: ArrayLike) -> NDArray[np.bool_]:
        """Which places are neither taken, nor too near to a taken or a pending one, (m,)."""
        free = np.ones(len(self._places), bool)
        for points, radius in ((self._points(taken), self.exclusion), (self._points(pending), self.spread)):
            if len(points):
                distance, _ = KDTree(points).query(self._places)
                free &= np.asarray(distance) > max(radius * (1 - 1e-9), 1e-9 * self._extent)
        return free

    def travel_cost(self, place: ArrayLike) -> Points:
        """`travel` times the distance from a place, in parts of the field's diagonal, (m,)."""
        return self.travel * np.linalg.norm(self._places - np.asarray(place, dtype=float), axis=1) / self._extent

    def refresh(self, image: NDArray) -> None:
        """Cut all patches anew from an image of the sample as it is now.

        Raises
        ------
        InputError
            If these candidates were made without `cut`, or the new patches are of another shape or not finite.
        """
        if self._cut is None:
            raise InputError("candidates that can be cut from an image", "none was given", "Candidates(..., cut=...)")
        patches = np.asarray(self._cut(image, self._places), dtype=np.float64)
        if patches.shape != self.patches.shape or not np.isfinite(patches).all():
            got = f"shape {patches.shape}" if patches.shape != self.patches.shape else "NaN or infinity"
            raise InputError(f"a finite image with patches {self.patches.shape}", got, "an image of the same size")
        self.patches, self._image = patches, image

    def _points(self, x: ArrayLike) -> Points:
        return np.asarray(x, dtype=np.float64).reshape(-1, self._places.shape[1])


def _check(patches: NDArray, places: Points, kept: NDArray[np.bool_]) -> None:
    if places.ndim != 2 or patches.ndim < 2 or not len(patches) == len(places) == len(kept) or not kept.any():
        got = f"patches {patches.shape}, coordinates {places.shape}, {int(kept.sum())} of {len(kept)} places not masked"
        raise InputError("patches (m, ...) at places (m, d), one of them not masked", got, "one patch for each place")
    if not (np.isfinite(patches[kept]).all() and np.isfinite(places).all()):
        bad = int((~np.isfinite(patches[kept].reshape(int(kept.sum()), -1)).all(axis=1)).sum())
        raise InputError("finite patches and coordinates", f"{bad} patches with NaN or infinity", "masking them")
    if len(np.unique(places, axis=0)) < len(places):
        got = f"{len(places)} with repetitions"
        raise InputError("places that are all different", got, "np.unique(places, axis=0)")
