"""A surrogate: Bayesian linear regression, as a Gaussian process with a linear kernel."""

from dataclasses import dataclass

import torch
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.models.model import Model
from botorch.models.transforms import Normalize, Standardize
from gpytorch.kernels import LinearKernel
from gpytorch.mlls import ExactMarginalLogLikelihood
from numpy.typing import ArrayLike
from torch import Tensor

from latscape.gp.surrogate import Predictive, as_points, checked


class _Linear(Predictive, SingleTaskGP):
    pass


@dataclass(frozen=True)
class LinearModel:
    """A plane with its uncertainty; for landscapes that only rise."""

    variance: float = 1.0

    def fit(self, X: ArrayLike | Tensor, Y: ArrayLike | Tensor, bounds: ArrayLike | Tensor | None = None) -> Model:
        """Model of `Y (n,)` at `X (n, d)`; `bounds (d, 2)` is the range X is scaled by."""
        points, values = checked(X, Y)
        kernel = LinearKernel().double()
        kernel.variance = torch.tensor(self.variance, dtype=torch.float64)
        limits = None if bounds is None else as_points(bounds).T
        scaled = Normalize(points.shape[1], bounds=limits)
        model = _Linear(points, values, covar_module=kernel, input_transform=scaled, outcome_transform=Standardize(1))
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        return model
