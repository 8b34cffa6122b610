"""How rough a target is over a space: whether what is near there is alike."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import KDTree

from latscape.errors import InputError


def roughness(points: ArrayLike, values: ArrayLike, neighbours: int = 8) -> float:
    """Mean squared difference to the nearest neighbours, as a share of what it is between points at random.

    Half the mean squared difference between a point and its `neighbours` nearest ones over the variance of the values
    (the Geary ratio of spatial statistics, doi:10.2307/2986645): 0 for a target that is smooth in this space, 1 for
    one that has nothing to do with it.

    Points are (n, d), values (n,); points whose value is NaN are left out. There are more points than `neighbours`.

    Examples
    --------
    >>> x = np.random.default_rng(0).uniform(size=(500, 2))
    >>> roughness(x, x[:, 0]) < 0.05, roughness(x, np.random.default_rng(1).normal(size=500)) > 0.9
    (True, True)
    """
    z, y = np.asarray(points, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if z.ndim != 2 or y.shape != (len(z),):
        raise InputError("points (n, d) with a value each", f"shapes {z.shape} and {y.shape}", "roughness(z, y)")
    z, y = z[np.isfinite(y)], y[np.isfinite(y)]
    if not 1 <= neighbours < len(z):
        raise InputError("more points than neighbours", f"{len(z)} and {neighbours}", "neighbours=8")
    variance = float(y.var())
    if variance == 0:
        return 0.0
    _, index = KDTree(z).query(z, k=neighbours + 1)
    return float(np.mean((y[:, None] - y[np.asarray(index)[:, 1:]]) ** 2) / (2 * variance))
