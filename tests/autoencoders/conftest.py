"""Small data and small models, made once."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import latscape as ls
from latscape.autoencoders.estimator import VAE
from latscape.nets.encoders import DenseEncoder
from latscape.nets.warp import WarpDecoder

SMALL = {"encoder": DenseEncoder(hidden=(16,)), "decoder": WarpDecoder(hidden=(8,)), "batch": 10}


@pytest.fixture(scope="session")
def images() -> NDArray[np.float32]:
    """Noise, (24, 6, 8): enough where only the bookkeeping matters."""
    return np.random.default_rng(0).uniform(size=(24, 6, 8)).astype(np.float32)


@pytest.fixture(scope="session")
def small() -> dict:
    """Options of a model that trains in milliseconds."""
    return SMALL


@pytest.fixture(scope="session")
def fitted(images) -> VAE:
    """A joint model with rotation and translation; tests must not change it."""
    return ls.jrvae(3, shift=0.1, epochs=3, learning_rate=1e-2, seed=1, **SMALL).fit(images)


@pytest.fixture(scope="session")
def weights():
    """The weights of a fitted estimator as one vector."""
    return lambda estimator: torch.cat([value.flatten() for value in estimator.model_.state_dict().values()])
