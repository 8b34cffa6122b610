"""Invariant autoencoders by composition."""

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.known import Condition, Factors, Labels, Paired
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian
from latscape.autoencoders.presets import ae, cvae, jrvae, jvae, rvae, ssrvae, ssvae, vae, ved
from latscape.autoencoders.saved import load

__all__ = [
    "VAE",
    "Bernoulli",
    "Condition",
    "Factors",
    "Gaussian",
    "Labels",
    "Paired",
    "ae",
    "cvae",
    "jrvae",
    "jvae",
    "load",
    "rvae",
    "ssrvae",
    "ssvae",
    "vae",
    "ved",
]
