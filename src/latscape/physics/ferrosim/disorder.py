"""Frozen disorder, each a pure function of a seed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from latscape.errors import InputError
from latscape.random import numpy_generator


def random_field(size: int | tuple[int, int], sigma: float = 0.3, seed: int | Sequence[int] = 0) -> NDArray[np.float64]:
    """A normal random field on both components of every site, in field units.

    Parameters
    ----------
    size
        Sites along an axis, or (rows, columns).
    seed
        One: (2, rows, columns). Several: a field for each, (seeds, 2, rows, columns).

    Examples
    --------
    >>> random_field(20, seed=[0, 1]).shape
    (2, 2, 20, 20)
    """
    return _drawn("random field", size, sigma, seed)


def random_bonds(size: int | tuple[int, int], sigma: float = 0.3, seed: int | Sequence[int] = 0) -> NDArray[np.float64]:
    """Normal factors of mean 1 for the bonds of each site to the next column and to the next row.

    As `random_field`; those of the last column and row are of no effect unless the lattice is periodic.
    """
    return 1.0 + _drawn("random bonds", size, sigma, seed)


def _drawn(name: str, size: int | tuple[int, int], sigma: float, seed: int | Sequence[int]) -> NDArray[np.float64]:
    if not (np.isfinite(sigma) and sigma >= 0):
        raise InputError("a finite sigma of at least 0", sigma, "sigma=0.3")
    shape = (2, *((size, size) if isinstance(size, int | np.integer) else size))
    if not isinstance(seed, Sequence):
        return sigma * numpy_generator(seed, name).standard_normal(shape)
    return np.stack([sigma * numpy_generator(one, name).standard_normal(shape) for one in seed])
