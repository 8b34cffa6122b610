"""Invariant autoencoders by composition."""

from latscape.autoencoders.continuous import ContinuousBernoulli
from latscape.autoencoders.ensembles import Ensemble
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian, Poisson
from latscape.autoencoders.pair import DualVAE
from latscape.autoencoders.presets import (
    ae,
    cvae,
    dual_vae,
    ensemble,
    jrvae,
    jvae,
    rvae,
    shift_vae,
    ssrvae,
    ssvae,
    vae,
    ved,
)
from latscape.autoencoders.saved import load
from latscape.autoencoders.supervision import Condition, Factors, Labels, Paired

__all__ = [
    "VAE",
    "Bernoulli",
    "Condition",
    "ContinuousBernoulli",
    "DualVAE",
    "Ensemble",
    "Factors",
    "Gaussian",
    "Labels",
    "Paired",
    "Poisson",
    "ae",
    "cvae",
    "dual_vae",
    "ensemble",
    "jrvae",
    "jvae",
    "load",
    "rvae",
    "shift_vae",
    "ssrvae",
    "ssvae",
    "vae",
    "ved",
]
