"""A family of trajectories."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from latscape.trajectories.families import TrajectoryFamily


def sawtooth_family(low: float = 0.1, high: float = 40.0) -> TrajectoryFamily:
    """Lines that fall from a random level to `low` and jump back, one to five times."""
    return partial(_draw, low=low, high=high)


def _draw(n: int, length: int, generator: np.random.Generator, *, low: float, high: float) -> NDArray[np.floating]:
    teeth = generator.integers(1, 6, size=(n, 1))
    top = generator.uniform(low, high, size=(n, 1))
    phase = np.linspace(0.0, 1.0, length, endpoint=False) * teeth % 1.0
    return top + (low - top) * phase
