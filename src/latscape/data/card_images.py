"""Playing-card suits under known rotations, shears and translations: what an invariant model must find by itself."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from latscape.data.check import check_amounts
from latscape.data.dataset import Dataset
from latscape.data.posed import posed
from latscape.errors import InputError
from latscape.geometry.grid import pixel_grid
from latscape.geometry.pose import Rotation, Shear, Translation
from latscape.random import numpy_generator

SUITS = ("clubs", "spades", "hearts", "diamonds")
#: A suit looks the same again after 2 pi over this.
SYMMETRY = (1, 1, 1, 2)
#: The lecture's four sets: small or large rotations with small or large shears, to either side [degrees].
CARD_SETS = {
    1: {"rotation": 12.0, "shear": 1.0},
    2: {"rotation": 12.0, "shear": 20.0},
    3: {"rotation": 120.0, "shear": 1.0},
    4: {"rotation": 120.0, "shear": 20.0},
}

_GLYPHS = "♣♠♥♦"
_RADIUS = 0.7  # of the farthest point [half sides]: sheared by 20 degrees it still stays inside when it turns
_FINE = 4  # samples per pixel and axis, whose mean is the pixel
_CHUNK = 200
_POSE = (Shear(), Rotation(), Translation())


@dataclass(frozen=True, eq=False)
class Cards(Dataset):
    """Cards with the truth about each: `labels` index `SUITS`, and the pose is as in `latscape.geometry.pose`.

    Parameters
    ----------
    angle
        (n,) rotation, counter-clockwise [rad].
    shear
        (n,) shear angle, applied before the rotation [rad].
    translation
        (n, 2) shift to the right and up [half sides].
    """

    angle: NDArray[np.float32]
    shear: NDArray[np.float32]
    translation: NDArray[np.float32]


def cards(
    n: int = 2000,
    *,
    rotation: float = 12.0,
    shear: float = 1.0,
    translation: float = 0.0,
    size: int = 48,
    seed: int = 0,
) -> Cards:
    """The four suits, white on black in [0, 1], each sheared, turned and shifted by amounts of its own.

    The outlines are the suit glyphs of DejaVu Sans, which comes with matplotlib, scaled to one circle about the middle
    of their bounding box. Suits and amounts are independent and uniform.

    Parameters
    ----------
    rotation, shear
        Largest angles, to either side [degrees]; the shear below 90. `CARD_SETS` holds the usual ones.
    translation
        Largest shift along each axis, to either side [half sides].
    size
        Pixels along each side.

    Raises
    ------
    InputError
        For a count or size below one, and limits that are negative, not finite, or a shear of 90 degrees and more.

    Examples
    --------
    >>> deck = cards(8, **CARD_SETS[4])
    >>> deck.images.shape, deck.labels.shape, deck.angle.shape
    ((8, 48, 48), (8,), (8,))
    """
    check_amounts(rotation=rotation, translation=translation)
    check_amounts(90, shear=shear)
    if n < 1 or size < 1:
        raise InputError("at least one card of at least one pixel", f"n={n}, size={size}", "cards(2000, size=48)")
    generator = numpy_generator(seed, "cards")
    suit = generator.integers(len(SUITS), size=n)
    limits = np.array([math.radians(rotation), math.radians(shear), translation, translation])
    amounts = (limits * generator.uniform(-1.0, 1.0, size=(n, 4))).astype(np.float32)
    images = _draw(torch.from_numpy(suit), torch.from_numpy(amounts), size)
    origin = ("cards", "suit glyphs of DejaVu Sans", "Bitstream Vera Fonts")
    return Cards(images, suit, *origin, angle=amounts[:, 0], shear=amounts[:, 1], translation=amounts[:, 2:])


def _draw(suit: Tensor, amounts: Tensor, size: int) -> NDArray[np.float32]:
    """Cards (n, size, size) by suit (n,) and amounts (n, 4): angle, shear, shift to the right and up."""
    upright, parts = _upright(size), []
    for index in torch.arange(len(suit)).split(_CHUNK):
        angle, shear, shift = amounts[index].split([1, 1, 2], dim=1)
        values = {"rotation": angle, "shear": shear, "translation": shift}
        fine = posed(upright[suit[index]][:, None], _POSE, values)
        parts.append(F.avg_pool2d(fine, _FINE)[:, 0].clamp(0.0, 1.0))
    return torch.cat(parts).numpy()


@cache
def _upright(size: int) -> Tensor:
    """The suits at `_FINE` times the resolution, (suits, fine, fine) in [0, 1], with smooth edges."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    fine, images = size * _FINE, []
    points = pixel_grid(2 * fine, 2 * fine).numpy()  # four points a pixel
    for glyph in _GLYPHS:
        (outline,) = TextPath((0, 0), glyph, size=100, prop=FontProperties("DejaVu Sans")).to_polygons()
        outline = np.asarray(outline) - (np.max(outline, axis=0) + np.min(outline, axis=0)) / 2
        outline *= _RADIUS / np.linalg.norm(outline, axis=1).max()
        images.append(Path(outline).contains_points(points).reshape(1, 2 * fine, 2 * fine))
    return F.avg_pool2d(torch.from_numpy(np.stack(images)).float(), 2)[:, 0]
