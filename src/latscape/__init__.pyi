__version__: str
from . import (
    autoencoders,
    campaign,
    curves,
    data,
    errors,
    geometry,
    gp,
    lab,
    latent,
    metrics,
    nets,
    parts,
    patches,
    physics,
    plot,
    runs,
    signals,
    studies,
    trajectories,
)
from .autoencoders.continuous import ContinuousBernoulli
from .autoencoders.ensembles import Ensemble
from .autoencoders.estimator import VAE
from .autoencoders.likelihoods import Bernoulli, Gaussian, Poisson
from .autoencoders.pair import DualVAE
from .autoencoders.presets import ae, cvae, dual_vae, ensemble, jrvae, jvae, rvae, shift_vae, ssrvae, ssvae, vae, ved
from .autoencoders.saved import load
from .autoencoders.split_merge import split_merge
from .autoencoders.supervision import Condition, Factors, Labels, Paired
from .campaign.acquire import UCB, NoisyLogEI
from .campaign.evaluate import EvaluationResult
from .campaign.loop import Campaign
from .campaign.places import Candidates
from .campaign.record import CampaignRecord, Evaluation
from .campaign.result import CampaignResult
from .campaign.space import Box
from .curves import constant, cooldown, damped_sine, linear, periodic, segments
from .errors import InputError, LatscapeError
from .geometry.pose import Rotation, Scale, Shear, Shift, Translation
from .nets.conv import ConvDecoder
from .nets.coordinate import CoordinateDecoder
from .nets.dense import DenseDecoder
from .nets.encoders import ConvEncoder, DenseEncoder
from .nets.factorised import FactorisedDecoder
from .nets.warp import WarpDecoder
from .parts import register
from .physics.ferrosim.simulator import FerroSIM
from .trajectories.beyond import BeyondSpace
from .trajectories.families import (
    cooldown_family,
    damped_sine_family,
    joint_family,
    periodic_family,
    recorded_family,
    segments_family,
)
from .trajectories.space import TrajectorySpace

__all__ = [
    "UCB",
    "VAE",
    "Bernoulli",
    "BeyondSpace",
    "Box",
    "Campaign",
    "CampaignRecord",
    "CampaignResult",
    "Candidates",
    "Condition",
    "ContinuousBernoulli",
    "ConvDecoder",
    "ConvEncoder",
    "CoordinateDecoder",
    "DenseDecoder",
    "DenseEncoder",
    "DualVAE",
    "Ensemble",
    "Evaluation",
    "EvaluationResult",
    "FactorisedDecoder",
    "Factors",
    "FerroSIM",
    "Gaussian",
    "InputError",
    "Labels",
    "LatscapeError",
    "NoisyLogEI",
    "Paired",
    "Poisson",
    "Rotation",
    "Scale",
    "Shear",
    "Shift",
    "TrajectorySpace",
    "Translation",
    "WarpDecoder",
    "ae",
    "autoencoders",
    "campaign",
    "constant",
    "cooldown",
    "cooldown_family",
    "curves",
    "cvae",
    "damped_sine",
    "damped_sine_family",
    "data",
    "dual_vae",
    "ensemble",
    "errors",
    "geometry",
    "gp",
    "joint_family",
    "jrvae",
    "jvae",
    "lab",
    "latent",
    "linear",
    "load",
    "metrics",
    "nets",
    "parts",
    "patches",
    "periodic",
    "periodic_family",
    "physics",
    "plot",
    "recorded_family",
    "register",
    "runs",
    "rvae",
    "segments",
    "segments_family",
    "shift_vae",
    "signals",
    "split_merge",
    "ssrvae",
    "ssvae",
    "studies",
    "trajectories",
    "vae",
    "ved",
]
