"""Several models of the same data as one: an ensemble, or draws from a posterior over hyperparameters."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import torch
from botorch.models.model import Model
from botorch.posteriors import GPyTorchPosterior, Posterior
from gpytorch.distributions import MultivariateNormal
from linear_operator import to_linear_operator
from numpy.typing import NDArray
from torch import Tensor

from latscape.errors import InputError
from latscape.gp.surrogate import Data, OneOutput, as_points


class Mixture(OneOutput):
    """Parts of several models; its posterior is the Gaussian with the mixture's mean and covariance.

    Parameters
    ----------
    models
        Fitted models of one output and the same data, at least one; they are in `models`.
    weights
        Of each, in proportion, none negative; default: equal. They are in `weights`, with a sum of 1.
    scales
        By which the deviations of each are multiplied, positive; default: 1.

    Raises
    ------
    InputError
        For no models, or weights or scales that do not fit them.

    Examples
    --------
    >>> from latscape.gp import ExactGP, predict
    >>> x, y = [[0.0], [0.5], [1.0]], [0.0, 1.0, 0.0]
    >>> both = Mixture([ExactGP(kernel=kernel).fit(x, y) for kernel in ("rbf", "matern")])
    >>> mean, std = predict(both, [[0.25]])
    >>> mean.shape
    (1,)
    """

    weights: Tensor  # (parts,)
    scales: Tensor  # (parts,)

    def __init__(self, models: Sequence[Model], weights: Data | None = None, scales: Data | None = None) -> None:
        super().__init__()
        if not models:
            raise InputError("at least one model", "none", "Mixture([model])")
        ones = torch.ones(len(models), dtype=torch.float64)
        shares, widths = (ones if given is None else as_points(given) for given in (weights, scales))
        if shares.shape != ones.shape or not bool((shares >= 0).all() and 0 < shares.sum() < torch.inf):
            raise InputError(f"{len(models)} weights, none negative", weights, "weights=None for equal parts")
        if widths.shape != ones.shape or not bool(((widths > 0) & widths.isfinite()).all()):
            raise InputError(f"{len(models)} positive scales", scales, "scales=None for the models' own deviations")
        self.register_buffer("weights", shares / shares.sum())
        self.register_buffer("scales", widths)
        self.models: Sequence[Model] = torch.nn.ModuleList(models)  # pyright: ignore[reportAttributeAccessIssue]

    def posterior(self, X: Tensor, *args: Any, **kwargs: Any) -> Posterior:
        """Gaussian posterior at `X (batch x q x d)`; what BoTorch's models take else goes to every part."""
        parts = [cast(GPyTorchPosterior, model.posterior(X, *args, **kwargs)).distribution for model in self.models]
        means = torch.stack([part.mean for part in parts])  # (parts, batch, q)
        within = torch.stack([part.covariance_matrix for part in parts])  # (parts, batch, q, q)
        mean = torch.einsum("p,p...->...", self.weights, means)
        away = means - mean
        # law of total covariance: E[cov] + cov[E]
        covariance = torch.einsum("p,p...->...", self.weights * self.scales**2, within)
        covariance = covariance + torch.einsum("p,p...i,p...j->...ij", self.weights, away, away)
        return GPyTorchPosterior(MultivariateNormal(mean, to_linear_operator(covariance)))

    def condition_on_observations(self, X: Tensor, Y: Tensor, **kwargs: Any) -> "Mixture":
        """Every part with the new points; weights and scales stay as they are."""
        told = [model.condition_on_observations(X, Y, **kwargs) for model in self.models]
        return Mixture(told, self.weights, self.scales)

    @property
    def embed(self) -> Callable[[Data], NDArray[np.float64]]:
        """The map of the first part that has one: maps of an ensemble differ by more than a rotation."""
        for model in self.models:
            if hasattr(model, "embed"):
                return model.embed  # pyright: ignore[reportReturnType]
        raise AttributeError("no part of this mixture has a map of its own")
