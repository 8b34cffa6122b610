"""Invariant autoencoders by composition."""

from latscape.autoencoders.estimator import VAE, load
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian
from latscape.autoencoders.presets import jrvae, jvae, rvae, vae

__all__ = [
    "VAE",
    "Bernoulli",
    "Gaussian",
    "jrvae",
    "jvae",
    "load",
    "rvae",
    "vae",
]
