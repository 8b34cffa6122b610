"""Structural similarity of images (Wang et al., 2004), batched and differentiable.

The numbers are those of `skimage.metrics.structural_similarity` with its defaults: uniform window, sample covariance,
mean over the windows that lie wholly inside the image.
"""

import torch
from torch import Tensor
from torch.nn import functional

from latscape.errors import InputError

_K1, _K2 = 0.01, 0.03


def ssim(a: Tensor, b: Tensor, data_range: float = 1.0, window: int = 7) -> Tensor:
    """Structural similarity of pairs of images, (...): 1 for equal images, about 0 for unrelated ones, at least -1.

    Parameters
    ----------
    a, b
        (..., h, w) images; leading axes broadcast. Integers are computed in float64, half precision in float32.
    data_range
        Difference between the largest and the smallest value a pixel may have.
    window
        Side of the square window in pixels, odd.

    Raises
    ------
    InputError
        Shapes that do not fit each other, images smaller than the window, a window that is even or below 3, or a
        `data_range` that is not positive.

    Examples
    --------
    >>> image = torch.linspace(0, 1, 64).reshape(1, 8, 8)
    >>> ssim(image, image)
    tensor([1.])
    >>> ssim(image, 1 - image) < 0
    tensor([True])
    """
    a, b = _prepare(a, b, data_range, window)
    c1, c2 = (_K1 * data_range) ** 2, (_K2 * data_range) ** 2
    unbiased = window**2 / (window**2 - 1)
    # u: mean in the window, v: variance, vab: covariance                          # each (..., h - 6, w - 6)
    ua, ub, uaa, ubb, uab = _window_means(torch.stack([a, b, a * a, b * b, a * b]), window)
    va, vb, vab = unbiased * (uaa - ua * ua), unbiased * (ubb - ub * ub), unbiased * (uab - ua * ub)
    # S = (2 ua ub + c1) (2 vab + c2) / ((ua^2 + ub^2 + c1) (va + vb + c2))
    similarity = (2 * ua * ub + c1) * (2 * vab + c2) / ((ua**2 + ub**2 + c1) * (va + vb + c2))
    return similarity.mean(dim=(-2, -1))


def ssim_loss(a: Tensor, b: Tensor, data_range: float = 1.0, window: int = 7) -> Tensor:
    """`1 - ssim(a, b)`: 0 for equal images, at most 2. Shapes, parameters and errors as in `ssim`."""
    return 1.0 - ssim(a, b, data_range, window)


def _prepare(a: Tensor, b: Tensor, data_range: float, window: int) -> tuple[Tensor, Tensor]:
    if window < 3 or window % 2 == 0:
        raise InputError("an odd window of at least 3 pixels", window, "window=7")
    if not data_range > 0:
        raise InputError("a positive data range", data_range, "data_range=1.0")
    if a.ndim < 2 or b.ndim < 2 or a.shape[-2:] != b.shape[-2:]:
        shapes = f"{tuple(a.shape)} and {tuple(b.shape)}"
        raise InputError("two sets of images (..., h, w) of one size", shapes, "cropping one of them")
    if min(a.shape[-2:]) < window:
        raise InputError(f"images of at least {window} x {window} pixels", f"{tuple(a.shape[-2:])}", "a smaller window")
    try:
        a, b = torch.broadcast_tensors(a, b)
    except RuntimeError as error:
        shapes = f"{tuple(a.shape)} and {tuple(b.shape)}"
        raise InputError("leading axes that broadcast", shapes, "the same number of images") from error
    dtype = torch.promote_types(a.dtype, b.dtype)
    dtype = torch.promote_types(dtype, torch.float32) if dtype.is_floating_point else torch.float64
    return a.to(dtype), b.to(dtype)


def _window_means(x: Tensor, window: int) -> Tensor:
    """Means over all windows inside the image, rows first and then columns: (..., h, w) -> (..., h', w')."""
    flat = x.reshape(-1, 1, *x.shape[-2:])
    flat = functional.avg_pool2d(flat, (window, 1), stride=1)
    flat = functional.avg_pool2d(flat, (1, window), stride=1)
    return flat.reshape(*x.shape[:-2], *flat.shape[-2:])
