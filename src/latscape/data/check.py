"""The checks every stack of images, and every set of curves, passes before a model sees it."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.checks import check_array
from latscape.errors import InputError
from latscape.signals.stored import Rows


def check_images(x: ArrayLike, *, unit_interval: bool) -> NDArray[np.float32]:
    """A stack of images that a model can learn from, or an error that says why not.

    Parameters
    ----------
    x
        (n, h, w) or (n, h, w, c) real numbers, at least two images. Values are not rescaled.
    unit_interval
        Whether all values must lie in [0, 1], as a Bernoulli likelihood needs.

    Returns
    -------
    NDArray[np.float32]
        The same values; no copy if `x` was float32 already.

    Raises
    ------
    InputError
        Not numeric, another number of axes, empty, fewer than two images, NaN or infinite values, the same value
        everywhere, or values outside [0, 1] when `unit_interval` asks for them.

    Examples
    --------
    >>> check_images(np.full((2, 4, 4), 7.0), unit_interval=False)
    Traceback (most recent call last):
    latscape.errors.InputError: Expected images that differ somewhere. Got the value 7 in every pixel. Try another...
    """
    support = (0.0, 1.0) if unit_interval else (-math.inf, math.inf)
    images = check_array(x, expected="images of shape (n, h, w) or (n, h, w, c)", axes=(3, 4), least=2, support=support)
    _check_varied(images, "images", "pixel")
    return images


def check_samples(x: ArrayLike) -> NDArray[np.float32]:
    """The same for images or curves (n, length), whatever their range."""
    expected = "images of shape (n, h, w) or (n, h, w, c), or curves (n, length)"
    samples = check_array(x, expected=expected, axes=(2, 3, 4), least=2)
    _check_varied(samples, "samples", "place")
    return samples


def check_rows(rows: Rows) -> Rows:
    """The same for samples that stay in their file, which is read through once."""
    if rows.ndim not in (2, 3, 4) or rows.dtype.kind not in "buif" or len(rows) < 2:
        check_samples(np.zeros(rows.shape[:1] + (1,) * (rows.ndim - 1), rows.dtype))
    if not np.isfinite(rows.range).all():
        bad = int((~rows.finite()).sum())
        raise InputError("finite values", f"{bad} of {len(rows)} samples with NaN or infinite ones", "--finite")
    _check_varied(rows, "samples", "place")
    return rows


def check_amounts(below: float = math.inf, **amounts: float) -> None:
    """Refuse amounts, by their names, that are negative, not finite, or not below a limit.

    Examples
    --------
    >>> check_amounts(90.0, shear=-1.0)
    Traceback (most recent call last):
    latscape.errors.InputError: Expected a finite shear of at least 0 and below 90. Got -1.0. Try shear=0.0.
    """
    limit = f" and below {below:g}" if below < math.inf else ""
    for name, amount in amounts.items():
        if not 0 <= amount < below:
            raise InputError(f"a finite {name} of at least 0{limit}", amount, f"{name}=0.0")


def _check_varied(samples: NDArray[np.float32] | Rows, what: str, where: str) -> None:
    if samples.min() == samples.max():
        got = f"the value {samples.min():g} in every {where}"
        raise InputError(f"{what} that differ somewhere", got, "another array or file")
