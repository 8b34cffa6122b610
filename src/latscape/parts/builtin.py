"""What this package registers itself: kind of part, word, place. A plugin writes the same as entry points.

Nothing is imported before a part is used. What a line below is to this package, an entry point is to a plugin: in the
group `latscape.decoder`, say, `mirror = "package.module:Class"`.
"""

from collections.abc import Mapping
from typing import NamedTuple


class PartKind(NamedTuple):
    """A kind of part.

    Attributes
    ----------
    about : str
    made : bool
        Whether its functions make the part when they are called; otherwise they are the part. Classes always make it.
    context : tuple of str
        Parameters that the program fills in and that are never typed.
    """

    about: str
    made: bool = False
    context: tuple[str, ...] = ()


#: What parts are, by the kind that `register` takes.
PART_KINDS: Mapping[str, PartKind] = {
    "run": PartKind("kinds of run"),
    "model": PartKind("presets of models"),
    "encoder": PartKind("encoders"),
    "decoder": PartKind("decoders"),
    "likelihood": PartKind("likelihoods of what is decoded"),
    "pose": PartKind("factors of a pose"),
    "term": PartKind("terms of the training loss"),
    "supervision": PartKind("what y tells a model"),
    "schedule": PartKind("schedules over training", made=True),
    "curve": PartKind("curves, as schedules keep them"),
    "family": PartKind("families of trajectories, from lowest and highest value", made=True),
    "objective": PartKind("objectives of zBO"),
    "score": PartKind("scores of classes"),
    "surrogate": PartKind("surrogates"),
    "mean": PartKind("mean functions of structured Gaussian processes"),
    "distribution": PartKind("prior distributions of its parameters"),
    "acquisition": PartKind("acquisitions"),
    "scalarizer": PartKind("scalarizers of measurements"),
    "descriptor": PartKind("descriptors of patches", made=True, context=("patches",)),
    "instrument": PartKind("instruments", context=("scan", "seed")),
    "policy": PartKind("policies: where an experiment begins"),
    "format": PartKind("file formats"),
    "panel": PartKind("panels that are added to the page of a run"),
}

BUILTIN: Mapping[str, Mapping[str, str]] = {
    "run": {
        "fit": "latscape.studies.fit:KIND",
        "zbo": "latscape.studies.zbo:KIND",
        "classes": "latscape.studies.classes:KIND",
        "explore": "latscape.studies.explore:KIND",
        "campaign": "latscape.studies.campaign:KIND",
        "ferrosim-hamiltonian": "latscape.studies.ferrosim_hamiltonian:KIND",
        "ferrosim-history": "latscape.studies.ferrosim_history:KIND",
        "structure-property": "latscape.studies.structure_property:KIND",
        "graphene": "latscape.studies.atoms:GRAPHENE",
        "mos2": "latscape.studies.atoms:MOS2",
        "domains": "latscape.studies.domains:KIND",
        "spectrum-image": "latscape.studies.spectrum_image:KIND",
        "movie": "latscape.studies.movie:KIND",
    },
    "model": {
        name: f"latscape.autoencoders.presets:{name}"
        for name in ("ae", "vae", "rvae", "shift_vae", "jvae", "jrvae", "ssvae", "ssrvae", "cvae", "ved")
    },
    "encoder": {
        "dense": "latscape.nets.encoders:DenseEncoder",
        "conv": "latscape.nets.encoders:ConvEncoder",
    },
    "decoder": {
        "warp": "latscape.nets.warp:WarpDecoder",
        "dense": "latscape.nets.dense:DenseDecoder",
        "conv": "latscape.nets.conv:ConvDecoder",
        "coordinate": "latscape.nets.coordinate:CoordinateDecoder",
        "factorised": "latscape.nets.factorised:FactorisedDecoder",
    },
    "likelihood": {
        "bernoulli": "latscape.autoencoders.likelihoods:Bernoulli",
        "continuous-bernoulli": "latscape.autoencoders.continuous:ContinuousBernoulli",
        "gaussian": "latscape.autoencoders.likelihoods:Gaussian",
        "poisson": "latscape.autoencoders.likelihoods:Poisson",
    },
    "pose": {
        "rotation": "latscape.geometry.pose:Rotation",
        "translation": "latscape.geometry.pose:Translation",
        "shift": "latscape.geometry.pose:Shift",
        "scale": "latscape.geometry.pose:Scale",
        "shear": "latscape.geometry.pose:Shear",
    },
    "term": {
        "class-balance": "latscape.autoencoders.terms:class_balance",
        "consistency": "latscape.autoencoders.terms:Consistency",
        "mutual-information": "latscape.autoencoders.terms:mutual_information",
    },
    "supervision": {
        "unused": "latscape.autoencoders.supervision:Unused",
        "condition": "latscape.autoencoders.supervision:Condition",
        "labels": "latscape.autoencoders.supervision:Labels",
        "factors": "latscape.autoencoders.supervision:Factors",
        "paired": "latscape.autoencoders.supervision:Paired",
        "facts": "latscape.autoencoders.statistics:DataStatistics",
        "scaling": "latscape.autoencoders.statistics:Scaling",
    },
    "schedule": {
        "constant": "latscape.curves:constant",
        "linear": "latscape.curves:linear",
        "cooldown": "latscape.curves:cooldown",
        "periodic": "latscape.curves:periodic",
        "damped_sine": "latscape.curves:damped_sine",
    },
    "curve": {
        "ramp": "latscape.curves:Ramp",
        "segments": "latscape.curves:Segments",
        "periodic": "latscape.curves:Periodic",
        "damped-sine": "latscape.curves:DampedSine",
    },
    "family": {
        "cooldown": "latscape.trajectories.families:cooldown_family",
        "segments": "latscape.trajectories.families:segments_family",
        "periodic": "latscape.trajectories.families:periodic_family",
    },
    "format": {
        "npy": "latscape.data.formats.table:NPY",
        "npz": "latscape.data.formats.table:NPZ",
        "idx": "latscape.data.formats.table:IDX",
        "hdf5": "latscape.data.formats.table:HDF5",
        "hyperspy": "latscape.data.formats.table:HYPERSPY",
        "tiff": "latscape.data.formats.table:TIFF",
        "pictures": "latscape.data.formats.table:PICTURES",
        "nanonis-grid": "latscape.data.formats.table:NANONIS_GRID",
        "nanonis-scan": "latscape.data.formats.table:NANONIS_SCAN",
        "igor": "latscape.data.formats.table:IGOR",
        "vendors": "latscape.data.formats.table:VENDORS",
    },
    "score": {
        "accuracy": "latscape.studies.shared.scores:ACCURACY",
        "nmi": "latscape.studies.shared.scores:NMI",
        "purity": "latscape.studies.shared.scores:PURITY",
        "extracted": "latscape.studies.shared.scores:EXTRACTED",
        "used_classes": "latscape.studies.shared.scores:USED_CLASSES",
    },
    "objective": {
        "l1": "latscape.studies.zbo.objective:L1",
        "l1-l2": "latscape.studies.zbo.objective:L1LessL2",
        "elbo": "latscape.studies.zbo.objective:Elbo",
        "agreement": "latscape.studies.zbo.objective:Agreement",
        "information": "latscape.studies.zbo.objective:Information",
    },
    "surrogate": {
        "exact": "latscape.gp.exact:ExactGP",
        "deep": "latscape.gp.deep:DeepKernel",
        "refit-on-growth": "latscape.gp.refit_on_growth:RefitOnGrowth",
        "stacked": "latscape.gp.stacked:StackedSurrogate",
        "structured": "latscape.gp.structured:StructuredGP",
        "bayesian": "latscape.gp.structured:BayesianGP",
    },
    "distribution": {
        "normal": "torch.distributions.normal:Normal",
        "log-normal": "torch.distributions.log_normal:LogNormal",
        "half-normal": "torch.distributions.half_normal:HalfNormal",
        "uniform": "torch.distributions.uniform:Uniform",
        "gamma": "torch.distributions.gamma:Gamma",
        "beta": "torch.distributions.beta:Beta",
        "exponential": "torch.distributions.exponential:Exponential",
        "normal-prior": "gpytorch.priors.torch_priors:NormalPrior",
        "log-normal-prior": "gpytorch.priors.torch_priors:LogNormalPrior",
        "gamma-prior": "gpytorch.priors.torch_priors:GammaPrior",
    },
    "acquisition": {
        "ei": "latscape.campaign.acquire:expected_improvement",
        "log_ei": "latscape.campaign.acquire:log_expected_improvement",
        "noisy_log_ei": "latscape.campaign.acquire:NoisyLogEI",
        "ucb": "latscape.campaign.acquire:UCB",
        "pi": "latscape.campaign.acquire:probability_of_improvement",
        "std": "latscape.campaign.acquire:standard_deviation",
        "thompson": "latscape.campaign.acquire:Thompson",
    },
    "scalarizer": {
        "integral": "latscape.lab.scalarize:Integral",
        "peak": "latscape.lab.scalarize:Peak",
        "ratio": "latscape.lab.scalarize:Ratio",
        "loop-area": "latscape.lab.scalarize:LoopArea",
        "loop-height": "latscape.lab.scalarize:LoopHeight",
        "vertex": "latscape.lab.scalarize:Vertex",
        "com": "latscape.lab.diffraction:CentreOfMass",
        "strain": "latscape.lab.diffraction:Strain",
        "robust": "latscape.lab.scalarize:Robust",
    },
    "descriptor": {
        "pixels": "latscape.lab.descriptors:pixels",
        "components": "latscape.lab.descriptors:Components",
        "invariants": "latscape.lab.descriptors:Invariants",
    },
    "instrument": {
        "replay": "latscape.lab.instruments:ReplayInstrument",
    },
    "policy": {
        "inverse": "latscape.lab.policy:Inverse",
        "direct": "latscape.lab.policy:Direct",
        "grid": "latscape.lab.policy:Grid",
    },
}
