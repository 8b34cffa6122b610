"""Gaussian-process surrogates: each `fit` returns a BoTorch model, whose one seam is `.posterior(X)`."""

from latscape.gp.deep import DeepKernel
from latscape.gp.exact import Exact
from latscape.gp.mixture import Mixture
from latscape.gp.seldom import Seldom
from latscape.gp.stacked import Stacked
from latscape.gp.structured import Bayesian, Structured
from latscape.gp.surrogate import Surrogate, WarmSurrogate, predict, refit

__all__ = [
    "Bayesian",
    "DeepKernel",
    "Exact",
    "Mixture",
    "Seldom",
    "Stacked",
    "Structured",
    "Surrogate",
    "WarmSurrogate",
    "predict",
    "refit",
]
