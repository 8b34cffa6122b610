"""Several models of the same data as one: an ensemble, or draws from a posterior over hyperparameters."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from botorch.models.model import Model
from botorch.posteriors import GPyTorchPosterior, Posterior
from gpytorch.distributions import MultivariateNormal
from linear_operator import to_linear_operator
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.errors import InputError
from latscape.gp.surrogate import Predictive


class Mixture(Predictive, Model):
    """Equal parts of several models; its posterior is the Gaussian with the mixture's mean and covariance.

    Parameters
    ----------
    models
        Fitted models of one output and the same data, at least one; they are in `models`.

    Examples
    --------
    >>> from latscape.gp import Exact, predict
    >>> x, y = [[0.0], [0.5], [1.0]], [0.0, 1.0, 0.0]
    >>> both = Mixture([Exact(kernel=kernel).fit(x, y) for kernel in ("rbf", "matern")])
    >>> mean, std = predict(both, [[0.25]])
    >>> mean.shape
    (1,)
    """

    def __init__(self, models: Sequence[Model]) -> None:
        super().__init__()
        if not models:
            raise InputError("at least one model", "none", "Mixture([model])")
        self.models: Sequence[Model] = torch.nn.ModuleList(models)  # pyright: ignore[reportAttributeAccessIssue]

    @property
    def num_outputs(self) -> int:
        """One."""
        return 1

    @property
    def batch_shape(self) -> torch.Size:
        """None."""
        return torch.Size()

    def posterior(self, X: Tensor, *args: Any, **kwargs: Any) -> Posterior:
        """Gaussian posterior at `X (batch x q x d)`; what BoTorch's models take else goes to every part."""
        parts = [cast(GPyTorchPosterior, model.posterior(X, *args, **kwargs)).distribution for model in self.models]
        means = torch.stack([part.mean for part in parts])  # (parts, batch, q)
        within = torch.stack([part.covariance_matrix for part in parts]).mean(0)  # (batch, q, q)
        mean = means.mean(0)
        away = means - mean
        # law of total covariance: E[cov] + cov[E]
        covariance = within + torch.einsum("p...i,p...j->...ij", away, away) / len(parts)
        return GPyTorchPosterior(MultivariateNormal(mean, to_linear_operator(covariance)))

    def condition_on_observations(self, X: Tensor, Y: Tensor, **kwargs: Any) -> "Mixture":
        """Every part with the new points; the weights stay equal."""
        return Mixture([model.condition_on_observations(X, Y, **kwargs) for model in self.models])

    def embed(self, X: ArrayLike | Tensor) -> NDArray[np.float64]:
        """The map of the first part, for parts that have one: maps of an ensemble differ by more than a rotation."""
        return cast(Any, self.models[0]).embed(X)
