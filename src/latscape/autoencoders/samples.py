"""From arrays of images or curves to flat tensors and back, with the checks at the border.

Some stay where they are until a batch asks for them: memory maps, HDF5, zarr and dask arrays, data sets.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from torch.utils.data import Dataset, IterableDataset

from latscape.checks import check_array
from latscape.errors import InputError

SHAPES = "an array (n, height, width), (n, height, width, channels) or (n, length)"
Shape = tuple[int, ...]


def check(X: ArrayLike, *, support: tuple[float, float], least: int = 2) -> NDArray[np.float32]:
    """A float array of one of `SHAPES`, or an error that says why not."""
    return check_array(X, expected=SHAPES, axes=(2, 3, 4), least=least, support=support)


def spatial(shape: Shape) -> tuple[Shape, int]:
    """Pixels of one sample, (height, width) or (length,), and its channels."""
    return (shape[:2], shape[2]) if len(shape) == 3 else (shape, 1)


def flatten(x: NDArray[np.float32], device: str | torch.device) -> Tensor:
    """Tensor (n, values) with all pixels of the first channel first."""
    channels_first = np.moveaxis(x, 3, 1) if x.ndim == 4 else x
    flat = np.ascontiguousarray(channels_first).reshape(len(x), -1)
    return torch.from_numpy(flat if flat.flags.writeable else flat.copy()).to(device)


def unflatten(flat: Tensor, shape: Shape) -> NDArray[np.float32]:
    """The array that `flatten` would have flattened, of samples of the given shape."""
    pixels, channels = spatial(shape)
    x = flat.detach().cpu().numpy().reshape(len(flat), channels, *pixels)
    return np.moveaxis(x, 1, -1) if len(shape) == 3 else x[:, 0]


def latent_rows(name: str, values: ArrayLike, width: int, device: str | torch.device, n: int | None = None) -> Tensor:
    """Finite latents (n, width) as a model takes them."""
    rows = np.ascontiguousarray(values, dtype=np.float32)
    rows = rows[:, None] if rows.ndim == 1 and width == 1 else rows
    if rows.ndim != 2 or rows.shape[1] != width or n not in (None, len(rows)) or not np.isfinite(rows).all():
        count = "n" if n is None else n
        raise InputError(f"finite {name} of shape ({count}, {width})", f"shape {rows.shape}", "one row per sample")
    return torch.from_numpy(rows).to(device)


def is_stored(X: Any) -> bool:
    """Whether samples are to be read batch by batch."""
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
    unsorted = np.empty_like(found)
    unsorted[order] = found
    return unsorted


def _sample(item: Any) -> NDArray[Any]:
    first = item[0] if isinstance(item, tuple | list) else item
    return first.numpy() if isinstance(first, Tensor) else np.asarray(first)
