"""Values that stay in their file: the samples of an array whose places lie along several axes, read when taken."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def is_lazy(values: Any) -> bool:
    """Whether values are read when they are asked for: a memory map, or an array in chunks (HDF5, dask, zarr).

    Examples
    --------
    >>> is_lazy(np.zeros(3))
    False
    """
    return isinstance(values, np.memmap) or (hasattr(values, "chunks") and hasattr(values, "shape"))


class Rows:
    """Samples (n, ...) of values whose places lie along the axes `over`; numbers count over them in their order.

    Parameters
    ----------
    values
        A memory map, HDF5, zarr or dask array.
    over
        Its axes of places and times.

    Examples
    --------
    >>> rows = Rows(np.arange(24).reshape(2, 3, 4), [0, 2])
    >>> len(rows), rows.shape, rows[np.array([1, 7])].tolist()
    (8, (8, 3), [[1, 5, 9], [15, 19, 23]])
    """

    def __init__(self, values: Any, over: list[int]) -> None:
        self.values = values
        self.over = over
        self._places = tuple(values.shape[axis] for axis in over)
        rest = tuple(size for axis, size in enumerate(values.shape) if axis not in over)
        self.shape = (math.prod(self._places), *rest)
        self.dtype = np.dtype(values.dtype)
        self.chunks = getattr(values, "chunks", None)  # marks samples that are read when they are taken

    @classmethod
    def of(cls, values: Any, over: list[int]) -> Any:
        """The samples: an array if the values are in memory, the values themselves if they are samples already."""
        rows = cls(values, over)
        if not is_lazy(values):
            return np.moveaxis(np.asarray(values), over, range(len(over))).reshape(rows.shape)
        return values if over == [0] else rows

    @property
    def ndim(self) -> int:
        """Of the samples together."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All samples in memory."""
        return np.asarray(self[np.arange(len(self))], dtype=dtype)

    def __getitem__(self, index: Any) -> NDArray[Any]:
        """The samples at a number, a slice, a mask, or numbers (m,) in increasing order."""
        chosen = np.arange(len(self))[index]
        places = np.unravel_index(np.atleast_1d(chosen), self._places)
        found = np.empty((len(places[0]), *self.shape[1:]), self.dtype)
        if hasattr(self.values, "dask"):
            at: list[Any] = [slice(None)] * self.values.ndim
            for axis, place in zip(self.over, places, strict=True):
                at[axis] = place
            found[...] = np.asarray(self.values.vindex[tuple(at)])  # points come first
        elif isinstance(self.values, np.ndarray):
            found[...] = np.moveaxis(self.values, self.over, range(len(self.over)))[places]
        else:
            self._read_blocks(np.stack(places, axis=1), found)
        return found if chosen.ndim else found[0]

    def _read_blocks(self, places: NDArray[np.intp], found: NDArray[Any]) -> None:
        """Every chunk of the file once: what is wanted of it is read as one block, as HDF5 and zarr do it fast."""
        chunks = self.chunks or (1,) * self.values.ndim
        keys = places // np.array([chunks[axis] for axis in self.over])
        order = np.lexsort(keys.T[::-1])
        edges = np.flatnonzero((np.diff(keys[order], axis=0) != 0).any(axis=1)) + 1
        for members in np.split(order, edges):
            wanted = places[members]
            low, high = wanted.min(axis=0), wanted.max(axis=0) + 1
            at: list[Any] = [slice(None)] * self.values.ndim
            for axis, start, stop in zip(self.over, low, high, strict=True):
                at[axis] = slice(int(start), int(stop))
            block = np.moveaxis(np.asarray(self.values[tuple(at)]), self.over, range(len(self.over)))
            found[members] = block[tuple((wanted - low).T)]
