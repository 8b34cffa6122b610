"""Windows around clusters: the support is black, particles are white, and the cluster lies in the middle."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, shift
from skimage.filters import threshold_otsu

from latscape.errors import InputError
from latscape.signals.windows import cut_windows

#: Width of the smoothing before a threshold is taken [pixels], and how often plane and threshold are found in turn.
_SMOOTH, _ROUNDS = 0.7, 3
#: What becomes black and what white, as shares of the particles' mean brightness.
_BLACK, _WHITE = 0.25, 0.75


def windows(images: NDArray[np.floating], side: int) -> NDArray[np.float32]:
    """What is done to micrographs before anything is compared: level the support, scale the particles, cut around them.

    In every image the plane through its dark pixels, those below Otsu's threshold, is subtracted; what is below a
    quarter of the mean of its bright pixels becomes black and what is above three quarters white, so that neither the
    noise of the support nor the edges of the particles are left; and the centre of mass of the bright pixels becomes
    the middle of the window. Nothing is learned from other images.

    Parameters
    ----------
    images
        (n, h, w), bright particles on a darker support.
    side
        Of the windows, (n, side, side) in [0, 1], at most that of the images [pixels].

    Raises
    ------
    InputError
        For anything but a stack of images, and for windows larger than these.
    """
    stack = np.asarray(images, dtype=np.float64)
    if stack.ndim != 3 or not 1 <= side <= min(stack.shape[1:], default=0):
        raise InputError("images (n, h, w) no smaller than the window", f"{stack.shape}, side={side}", "a smaller side")
    level, bright = _levelled(stack)
    moved = np.stack([_centred(one, mask) for one, mask in zip(level, bright, strict=True)])
    first = np.full((len(stack), 2), [(length - side) // 2 for length in stack.shape[1:]])
    seen = cut_windows(moved, first, side, np.arange(len(stack)))
    return ((seen - _BLACK) / (_WHITE - _BLACK)).clip(0, 1).astype(np.float32)


def _levelled(stack: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Images whose support is 0 and whose particles are 1 on average, and where those are."""
    smooth, plane = gaussian_filter(stack, (0, _SMOOTH, _SMOOTH)), np.zeros_like(stack)
    for _ in range(_ROUNDS):
        plane = _plane(stack, ~_bright(smooth - plane))
    bright = _bright(smooth - plane)
    height = ((smooth - plane) * bright).sum(axis=(1, 2)) / np.maximum(bright.sum(axis=(1, 2)), 1)
    return (stack - plane) / np.maximum(height, 1e-6)[:, None, None], bright


def _bright(stack: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.stack([one > threshold_otsu(one) for one in stack])


def _plane(stack: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The plane through some pixels of every image, by least squares."""
    rows, columns = (np.linspace(-1, 1, length) for length in stack.shape[1:])
    y, x = np.meshgrid(rows, columns, indexing="ij")
    basis = np.stack([np.ones_like(x), x, y], axis=-1)
    known = where[..., None] * basis
    gram = np.einsum("npqi,pqj->nij", known, basis)
    right = np.einsum("npqi,npq->ni", known, stack)
    return np.einsum("pqi,ni->npq", basis, np.linalg.solve(gram, right[..., None])[..., 0])


def _centred(image: NDArray[np.float64], bright: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The image moved so that the centre of its bright pixels is its middle; what comes in is support."""
    if not bright.any():
        return image
    places = np.argwhere(bright).mean(axis=0)
    return shift(image, (np.array(image.shape) - 1) / 2 - places, order=1, mode="constant")
