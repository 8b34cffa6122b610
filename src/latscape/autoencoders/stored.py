"""Samples that stay where they are until a batch asks for them: memory maps, HDF5, zarr and dask arrays, data sets."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, IterableDataset

from latscape.errors import InputError


def is_stored(X: Any) -> bool:
    """Whether samples are to be read batch by batch.

    Examples
    --------
    >>> is_stored(np.zeros((3, 4))), is_stored([[1, 2]])
    (False, False)
    """
    return isinstance(X, np.memmap | Dataset) or (hasattr(X, "chunks") and hasattr(X, "shape"))


def count(X: Any) -> int:
    """How many samples there are."""
    if isinstance(X, IterableDataset) or not hasattr(X, "__len__"):
        raise InputError("samples that can be taken by their number", type(X).__name__, "a data set with __len__")
    return len(X)


def read(X: Any, index: NDArray[np.int64]) -> NDArray[Any]:
    """Samples at distinct numbers (n,), in their order.

    Of a data set whose items are tuples, such as a sample and its label, the first is the sample.
    """
    try:
        if isinstance(X, Dataset):
            return np.stack([_sample(X[int(i)]) for i in index])
        order = np.argsort(index)  # HDF5 reads increasing numbers only, and disks prefer them
        found = np.asarray(X[index[order]])
    except ValueError as error:
        raise InputError("samples of one shape", str(error), "cutting or padding them") from error
    samples = np.empty_like(found)
    samples[order] = found
    return samples


def _sample(item: Any) -> NDArray[Any]:
    first = item[0] if isinstance(item, tuple | list) else item
    return first.numpy() if isinstance(first, Tensor) else np.asarray(first)
