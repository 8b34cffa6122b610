"""Values that stay in their file: the samples of an array whose places lie along several axes, read when taken."""

import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.errors import InputError

#: Bytes that are read at a time where everything is read once, or as many as use up the chunks that are touched.
PART, MOST = 2**23, 2**27
# Bytes of a contiguous data set that are read together where neighbouring samples are wanted.
_BLOCK = 2**18


def is_lazy(values: Any) -> bool:
    """Whether values are read when they are asked for: a memory map, or an array in chunks (HDF5, dask, zarr)."""
    return isinstance(values, np.memmap) or (hasattr(values, "chunks") and hasattr(values, "shape"))


@dataclass(frozen=True, eq=False)
class Rows:
    """Samples (n, ...) of values whose places lie along the axes `over`; parts of them are samples again.

    `numpy.asarray` reads. HDF5 and zarr arrays are read chunk by chunk, each at most once for what is asked together.

    Parameters
    ----------
    values
        A memory map, HDF5, zarr or dask array.
    over
        Its axes of places and times.
    index
        (n,) numbers over those axes in their order; default all.
    scaling
        What becomes 0 and 1, as float32, and all beyond with it; default the values as they are.

    Examples
    --------
    >>> rows = Rows(np.arange(24).reshape(2, 3, 4), (0, 2))
    >>> len(rows), rows.shape, np.asarray(rows[np.array([7, 1])]).tolist()
    (8, (8, 3), [[15, 19, 23], [1, 5, 9]])
    """

    values: Any
    over: tuple[int, ...]
    index: NDArray[np.int64] | None = None
    scaling: tuple[float, float] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the samples together."""
        rest = (size for axis, size in enumerate(self.values.shape) if axis not in self.over)
        return (math.prod(self._places) if self.index is None else len(self.index), *rest)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the samples."""
        return np.dtype(self.values.dtype if self.scaling is None else np.float32)

    @property
    def ndim(self) -> int:
        """Axes of the samples together."""
        return len(self.shape)

    @property
    def chunks(self) -> tuple[int, ...]:
        """How values lie in the file; its presence marks samples that are read when they are taken."""
        chunks = getattr(self.values, "chunks", None)
        if chunks and not hasattr(self.values, "dask"):
            return tuple(chunks)
        last, sample = self.over[-1], self.dtype.itemsize * math.prod(self.shape[1:])
        return tuple(max(1, _BLOCK // max(sample, 1)) if axis == last else 1 for axis in range(self.values.ndim))

    @property
    def _places(self) -> tuple[int, ...]:
        return tuple(self.values.shape[axis] for axis in self.over)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Any:
        """A part of the samples, by a slice, a mask or numbers, or a single sample, which is read."""
        chosen = (np.arange(len(self)) if self.index is None else self.index)[index]
        part = replace(self, index=np.atleast_1d(chosen))
        return part if np.ndim(chosen) else np.asarray(part)[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """The samples in memory."""
        index = np.arange(len(self)) if self.index is None else self.index
        places = np.unravel_index(index, self._places)
        found = np.empty(self.shape, self.values.dtype)
        if hasattr(self.values, "dask"):
            at: list[Any] = [slice(None)] * self.values.ndim
            for axis, place in zip(self.over, places, strict=True):
                at[axis] = place
            found[...] = np.asarray(self.values.vindex[tuple(at)])  # points come first
        elif isinstance(self.values, np.ndarray):
            found[...] = np.moveaxis(self.values, self.over, range(len(self.over)))[places]
        else:
            self._read_blocks(np.stack(places, axis=1), found)
        return (found if self.scaling is None else unit_scaled(found, *self.scaling)).astype(
            dtype or self.dtype, copy=False
        )

    def scaled(self, low: float, high: float) -> "Rows":
        """The same as float32 with `low` and all below at 0, `high` and all above at 1."""
        return replace(self, scaling=(float(low), float(high)))

    def parts(self) -> Iterator[NDArray[Any]]:
        """All samples in their order, some at a time."""
        sample = max(1, self.dtype.itemsize * math.prod(self.shape[1:]))
        whole = self.chunks[self.over[0]] * math.prod(self._places[1:])
        size = PART // sample // whole * whole or (whole if whole * sample <= MOST else max(1, PART // sample))
        for start in range(0, len(self), size):
            yield np.asarray(self[start : start + size])

    @cached_property
    def range(self) -> tuple[float, float]:
        """Least and greatest value, in one pass; NaN if any value is."""
        if self.scaling is not None:
            low, high = self.scaling
            ends = (np.array(replace(self, scaling=None).range) - low) / (high - low)
            return tuple(np.clip(ends, 0.0, 1.0).tolist())
        inorder = replace(self, index=None if self.index is None else np.sort(self.index))
        ends = np.array([(part.min(), part.max()) for part in inorder.parts()], dtype=np.float64)
        return float(ends[:, 0].min()), float(ends[:, 1].max())

    def min(self) -> float:
        """Least value."""
        return self.range[0]

    def max(self) -> float:
        """Greatest value."""
        return self.range[1]

    def finite(self) -> NDArray[np.bool_]:
        """Of each sample, whether all its values are finite, (n,), in one pass."""
        return np.concatenate([np.isfinite(part).reshape(len(part), -1).all(axis=1) for part in self.parts()])

    def scratch(self) -> "Rows":
        """The same samples, uncompressed float32 in a file of Python's folder for such, which goes when they go.

        Compressed chunks must be unpacked for every batch that touches them; memory maps need no such copy.
        """
        if isinstance(self.values, np.ndarray):
            return self
        try:
            with tempfile.TemporaryFile(prefix="latscape-") as file:
                copy: Any = np.memmap(file, np.float32, "w+", shape=self.shape)
                at = 0
                for part in self.parts():
                    copy[at : at + len(part)] = part
                    at += len(part)
        except OSError as error:
            size = f"{4 * math.prod(self.shape) / 2**30:.3g} GiB"
            raise InputError(f"{size} of room in {tempfile.gettempdir()}", error, "TMPDIR=<another folder>") from error
        return Rows(copy, (0,))

    def _read_blocks(self, places: NDArray[np.intp], found: NDArray[Any]) -> None:
        """Of every chunk once, the block that holds all that is wanted of it."""
        keys = places // np.array([self.chunks[axis] for axis in self.over])
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


def samples_over(values: Any, over: tuple[int, ...]) -> Any:
    """One sample for each entry of the axes `over`: an array if the values are in memory, else `Rows`."""
    if is_lazy(values):
        return Rows(values, over)
    moved = np.moveaxis(np.asarray(values), over, range(len(over)))
    return moved.reshape(-1, *moved.shape[len(over) :])


def unit_scaled(values: NDArray[Any], low: float, high: float) -> NDArray[np.float32]:
    """Values as float32 with `low` and all below at 0, `high` and all above at 1."""
    unit = values.astype(np.float32)
    unit -= np.float32(low)
    unit /= np.float32(high - low)
    return np.clip(unit, 0.0, 1.0, out=unit)
