"""Latent blocks and their product."""

from latscape.latent.blocks import Categorical, Condition, Normal, Point
from latscape.latent.space import LatentSpace

__all__ = [
    "Categorical",
    "Condition",
    "LatentSpace",
    "Normal",
    "Point",
]
