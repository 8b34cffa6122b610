"""Posteriors as plain arrays, for people."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from latscape.latent.blocks import CategoricalPosterior, NormalPosterior


class NormalEstimate(NamedTuple):
    """Mean and standard deviation, each (n, width)."""

    mean: NDArray[np.floating]
    std: NDArray[np.floating]


class ClassEstimate(NamedTuple):
    """Class probabilities (n, classes)."""

    probs: NDArray[np.floating]


Estimates = dict[str, NormalEstimate | ClassEstimate]


def estimate(q: NormalPosterior | CategoricalPosterior) -> NormalEstimate | ClassEstimate:
    """The arrays of a posterior."""
    if isinstance(q, CategoricalPosterior):
        return ClassEstimate(q.classes.cpu().numpy())
    return NormalEstimate(q.mean.cpu().numpy(), q.std.cpu().numpy())
