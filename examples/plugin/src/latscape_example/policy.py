"""A policy: where an experiment begins."""

import numpy as np
from numpy.typing import NDArray

from latscape.lab.policy import InitialDesign


def corners(places: NDArray, image: NDArray, n_initial: int, budget: int) -> InitialDesign:
    """At the four corners of the places."""
    low, high = places.min(axis=0), places.max(axis=0)
    targets = np.array([low, [low[0], high[1]], [high[0], low[1]], high])[:budget]
    nearest = np.square(places[None] - targets[:, None]).sum(axis=-1).argmin(axis=1)
    return InitialDesign(places[np.unique(nearest)], budget)
