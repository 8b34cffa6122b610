"""The checks that every image, movie and mask passes before anything is looked for in it."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from latscape.errors import InputError
from latscape.signals import as_signal


def check_image(image: ArrayLike) -> NDArray[np.float32]:
    """One grey image (h, w) as float32; NaN stays, and means that nothing was measured there.

    Raises
    ------
    InputError
        For anything else, an image of three colours among it, and one without any finite value.

    Examples
    --------
    >>> check_image(np.zeros((4, 4, 3)))
    Traceback (most recent call last):
    latscape.errors.InputError: Expected one grey image (h, w). Got shape (4, 4, 3), which is in colour. Try ...
    """
    values = as_numbers(image)
    if values.ndim == 3 and values.shape[2] in (3, 4):
        got = f"shape {values.shape}, which is in colour"
        raise InputError("one grey image (h, w)", got, "image[..., :3].mean(axis=2), or one of its channels")
    if values.ndim != 2:
        raise InputError("one grey image (h, w)", f"shape {values.shape}", "one frame or channel of it")
    return _some(values)


def check_stack(image: ArrayLike) -> NDArray[np.float32]:
    """An image (h, w) or several channels of one (h, w, c), as float32 (h, w, c)."""
    values = as_numbers(image)
    if values.ndim not in (2, 3):
        raise InputError("an image (h, w) or channels (h, w, c)", f"shape {values.shape}", "cut_movie for a movie")
    return _some(values.reshape(*values.shape[:2], -1))


def check_mask(mask: ArrayLike | None, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where to look, (h, w): everywhere by default."""
    if mask is None:
        return np.ones(shape, dtype=bool)
    chosen = np.asarray(mask)
    if chosen.shape != tuple(shape) or chosen.dtype.kind != "b":
        got = f"{chosen.dtype} of shape {chosen.shape}"
        raise InputError(f"a mask of booleans, {tuple(shape)} as the image", got, "image > threshold")
    return chosen


def as_numbers(image: Any) -> NDArray[np.float32]:
    """Real numbers as float32, whatever package made the array."""
    values = np.asarray(as_signal(image))
    if values.dtype.kind not in "buif":
        raise InputError("an image of real numbers", f"dtype {values.dtype}", "np.abs(image) of a complex one")
    return values.astype(np.float32, copy=False)


def _some(values: NDArray[np.float32]) -> NDArray[np.float32]:
    if 0 in values.shape or not np.isfinite(values).any():
        got = f"shape {values.shape}" if 0 in values.shape else "NaN or infinities everywhere"
        raise InputError("an image with values", got, "another image")
    return values


def flattened(image: ArrayLike, sigma: float) -> NDArray[np.float32]:
    """An image less its smooth part, over the local deviation from that: contamination no longer outshines the atoms.

    Parameters
    ----------
    image
        (h, w); NaN stays.
    sigma
        Of the Gaussian that is the smooth part [pixels]; two spacings of a lattice. The deviation is over 1.5 of it.

    Examples
    --------
    >>> slope = np.linspace(0, 50, 128) + np.random.default_rng(0).normal(size=(128, 128))
    >>> flat = flattened(slope, 4.0)
    >>> bool(abs(flat.mean()) < 0.01 and abs(flat.std() - 1) < 0.01)
    True
    """
    grey = check_image(image)
    if not 0 < sigma < np.inf:
        raise InputError("a positive sigma", sigma, "two spacings of the lattice")
    known = np.isfinite(grey).astype(np.float32)
    weight = ndimage.gaussian_filter(known, sigma)
    values = np.where(known > 0, grey, 0.0)
    rest = (values - ndimage.gaussian_filter(values, sigma) / np.maximum(weight, 1e-6)) * known
    wide = 1.5 * sigma
    variance = ndimage.gaussian_filter(np.square(rest), wide) / np.maximum(ndimage.gaussian_filter(known, wide), 1e-6)
    return np.where(known > 0, rest / np.sqrt(variance + 1e-24), np.nan).astype(np.float32)


def clean_area(image: ArrayLike, sigma: float, *, tolerance: float = 8.0) -> NDArray[np.bool_]:
    """Where an image is neither much brighter nor much darker than it mostly is: not under thick contamination.

    Parameters
    ----------
    image
        (h, w).
    sigma
        Of the Gaussian that takes the atoms away [pixels].
    tolerance
        Median absolute deviations of the smoothed image that are still clean.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(64, 64))
    >>> image[:, 48:] += 20.0
    >>> clean_area(image, 4.0).mean(axis=0).round()[[0, 30, 60]]
    array([1., 1., 0.])
    """
    grey = check_image(image)
    measured = np.isfinite(grey)
    smooth = ndimage.gaussian_filter(np.where(measured, grey, np.median(grey[measured])), sigma)
    middle = np.median(smooth)
    return measured & (np.abs(smooth - middle) <= tolerance * max(float(np.median(np.abs(smooth - middle))), 1e-30))
