"""Invariant autoencoders by composition."""

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.known import Condition, Factors, Labels, Paired
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian
from latscape.autoencoders.pair import DualVAE
from latscape.autoencoders.presets import ae, cvae, dual_vae, jrvae, jvae, rvae, ssrvae, ssvae, vae, ved
from latscape.autoencoders.saved import load

__all__ = [
    "VAE",
    "Bernoulli",
    "Condition",
    "DualVAE",
    "Factors",
    "Gaussian",
    "Labels",
    "Paired",
    "ae",
    "cvae",
    "dual_vae",
    "jrvae",
    "jvae",
    "load",
    "rvae",
    "ssrvae",
    "ssvae",
    "vae",
    "ved",
]
