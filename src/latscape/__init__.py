"""Latent landscapes: learn from images, spectra and trajectories; decide what to train, simulate or measure next."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Public name -> module. Resolved on first use, so that `import latscape` and `latscape --help` do not load torch.
_PUBLIC = {
    "vae": "latscape.autoencoders.presets",
    "jvae": "latscape.autoencoders.presets",
    "rvae": "latscape.autoencoders.presets",
    "jrvae": "latscape.autoencoders.presets",
    "load": "latscape.autoencoders.estimator",
    "constant": "latscape.curves",
    "linear": "latscape.curves",
    "cooldown": "latscape.curves",
    "segments": "latscape.curves",
    "periodic": "latscape.curves",
    "damped_sine": "latscape.curves",
    "cooldown_family": "latscape.trajectories.families",
    "segments_family": "latscape.trajectories.families",
    "periodic_family": "latscape.trajectories.families",
    "TrajectorySpace": "latscape.trajectories.space",
    "Campaign": "latscape.campaign.loop",
    "Evaluation": "latscape.campaign.record",
    "Outcome": "latscape.campaign.evaluate",
}
_SUBPACKAGES = {
    "autoencoders",
    "campaign",
    "data",
    "geometry",
    "gp",
    "latent",
    "metrics",
    "nets",
    "plot",
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
