"""A preset: the plain autoencoder of images that are stretched."""

from typing import Any

from latscape.autoencoders.estimator import VAE
from latscape_example.pose import Stretch


def stretch_vae(*, width: float = 0.2, **options: Any) -> VAE:
    """Autoencoder that absorbs a stretch, prior N(0, width^2)."""
    return VAE(pose=(Stretch(width),), **options)
