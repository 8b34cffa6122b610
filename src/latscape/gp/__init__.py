"""Gaussian-process surrogates: each `fit` returns a BoTorch model, whose one seam is `.posterior(X)`."""

from latscape.gp.deep import DeepKernel
from latscape.gp.exact import ExactGP
from latscape.gp.refit_on_growth import RefitOnGrowth
from latscape.gp.stacked import StackedSurrogate
from latscape.gp.structured import BayesianGP, StructuredGP
from latscape.gp.surrogate import Surrogate, WarmSurrogate, predict
from latscape.name_hints import give_name_hints

__all__ = [
    "BayesianGP",
    "DeepKernel",
    "ExactGP",
    "RefitOnGrowth",
    "StackedSurrogate",
    "StructuredGP",
    "Surrogate",
    "WarmSurrogate",
    "predict",
]

give_name_hints(__name__)
