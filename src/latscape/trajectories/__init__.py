"""Families of curves and their latent plane."""

from latscape.trajectories.beyond import BeyondSpace
from latscape.trajectories.families import (
    Family,
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
    "Family",
    "TrajectorySpace",
    "cooldown_family",
    "damped_sine_family",
    "joint_family",
    "periodic_family",
    "recorded_family",
    "segments_family",
]
