"""Families of curves and their latent plane."""

from typing import TYPE_CHECKING

from latscape.name_hints import with_name_hints
from latscape.trajectories.beyond import BeyondSpace
from latscape.trajectories.families import (
    TrajectoryFamily,
    cooldown_family,
    damped_sine_family,
    joint_family,
    periodic_family,
    recorded_family,
    segments_family,
)
from latscape.trajectories.space import TrajectorySpace

__all__ = [
    "BeyondSpace",
    "TrajectoryFamily",
    "TrajectorySpace",
    "cooldown_family",
    "damped_sine_family",
    "joint_family",
    "periodic_family",
    "recorded_family",
    "segments_family",
]

if not TYPE_CHECKING:  # a type checker would take any name for one that is found so
    __getattr__ = with_name_hints(__name__, __all__)
