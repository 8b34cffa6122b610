"""Gaussian-process surrogates: each `fit` returns a BoTorch model, whose one seam is `.posterior(X)`."""

from typing import TYPE_CHECKING

from latscape.gp.deep import DeepKernel
from latscape.gp.exact import Exact
from latscape.gp.mixture import Mixture
from latscape.gp.refit_on_growth import RefitOnGrowth
from latscape.gp.stacked import Stacked
from latscape.gp.structured import Bayesian, Structured
from latscape.gp.surrogate import Surrogate, WarmSurrogate, predict, refit
from latscape.name_hints import with_name_hints

__all__ = [
    "Bayesian",
    "DeepKernel",
    "Exact",
    "Mixture",
    "RefitOnGrowth",
    "Stacked",
    "Structured",
    "Surrogate",
    "WarmSurrogate",
    "predict",
    "refit",
]

if not TYPE_CHECKING:  # a type checker would take any name for one that is found so
    __getattr__ = with_name_hints(__name__, __all__)
