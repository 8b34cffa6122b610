"""Pixel coordinates and poses."""

from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import Rotation, Scale, Shear, Shift, Translation, compose, invert

__all__ = [
    "Rotation",
    "Scale",
    "Shear",
    "Shift",
    "Translation",
    "compose",
    "invert",
    "pixel_grid",
    "sample",
    "transform",
]
