"""From arrays of images or curves to flat tensors and back, with the checks at the border."""

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.errors import InputError


def check(X: ArrayLike, *, unit_interval: bool, least: int = 2) -> NDArray[np.floating]:
    """A float array (n, length), (n, height, width) or (n, height, width, channels), or an error that says why not."""
    try:
        x = np.asarray(X)
    except ValueError as error:
        raise InputError("samples of one shape", str(error), "a numpy array (n, height, width)") from error
    if x.dtype.kind not in "fiub":
        raise InputError("an array of real numbers", f"dtype {x.dtype}", "images.astype(float)")
    if x.ndim not in (2, 3, 4) or 0 in x.shape[1:]:
        raise InputError(
            "an array (n, height, width), (n, height, width, channels) or (n, length)",
            f"shape {x.shape}",
            "images[None] for a single image",
        )
    if len(x) < least:
        raise InputError(f"at least {least} samples", f"{len(x)}", "a larger stack")
    x = x.astype(np.float32, copy=False)
    low, high = float(x.min()), float(x.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        bad = int((~np.isfinite(x)).sum())
        raise InputError(
            "finite values", f"{bad} that are NaN or infinite", "numpy.nan_to_num(images), or leave those samples out"
        )
    if unit_interval and (low < 0 or high > 1):
        hint = "(images - images.min()) / (images.max() - images.min()), or likelihood=Gaussian(sigma)"
        raise InputError("values in [0, 1] for this likelihood", f"values from {low:g} to {high:g}", hint)
    return x


def layout(x: NDArray) -> tuple[tuple[int, ...], int]:
    """Shape of one sample without channels, and the number of channels."""
    return (tuple(x.shape[1:3]), x.shape[3]) if x.ndim == 4 else (tuple(x.shape[1:]), 1)


def flatten(x: NDArray, device: str | torch.device) -> Tensor:
    """Tensor (n, values) with all pixels of the first channel first."""
    channels_first = np.moveaxis(x, 3, 1) if x.ndim == 4 else x
    return torch.from_numpy(np.ascontiguousarray(channels_first).reshape(len(x), -1)).to(device)


def unflatten(flat: Tensor, shape: tuple[int, ...], channels: int) -> NDArray[np.floating]:
    """The array that `flatten` would have flattened."""
    x = flat.detach().cpu().numpy().reshape(len(flat), channels, *shape)
    return x[:, 0] if channels == 1 else np.moveaxis(x, 1, -1)
