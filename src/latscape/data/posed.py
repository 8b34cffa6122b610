"""Images put into a known pose."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.data.check import check_images
from latscape.errors import InputError
from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import Rotation, Transform, compose, invert

_CHUNK = 500


def posed(images: Tensor, pose: Sequence[Transform], values: Mapping[str, Tensor]) -> Tensor:
    """Images (n, channels, height, width) scaled, sheared, turned and shifted by values by name, each (n, width).

    Bilinear; beyond the edge the edge's value holds.
    """
    inverse = invert(compose(pose, values))
    return sample(images, transform(inverse, pixel_grid(*images.shape[2:])))


def rotated(
    images: ArrayLike, degrees: float, generator: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Every image turned about its centre by an angle of its own, uniform in -degrees...degrees.

    Parameters
    ----------
    images
        (n, h, w) or (n, h, w, c).
    degrees
        Largest angle, to either side; 180 for the full turn.

    Returns
    -------
    images : ndarray
        Of the shape given, float32, bilinear; beyond the edge the edge's value holds.
    angle : ndarray, shape (n,)
        Counter-clockwise as displayed [rad].

    Raises
    ------
    InputError
        For what are no images, or degrees that are negative or not finite.

    Examples
    --------
    >>> import latscape as ls
    >>> digits = ls.data.mnist(n=100)
    >>> turned, angle = rotated(digits.images, 60, np.random.default_rng(0))
    >>> turned.shape, bool(abs(angle).max() <= np.pi / 3)
    ((100, 28, 28), True)
    """
    stack = check_images(images, unit_interval=False)
    if not 0 <= degrees < np.inf:
        raise InputError("a largest angle of at least 0 degrees", degrees, "degrees=60")
    angle = (np.radians(degrees) * generator.uniform(-1.0, 1.0, size=len(stack))).astype(np.float32)
    channels = torch.from_numpy(stack.reshape(*stack.shape[:3], -1)).movedim(3, 1)
    pairs = zip(channels.split(_CHUNK), torch.from_numpy(angle)[:, None].split(_CHUNK), strict=True)
    turned = torch.cat([posed(part, (Rotation(),), {"rotation": by}) for part, by in pairs])
    return np.ascontiguousarray(turned.movedim(1, 3).numpy()).reshape(stack.shape), angle
