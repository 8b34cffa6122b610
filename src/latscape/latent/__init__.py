"""Latent blocks and their product."""

from latscape.latent.blocks import Categorical, Condition, Normal, Point
from latscape.latent.circle import Circular
from latscape.latent.space import LatentSpace

__all__ = ["Categorical", "Circular", "Condition", "LatentSpace", "Normal", "Point"]
