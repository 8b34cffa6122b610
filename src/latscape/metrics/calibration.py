"""Whether predicted uncertainties are as large as the errors."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from latscape.errors import InputError

LEVELS = (0.5, 0.8, 0.95)


def coverage(
    y: ArrayLike, mean: ArrayLike, std: ArrayLike, levels: ArrayLike = LEVELS, noise: float = 0.0
) -> NDArray[np.float64]:
    """Shares (k,) of the values that lie in the central intervals of their normal predictions.

    A calibrated model has a coverage equal to each level; one that is too sure of itself has less.

    Parameters
    ----------
    y
        Held-out values, (n,).
    mean, std
        Of their predictions, (n,), in the units of the values.
    levels
        Probabilities of the intervals, (k,), between 0 and 1.
    noise
        Standard deviation of the noise of `y`, if `std` is that of the function below it.

    Raises
    ------
    InputError
        For arrays of other shapes, values that are not finite, a negative deviation, or levels that are none.

    Examples
    --------
    >>> y = np.random.default_rng(0).normal(size=10000)
    >>> print(coverage(y, np.zeros(10000), np.ones(10000)).round(2))
    [0.5  0.8  0.95]
    """
    true, middle, width = (np.asarray(one, dtype=float) for one in (y, mean, std))
    wanted = np.asarray(levels, dtype=float).reshape(-1)
    finite = all(np.isfinite(one).all() for one in (true, middle, width))
    if true.ndim != 1 or len(true) == 0 or not true.shape == middle.shape == width.shape or not finite:
        got = f"shapes {true.shape}, {middle.shape}, {width.shape}"
        raise InputError("finite values, means and deviations (n,)", got, "coverage(y, *predict(model, X))")
    if (width < 0).any() or noise < 0 or not ((wanted > 0) & (wanted < 1)).all():
        got = f"least std {width.min():g}, noise {noise:g}, levels {wanted.tolist()}"
        raise InputError("deviations of at least 0 and levels between 0 and 1", got, "levels=(0.5, 0.8, 0.95)")
    reach = norm.ppf(0.5 + wanted / 2.0)  # (k,) half widths in standard deviations
    return (np.abs(true - middle) <= reach[:, None] * np.hypot(width, noise)).mean(axis=1)
