"""The checks every stack of images passes before a model sees it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError

_RESCALE = "rescaling it by (x - x.min()) / (x.max() - x.min())"


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
    array = np.asarray(x)
    if array.dtype.kind not in "buif":
        raise InputError("images of real numbers", f"dtype {array.dtype}", "an array of floats or integers")
    _check_shape(array.shape)
    with np.errstate(over="ignore"):
        images = array.astype(np.float32, copy=False)
    low, high = _finite_range(images)
    if low == high:
        raise InputError("images that differ somewhere", f"the value {low:g} in every pixel", "another array or file")
    if unit_interval and (low < 0.0 or high > 1.0):
        got = f"values from min {low:g} to max {high:g}"
        raise InputError("values in [0, 1]", got, f"{_RESCALE}, or a Gaussian likelihood")
    return images


def _check_shape(shape: tuple[int, ...]) -> None:
    if len(shape) not in (3, 4):
        hint = "one stack, with the images along the first axis"
        if len(shape) == 2:
            hint = "patches cut from this image, or x[:, None, :] if its rows are spectra"
        raise InputError("images of shape (n, h, w) or (n, h, w, c)", f"shape {shape}", hint)
    if 0 in shape:
        raise InputError("at least two images with pixels", f"an empty array of shape {shape}", "another array or file")
    if shape[0] < 2:
        raise InputError("at least two images", f"{shape[0]} of shape {shape[1:]}", "a stack along the first axis")


def _finite_range(images: NDArray[np.float32]) -> tuple[float, float]:
    low, high = float(images.min()), float(images.max())  # NaN and infinities reach the extremes: no mask is needed
    if not (np.isfinite(low) and np.isfinite(high)):
        bad = ~np.isfinite(images)
        first = tuple(int(i) for i in np.unravel_index(int(bad.argmax()), bad.shape))
        got = f"{int(bad.sum())} NaN, infinite or too large values, the first at index {first}"
        raise InputError("finite values", got, "np.nan_to_num, or leaving these images out")
    return low, high
