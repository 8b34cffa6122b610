"""From arrays of images or curves to flat tensors and back, with the checks at the border."""

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.checks import check_array

SHAPES = "an array (n, height, width), (n, height, width, channels) or (n, length)"
Shape = tuple[int, ...]


def check(X: ArrayLike, *, support: tuple[float, float], least: int = 2) -> NDArray[np.float32]:
    """A float array of one of `SHAPES`, or an error that says why not."""
    return check_array(X, expected=SHAPES, axes=(2, 3, 4), least=least, support=support)


def spatial(shape: Shape) -> tuple[Shape, int]:
    """Pixels of one sample, (height, width) or (length,), and its channels.

    Examples
    --------
    >>> spatial((28, 28)), spatial((28, 28, 3)), spatial((120,))
    (((28, 28), 1), ((28, 28), 3), ((120,), 1))
    """
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
