"""Domain walls: where they run, and how many, how long, how curved and how restless they are in each patch.

All quantities of a wall come from one signed distance to it, phi, positive on its brighter side: by the co-area formula
an integral along the wall is the integral of delta(phi) |grad phi| over the area, and the curvature is -div(grad phi /
|grad phi|), positive where the bright domain is convex. Sums over all windows are then differences of one cumulative
sum.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage
from skimage.feature import canny
from skimage.filters import threshold_otsu
from skimage.morphology import remove_small_objects, skeletonize

from latscape.data.domain_images import curvature, signed_distance
from latscape.errors import InputError
from latscape.patches.image import check_image
from latscape.patches.patchset import PatchSet
from latscape.patches.response import filled, noise_of

Method = Literal["canny", "unet", "level"]
_DELTA = 2.0  # half-width of the smooth delta function [pixels]
_SMOOTH = 2.0  # of the distance, before its curvature is taken [pixels]


@dataclass(frozen=True, eq=False)
class Walls:
    """The walls of one image.

    Parameters
    ----------
    line
        (h, w) bool, one pixel wide.
    up
        (h, w) bool, the brighter domains.
    density
        (h, w) length of wall in every pixel, spread over a few pixels across [pixels].
    curvature
        (h, w), positive where the bright domain is convex [1 / pixel]; means something near walls only.
    """

    line: NDArray[np.bool_]
    up: NDArray[np.bool_]
    density: NDArray[np.float64]
    curvature: NDArray[np.float64]

    @property
    def length(self) -> float:
        """Of all walls together [pixels]."""
        return float(self.density.sum())


@dataclass(frozen=True, eq=False)
class WallTraits:
    """What the walls in each patch are like: labels to colour a latent space with.

    Parameters
    ----------
    count
        (n,) number of separate walls.
    length
        (n,) [pixels].
    curvature
        (n,) mean of its absolute value along the wall [1 / pixel]; NaN where there is no wall.
    convexity
        (n,) mean with its sign, positive where the bright domain bulges [1 / pixel]; NaN where there is no wall.
    switching
        (n,) share of the patch that belongs to another domain than a frame before; NaN in the first frame.
    """

    count: NDArray[np.int64]
    length: NDArray[np.float64]
    curvature: NDArray[np.float64]
    convexity: NDArray[np.float64]
    switching: NDArray[np.float64]


def find_walls(image: ArrayLike, *, method: Method = "canny", sigma: float = 2.0, level: float | None = None) -> Walls:
    """The walls between bright and dark domains, such as those of a phase image.

    Parameters
    ----------
    image
        (h, w) real numbers; NaN is filled with its nearest neighbour.
    method
        "canny", edges of the smoothed image (Canny 1986, doi:10.1109/TPAMI.1986.4767851); "unet", a small network
        trained on generated domains; "level", where the smoothed image passes through a level.
    sigma
        Of the Gaussian filter before [pixels]; for "unet" only that which tells bright from dark.
    level
        Between bright and dark; default: Otsu's.

    Raises
    ------
    InputError
        No grey image, a constant one, an unknown method, or a sigma that is not positive.

    Examples
    --------
    >>> y, x = np.mgrid[:80, :80] - 40.0
    >>> walls = find_walls(np.where(np.hypot(y, x) < 20.0, 1.0, -1.0))
    >>> round(walls.length / (2 * np.pi * 20.0), 1)
    1.0
    """
    grey = filled(check_image(image))
    if method not in ("canny", "unet", "level"):
        raise InputError("canny, unet or level", repr(method), 'method="canny"')
    if not 0 < sigma < np.inf:
        raise InputError("a positive sigma", sigma, "sigma=2.0")
    if np.ptp(grey) == 0:
        raise InputError("an image that differs somewhere", f"the value {grey.flat[0]:g} everywhere", "another image")
    smooth = ndimage.gaussian_filter(grey, sigma)
    up = smooth > (threshold_otsu(smooth) if level is None else level)
    if method == "level":
        border = ndimage.binary_dilation(~up, ndimage.generate_binary_structure(2, 1))
        return _measured(up & np.asarray(border, dtype=bool), up, signed_distance(up))
    if method == "canny":
        line = _canny(grey, sigma)
    else:
        from latscape.patches.unet import UNIT, shipped_net  # here, because it loads torch

        line = skeletonize(shipped_net("walls").respond(grey, UNIT["walls"]) > 0.5)
    line = remove_small_objects(line, max_size=5, connectivity=2)
    if not line.any():
        return Walls(line, up, np.zeros(line.shape), np.zeros(line.shape))
    distance, nearest = ndimage.distance_transform_edt(~line, return_indices=True)  # pyright: ignore[reportGeneralTypeIssues]
    bright = smooth > smooth[tuple(nearest)]
    return _measured(line, up, np.where(bright, distance, -distance))


def wall_traits(
    patches: PatchSet, *, channel: int = 0, method: Method = "canny", sigma: float = 2.0, least: int = 5
) -> WallTraits:
    """Count, length, curvature, convexity and switching of the walls in each patch.

    Parameters
    ----------
    patches
        Of an image or a movie; walls are found in whole frames, so that patches end no wall.
    channel
        Of the image, which shows domains.
    least
        Pixels that a wall must have in a patch to be counted.

    Examples
    --------
    >>> from latscape.data import domains
    >>> from latscape.patches import cut
    >>> traits = wall_traits(cut(domains(96, seed=1).image, size=32))
    >>> traits.count.shape, bool((traits.length >= 0).all())
    ((25,), True)
    """
    margin, n = patches.margin, len(patches)
    count, switching = np.zeros(n, dtype=np.int64), np.full(n, np.nan)
    sums = np.zeros((3, n))
    before: dict[int, NDArray[np.bool_]] = {}
    for frame in np.unique(patches.frame):
        here = np.flatnonzero(patches.frame == frame)
        corner = patches.corner[here] + margin
        walls = find_walls(patches.images[frame, :, :, channel], method=method, sigma=sigma)
        weighed = (np.ones_like(walls.curvature), np.abs(walls.curvature), walls.curvature)
        for row, weight in zip(sums, weighed, strict=True):
            row[here] = _window_sums(walls.density * weight, corner, patches.size)
        count[here] = [_count(walls.line, at, patches.size, least) for at in corner]
        if frame > 0:
            if frame - 1 not in before:
                before[frame - 1] = find_walls(patches.images[frame - 1, :, :, channel], method=method, sigma=sigma).up
            other = (walls.up != before[frame - 1]).astype(float)
            switching[here] = _window_sums(other, corner, patches.size) / patches.size**2
        before = {int(frame): walls.up}
    length, absolute, signed = sums
    some = length > 1.0
    bent, turned = (np.divide(total, length, out=np.full(n, np.nan), where=some) for total in (absolute, signed))
    return WallTraits(count, np.where(some, length, 0.0), bent, turned, switching)


def _canny(image: NDArray[np.float32], sigma: float) -> NDArray[np.bool_]:
    """Canny's edges; strong are those that Otsu's threshold of the slope sets apart, and that no noise makes."""
    slope = ndimage.gaussian_gradient_magnitude(image, sigma)
    noise = noise_of(image) / (sigma**2 * math.sqrt(8.0 * math.pi))  # what is left of it along one axis
    strong = 8.0 * max(float(threshold_otsu(slope)), 5.5 * noise)  # Sobel's filter, of scikit-image, is 8 times a slope
    return canny(image, sigma=sigma, low_threshold=0.5 * strong, high_threshold=strong, mode="nearest")


def _measured(line: NDArray[np.bool_], up: NDArray[np.bool_], phi: NDArray) -> Walls:
    bend = curvature(ndimage.gaussian_filter(phi, _SMOOTH))
    # Smoothed: the steps of a line of pixels would make it longer.
    even = np.asarray(ndimage.gaussian_filter(phi, 1.0))
    delta = np.where(np.abs(even) < _DELTA, (1.0 + np.cos(np.pi * even / _DELTA)) / (2.0 * _DELTA), 0.0)
    down, right = np.gradient(even)
    return Walls(line, up, delta * np.hypot(down, right), bend)


def _window_sums(values: NDArray[np.float64], corner: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Sums over windows (n,) whose first pixels are given; what lies beyond the image counts as nothing."""
    total = np.pad(values.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    (top, left), (bottom, right) = ((corner + add).clip(0, np.array(values.shape)).T for add in (0, size))
    return total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]


def _count(line: NDArray[np.bool_], corner: NDArray[np.int64], size: int, least: int) -> int:
    """Walls of at least so many pixels in the window whose first pixel is given."""
    row, column = corner
    window = line[max(0, row) : row + size, max(0, column) : column + size]
    labels, _ = ndimage.label(window, structure=np.ones((3, 3)))  # pyright: ignore[reportGeneralTypeIssues]
    return int((np.bincount(labels.ravel())[1:] >= least).sum())
