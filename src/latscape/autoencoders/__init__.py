"""Invariant autoencoders by composition."""

from latscape.autoencoders.continuous import ContinuousBernoulli
from latscape.autoencoders.estimator import VAE, load
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian, Poisson
from latscape.autoencoders.presets import jrvae, jvae, rvae, vae

__all__ = [
    "VAE",
    "Bernoulli",
    "ContinuousBernoulli",
    "Gaussian",
    "Poisson",
    "jrvae",
    "jvae",
    "load",
    "rvae",
    "vae",
]
