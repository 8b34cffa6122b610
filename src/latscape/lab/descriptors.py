"""Few numbers that say what a patch looks like, for surrogates: `Candidates(..., describe=...)`.

A descriptor is made of the patches of all places, from which it may learn, and of what is typed behind its word; it is
then a function of patches (n, ...) that returns (n, D). For `latscape explore`, `WINDOWS` says how many of the usual
windows wide its patches are (default 1).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError


def pixels(patches: ArrayLike) -> Callable[[NDArray], NDArray]:
    """The pixels themselves."""
    return lambda seen: seen.reshape(len(seen), -1)


class Components:
    """Principal components of patches (m, ...): `count` of them, fewer where the patches have fewer.

    Examples
    --------
    >>> patches = np.random.default_rng(0).normal(size=(50, 4, 4))
    >>> Components(patches, 3)(patches[:7]).shape
    (7, 3)
    """

    def __init__(self, patches: ArrayLike, count: int = 6) -> None:
        flat = np.asarray(patches, dtype=np.float64).reshape(len(np.asarray(patches)), -1)
        self.mean = flat.mean(axis=0)
        _, scale, axes = np.linalg.svd(flat - self.mean, full_matrices=False)
        kept = max(int((scale[:count] > 1e-9 * max(float(scale[0]), 1e-300)).sum()), 1)
        signs = np.sign(axes[:kept][np.arange(kept), np.abs(axes[:kept]).argmax(axis=1)])  # which svd leaves open
        self.axes = axes[:kept] * np.where(signs == 0, 1.0, signs)[:, None]

    def __call__(self, patches: NDArray) -> NDArray[np.float64]:
        """The components of patches, (n, count)."""
        return (patches.reshape(len(patches), -1) - self.mean) @ self.axes.T


class Invariants:
    """What a patch looks like at its centre, whatever its orientation: derivatives of the image at several scales.

    At each scale the brightness, the steepness, the Laplacian, and the difference of the two principal curvatures: all
    that derivatives up to the second say that no rotation of the image changes (Florack et al. 1992,
    doi:10.1016/0262-8856(92)90024-W). Derivatives are those of the image smoothed by a Gaussian, in units of its width.
    They are standardized over the patches given first.

    Parameters
    ----------
    patches
        (m, h, w) or (m, h, w, c), of which the mean over c is looked at.
    scales
        Widths of the Gaussians [pixel]; those above a third of a side are left out.

    Examples
    --------
    >>> patches = np.random.default_rng(0).normal(size=(50, 9, 9))
    >>> describe = Invariants(patches)
    >>> turned = np.rot90(patches, axes=(1, 2))
    >>> describe(patches).shape, bool(np.allclose(describe(patches), describe(turned)))
    ((50, 8), True)
    """

    WINDOWS = 2  # the widest filters reach far

    def __init__(self, patches: ArrayLike, scales: tuple[float, ...] = (0.8, 1.6, 3.2)) -> None:
        first = np.asarray(patches, dtype=np.float64)
        if first.ndim not in (3, 4):
            raise InputError("patches (m, h, w) or (m, h, w, c)", f"shape {first.shape}", "the pixels themselves")
        height, width = first.shape[1:3]
        fitting = [scale for scale in scales if scale <= min(height, width) / 3] or [min(scales)]
        self.filters = np.stack([_derivatives(height, width, scale) for scale in fitting])  # (scales, 6, h, w)
        self.mean, self.deviation = np.zeros(1), np.ones(1)
        found = self(first)
        spread = found.std(axis=0)
        self.mean, self.deviation = found.mean(axis=0), np.where(spread > 1e-12, spread, 1.0)

    def __call__(self, patches: NDArray) -> NDArray[np.float64]:
        """(n, 4 scales)."""
        flat = patches.mean(axis=3) if patches.ndim == 4 else patches
        seen = np.einsum("nij,sfij->fns", flat, self.filters)
        value, down, right, down2, both, right2 = seen  # each (n, scales)
        parts = [value, np.hypot(down, right), down2 + right2, np.hypot(down2 - right2, 2 * both)]
        return (np.concatenate(parts, axis=1) - self.mean) / self.deviation


def _derivatives(height: int, width: int, scale: float) -> NDArray[np.float64]:
    """A Gaussian and its derivatives along rows and columns up to the second, (6, h, w)."""
    rows, columns = np.meshgrid(np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2, indexing="ij")
    r, c = rows / scale, columns / scale
    bell = np.exp(-(r**2 + c**2) / 2)
    bell /= bell.sum()
    return np.stack([bell, r * bell, c * bell, (r**2 - 1) * bell, r * c * bell, (c**2 - 1) * bell])
