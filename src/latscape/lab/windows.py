"""Patches of an image around places, and the space of an experiment over them."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.campaign.places import Candidates, Describe
from latscape.errors import InputError
from latscape.signals.windows import cut_windows, first_pixels


@dataclass(frozen=True)
class Window:
    """A square window of an image, `size` pixels a side, moved to a place; beyond its edge the image is reflected.

    Examples
    --------
    >>> Window(3)(np.arange(25.0).reshape(5, 5), [[2, 2]])[0]
    array([[ 6.,  7.,  8.],
           [11., 12., 13.],
           [16., 17., 18.]])
    """

    size: int

    def __post_init__(self) -> None:
        if self.size < 1:
            raise InputError("a window of at least one pixel", self.size, "Window(8)")

    def __call__(self, image: ArrayLike, places: ArrayLike) -> NDArray[np.float64]:
        """Patches (n, size, size) or (n, size, size, c) of an image (h, w) or (h, w, c), around places (n, 2).

        A window of an even side has its centre between pixels; places are rounded to what lies nearest.
        """
        picture, centres = np.asarray(image, dtype=np.float64), np.asarray(places, dtype=np.float64).reshape(-1, 2)
        if picture.ndim not in (2, 3) or min(picture.shape[:2]) < 2:
            raise InputError("an image (h, w) or (h, w, c)", f"shape {picture.shape}", "one image, not a stack")
        first = first_pixels(centres, self.size, between=True)
        return cut_windows(picture[None], np.clip(first, -self.size, picture.shape[:2]), self.size)


def candidates_of(
    image: ArrayLike,
    coordinates: ArrayLike,
    window: int,
    *,
    mask: ArrayLike | None = None,
    exclusion: float = 0.0,
    spread: float = 0.0,
    travel: float = 0.0,
    describe: Describe | None = None,
    position: bool = False,
) -> Candidates:
    """Candidates at places of an image, with the patch of `window` pixels around each, in standard units of the image.

    The image is (h, w) or (h, w, c), finite; coordinates are row and column, (m, 2) [pixel]. The others are as for
    `Candidates`.

    Examples
    --------
    >>> space = candidates_of(np.random.default_rng(0).normal(size=(9, 9)), [[4, 4], [2, 2]], window=3)
    >>> space.patches.shape
    (2, 3, 3)
    """
    picture, places = np.asarray(image, dtype=np.float64), np.asarray(coordinates, dtype=np.float64)
    if not np.isfinite(picture).all():
        got = f"{int((~np.isfinite(picture)).sum())} NaN or infinite pixels"
        raise InputError("a finite image", got, "np.nan_to_num")
    # In units of the first image, so that later ones mean the same.
    cut = partial(_standardized, Window(window), float(picture.mean()), float(picture.std()) or 1.0)
    options = {"mask": mask, "exclusion": exclusion, "spread": spread, "travel": travel, "position": position}
    return Candidates(cut(picture, places), places, cut=cut, describe=describe, **options)


def _standardized(window: Window, mean: float, deviation: float, image: ArrayLike, places: ArrayLike) -> NDArray:
    return (window(image, places) - mean) / deviation
