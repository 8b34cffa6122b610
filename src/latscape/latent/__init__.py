"""Latent blocks and their product."""

from latscape.latent.blocks import Categorical, Normal
from latscape.latent.space import LatentSpace

__all__ = [
    "Categorical",
    "LatentSpace",
    "Normal",
]
