"""Is there structure in a map? Moran's I of values at sites that need form no array."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from latscape.errors import InputError
from latscape.random import numpy_generator


class Moran(NamedTuple):
    """Moran's I, how many standard deviations it is above chance, and the share of shuffled maps that reach it."""

    value: float
    z: float
    p: float


def moran(
    values: ArrayLike,
    position: ArrayLike,
    *,
    neighbours: int = 6,
    beyond: float = 0.0,
    shuffles: int = 499,
    seed: int = 0,
) -> Moran:
    """Moran's I (1950, doi:10.1093/biomet/37.1-2.17): the correlation of each site's value with its neighbours' mean.

    Near 0 if the map is noise, near 1 if it is smooth, negative if neighbours differ as on a chessboard. A perfect
    crystal must give 0 for whatever is learned of its atoms.

    Parameters
    ----------
    values
        (n,) numbers, at least ten of which are finite; the others are left out.
    position
        (n, 2).
    neighbours
        The nearest ones that count.
    beyond
        Least distance of these along one of the axes. Patches that overlap share their noise, and what is learned of
        them is alike for that reason alone: give the side of a patch.
    shuffles
        Of values over sites, from which z and p are had (both sides).

    Raises
    ------
    InputError
        For other shapes or fewer than ten values.

    Examples
    --------
    >>> at = np.random.default_rng(0).uniform(size=(400, 2))
    >>> moran(at[:, 0], at).value > 0.9, abs(moran(np.random.default_rng(1).normal(size=400), at).z) < 4
    (True, True)
    """
    x, at = np.asarray(values, dtype=float), np.asarray(position, dtype=float)
    if x.ndim != 1 or at.shape != (len(x), 2):
        raise InputError("values (n,) at positions (n, 2)", f"shapes {x.shape} and {at.shape}", "set.position")
    known = np.isfinite(x)
    x, at = x[known], at[known]
    if len(x) < max(10, neighbours + 2):
        raise InputError(f"at least {max(10, neighbours + 2)} finite values", len(x), "more patches")
    x = x - x.mean()
    square = float(x @ x)
    if square == 0.0:
        return Moran(0.0, 0.0, 1.0)
    near = _neighbours(at, neighbours, beyond)
    index = float(x @ x[near].mean(axis=1)) / square
    generator = numpy_generator(seed, "moran")
    chance = np.empty(shuffles)
    for k in range(shuffles):
        y = generator.permutation(x)
        chance[k] = float(y @ y[near].mean(axis=1)) / square
    p = (1 + int((np.abs(chance - chance.mean()) >= abs(index - chance.mean())).sum())) / (1 + shuffles)
    return Moran(index, float((index - chance.mean()) / chance.std()), p)


def _neighbours(at: NDArray[np.float64], count: int, beyond: float) -> NDArray[np.int64]:
    """Numbers (n, count) of the nearest sites that are farther than `beyond` along an axis."""
    tree, asked = KDTree(at), count + 1
    while True:
        distance, nearest = tree.query(at, min(asked, len(at)), p=np.inf)
        first = np.maximum((distance < beyond).sum(axis=1), 1)  # the first of all is the site itself
        if (first + count).max() <= distance.shape[1]:
            return np.take_along_axis(nearest, first[:, None] + np.arange(count), axis=1)
        if asked >= len(at):
            got = f"{int((first + count > len(at)).sum())} without"
            raise InputError(f"{count} sites beyond {beyond:g} of each", got, "a larger image or a smaller beyond")
        asked *= 2
