"""How much a file may make a program hold: a small one can declare a huge array."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from latscape.errors import InputError

#: Bytes of an array that is read whole, as compressed formats must be.
MOST = 2**32
#: Axes of an array, as NumPy has them.
AXES = 32


def check_shape(shape: tuple[int, ...], dtype: Any, what: str) -> None:
    """Refuse an array that is too large to be read whole, or has no size at all.

    Examples
    --------
    >>> check_shape((10**6, 10**6), np.float32, "bomb.npz")
    Traceback (most recent call last):
    latscape.errors.InputError: Expected at most 4 GiB to be read whole. Got bomb.npz with 3.73e+03 GiB. Try ...
    """
    size = np.dtype(dtype).itemsize * math.prod(shape)
    if len(shape) > AXES or min(shape, default=0) < 0:
        raise InputError("an array", f"{what} of shape {shape}", "a fresh copy of it")
    if size > MOST:
        got = f"{what} with {size / 2**30:.3g} GiB"
        raise InputError(f"at most {MOST / 2**30:.3g} GiB to be read whole", got, "a part of it, as .npy or HDF5")


@dataclass(frozen=True, eq=False)
class Unread:
    """An array in a file that `read` gives whole or not at all, with the shape and type that the file declares."""

    path: Path
    read: Any
    shape: tuple[int, ...]
    dtype: Any
    chunks: None = None  # its presence marks values that are read when they are taken

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """The values, if they are as many as declared and no more than may be."""
        check_shape(self.shape, self.dtype, self.path.name)
        values = np.asarray(self.read())
        if values.shape != self.shape:
            raise InputError(f"values of shape {self.shape}", f"{self.path.name} with {values.shape}", "a fresh copy")
        return values.astype(dtype or values.dtype, copy=False)

    def __getitem__(self, index: Any) -> Any:
        """A part of the values, all of which are read."""
        return np.asarray(self)[index]
