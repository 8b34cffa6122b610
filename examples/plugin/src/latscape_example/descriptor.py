"""A descriptor of patches."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray


def brightness(patches: ArrayLike, power: float = 1.0) -> Callable[[NDArray], NDArray]:
    """Mean and deviation of a patch, in units of those of all `patches` (m, ...)."""
    scale = float(np.std(np.asarray(patches))) or 1.0

    def describe(seen: NDArray) -> NDArray:
        flat = seen.reshape(len(seen), -1) / scale
        return np.stack([flat.mean(axis=1), flat.std(axis=1)], axis=1) ** power

    return describe
