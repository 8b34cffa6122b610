"""Gaussian-process surrogates: each `fit` returns a BoTorch model, whose one seam is `.posterior(X)`."""

from latscape.gp.exact import Exact
from latscape.gp.surrogate import Surrogate, predict

__all__ = ["Exact", "Surrogate", "predict"]
