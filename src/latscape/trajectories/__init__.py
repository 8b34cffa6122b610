"""Families of curves and their latent plane."""

from latscape.name_hints import give_name_hints
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

give_name_hints(__name__)
