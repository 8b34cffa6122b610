"""Latent landscapes: learn from images, spectra and trajectories; decide what to train, simulate or measure next."""

from collections.abc import Callable
from typing import Any

import lazy_loader

__version__ = "0.2.0.dev0"

# Where each public name lives. They are resolved on first use, so `import latscape` does not load torch.
_HOMES = {
    "autoencoders.presets": (
        "ae",
        "cvae",
        "dual_vae",
        "ensemble",
        "jrvae",
        "jvae",
        "rvae",
        "shift_vae",
        "ssrvae",
        "ssvae",
        "vae",
        "ved",
    ),
    "autoencoders.estimator": ("VAE",),
    "autoencoders.ensemble": ("Ensemble",),
    "autoencoders.pair": ("DualVAE",),
    "autoencoders.saved": ("load",),
    "autoencoders.split_merge": ("split_merge",),
    "autoencoders.continuous": ("ContinuousBernoulli",),
    "autoencoders.likelihoods": (
        "Bernoulli",
        "Gaussian",
        "Poisson",
    ),
    "autoencoders.known": (
        "Condition",
        "Factors",
        "Labels",
        "Paired",
    ),
    "geometry.pose": (
        "Rotation",
        "Scale",
        "Shear",
        "Shift",
        "Translation",
    ),
    "nets.encoders": ("ConvEncoder", "DenseEncoder"),
    "nets.conv": ("ConvDecoder",),
    "nets.coordinate": ("CoordinateDecoder",),
    "nets.dense": ("DenseDecoder",),
    "nets.factorised": ("FactorisedDecoder",),
    "nets.warp": ("WarpDecoder",),
    "curves": (
        "constant",
        "cooldown",
        "damped_sine",
        "linear",
        "periodic",
        "segments",
    ),
    "trajectories.families": (
        "cooldown_family",
        "damped_sine_family",
        "joint_family",
        "periodic_family",
        "recorded_family",
        "segments_family",
    ),
    "trajectories.beyond": ("BeyondSpace",),
    "trajectories.space": ("TrajectorySpace",),
    "physics.ferrosim.simulator": ("FerroSIM",),
    "campaign.acquire": ("UCB", "NoisyLogEI"),
    "errors": ("InputError", "LatscapeError"),
    "parts": ("register",),
    "campaign.evaluate": ("Outcome",),
    "campaign.loop": ("Campaign",),
    "campaign.record": (
        "Evaluation",
        "Record",
    ),
    "campaign.result": ("Result",),
    "campaign.places": ("Candidates",),
    "campaign.space": ("Box",),
}
_SUBPACKAGES = {
    "autoencoders",
    "campaign",
    "curves",
    "data",
    "errors",
    "geometry",
    "gp",
    "lab",
    "latent",
    "metrics",
    "nets",
    "parts",
    "patches",
    "physics",
    "plot",
    "runs",
    "signals",
    "studies",
    "trajectories",
}

__getattr__: Callable[[str], Any]
__getattr__, __dir__, _ = lazy_loader.attach(__name__, submodules=_SUBPACKAGES, submod_attrs=_HOMES)
_PUBLIC = [name for names in _HOMES.values() for name in names]
__all__ = ["__version__", *_PUBLIC]
