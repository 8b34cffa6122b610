"""Latent landscapes: learn from images, spectra and trajectories; decide what to train, simulate or measure next."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Where each public name lives. They are resolved on first use, so `import latscape` does not load torch.
_HOMES = {
    "latscape.autoencoders.presets": (
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
    "latscape.autoencoders.estimator": ("VAE",),
    "latscape.autoencoders.ensemble": ("Ensemble",),
    "latscape.autoencoders.pair": ("DualVAE",),
    "latscape.autoencoders.saved": ("load",),
    "latscape.autoencoders.split_merge": ("split_merge",),
    "latscape.autoencoders.continuous": ("ContinuousBernoulli",),
    "latscape.autoencoders.likelihoods": (
        "Bernoulli",
        "Gaussian",
        "Poisson",
    ),
    "latscape.autoencoders.known": (
        "Condition",
        "Factors",
        "Labels",
        "Paired",
    ),
    "latscape.geometry.pose": (
        "Rotation",
        "Scale",
        "Shear",
        "Shift",
        "Translation",
    ),
    "latscape.nets.encoders": ("ConvEncoder", "DenseEncoder"),
    "latscape.nets.conv": ("ConvDecoder",),
    "latscape.nets.coordinate": ("CoordinateDecoder",),
    "latscape.nets.dense": ("DenseDecoder",),
    "latscape.nets.factorised": ("FactorisedDecoder",),
    "latscape.nets.warp": ("WarpDecoder",),
    "latscape.curves": (
        "constant",
        "cooldown",
        "damped_sine",
        "linear",
        "periodic",
        "segments",
    ),
    "latscape.trajectories.families": (
        "cooldown_family",
        "damped_sine_family",
        "joint_family",
        "periodic_family",
        "recorded_family",
        "segments_family",
    ),
    "latscape.trajectories.beyond": ("BeyondSpace",),
    "latscape.trajectories.space": ("TrajectorySpace",),
    "latscape.physics.ferrosim.simulator": ("FerroSIM",),
    "latscape.campaign.acquire": ("UCB", "NoisyLogEI"),
    "latscape.errors": ("InputError", "LatscapeError"),
    "latscape.campaign.evaluate": ("Outcome",),
    "latscape.campaign.loop": ("Campaign",),
    "latscape.campaign.record": (
        "Evaluation",
        "Record",
    ),
    "latscape.campaign.result": ("Result",),
    "latscape.campaign.places": ("Candidates",),
    "latscape.campaign.space": ("Box",),
}
_PUBLIC = {name: home for home, names in _HOMES.items() for name in names}
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
    "patches",
    "physics",
    "plot",
    "report",
    "signals",
    "studies",
    "trajectories",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    if name in _SUBPACKAGES:
        return import_module(f"latscape.{name}")
    raise AttributeError(f"module 'latscape' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_SUBPACKAGES})
