"""Square windows of images: the pixels where they begin, and what is in them, beyond the edge the image reflected."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray


def first_pixels(centres: ArrayLike, size: int, *, between: bool = False) -> NDArray[np.int64]:
    """Row and column of the first pixel of windows of `size` pixels a side around centres (n, 2) [pixel], (n, 2).

    The pixel that holds the centre is the middle one; of an even size the one after the middle, or, with `between`, the
    middle itself, between pixels, lies nearest to the centre.

    Examples
    --------
    >>> first_pixels([[5, 5.6]], 3), first_pixels([[5, 5.6]], 4), first_pixels([[5, 5.6]], 4, between=True)
    (array([[4, 5]]), array([[3, 4]]), array([[4, 4]]))
    """
    nearest = np.asarray(centres, dtype=np.float64) + (1.0 if between and size % 2 == 0 else 0.5)
    return np.floor(nearest).astype(np.int64) - size // 2


def pad_by_reflection(images: NDArray[Any], margin: int) -> NDArray[Any]:
    """Frames (t, h, w, ...) with so many pixels more on every side, in which the image is reflected."""
    return np.pad(images, ((0, 0), *((margin, margin),) * 2, *((0, 0),) * (images.ndim - 3)), mode="symmetric")


def cut_windows(images: NDArray[Any], first: NDArray[np.int64], size: int, frame: Any = 0) -> NDArray[Any]:
    """Windows (n, size, size, ...) of frames (t, h, w, ...), given their first pixels (n, 2) and frames (n,).

    Examples
    --------
    >>> cut_windows(np.arange(25).reshape(1, 5, 5), np.array([[-1, 3]]), 3)[0]
    array([[3, 4, 4],
           [3, 4, 4],
           [8, 9, 9]])
    """
    beyond = int(np.maximum(-first, first + size - images.shape[1:3]).max(initial=0))
    if beyond:
        images, first = pad_by_reflection(images, beyond), first + beyond
    views = sliding_window_view(images, (size, size), axis=(1, 2))  # (t, rows, columns, ..., size, size)
    return np.moveaxis(views[frame, first[:, 0], first[:, 1]], (-2, -1), (1, 2))
