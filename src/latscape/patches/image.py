"""The checks that every image, movie and mask passes before anything is looked for in it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError


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


def as_numbers(image: ArrayLike) -> NDArray[np.float32]:
    """Real numbers as float32."""
    data = getattr(image, "data", None)  # of a hyperspy signal or an xarray; a memoryview of an array is no array
    values = np.asarray(data if isinstance(data, np.ndarray) else image)
    if values.dtype.kind not in "buif":
        raise InputError("an image of real numbers", f"dtype {values.dtype}", "np.abs(image) of a complex one")
    return values.astype(np.float32, copy=False)


def _some(values: NDArray[np.float32]) -> NDArray[np.float32]:
    if 0 in values.shape or not np.isfinite(values).any():
        got = f"shape {values.shape}" if 0 in values.shape else "NaN or infinities everywhere"
        raise InputError("an image with values", got, "another image")
    return values
