"""Fitted models back from files."""

from pathlib import Path
from typing import Any

from latscape.autoencoders import store
from latscape.autoencoders.base import check_device
from latscape.autoencoders.ensembles import Ensemble
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.pair import DualVAE

KINDS = {kind.__name__: kind for kind in (VAE, DualVAE, Ensemble)}


def load(path: str | Path, device: str = "cpu") -> Any:
    """Read a model that `save` wrote; it predicts as it did then."""
    check_device(device)
    with store.reading(path):
        fitted, weights = store.read(path)
        return KINDS[fitted.kind]._restored(fitted, weights, device)
