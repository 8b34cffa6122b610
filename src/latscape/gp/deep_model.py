"""A GP whose inputs go through a network that was trained with it: a BoTorch model with a map of its own."""

import copy
from dataclasses import dataclass, field
from typing import Self, cast

import numpy as np
import torch
from botorch.models import SingleTaskGP
from botorch.models.transforms import Standardize
from gpytorch.constraints import GreaterThan
from gpytorch.kernels import Kernel, ScaleKernel
from gpytorch.likelihoods import GaussianLikelihood
from gpytorch.priors import LogNormalPrior
from numpy.typing import NDArray
from torch import Tensor

from latscape.gp.extractor import Embedding
from latscape.gp.kernels import stationary
from latscape.gp.likelihood import log_marginal, log_prior
from latscape.gp.surrogate import Data, Predictive, as_points

CHUNK = 4096
MIN_NOISE = 1e-4  # of the variance of the values


@dataclass(frozen=True)
class Training:
    """How the extractor came to be, for whoever goes on from it."""

    steps: int = 0  # of the last training
    points: int = 0  # how many it knew
    frozen: bool = False  # whether predictions have settled, so that the extractor is trained no more
    #: Share of the variance of the predictions over the field that changed between the last two comparisons, if any.
    change: float = float("nan")
    compared: int = 0  # number of points at the last comparison
    predicted: Tensor | None = field(default=None, repr=False)  # predictions at places of the field then


class DeepKernelModel(Predictive, SingleTaskGP):
    """Exact GP over the latents of an extractor; `posterior` and all else of BoTorch take flat patches.

    How it was trained is in `training_`.
    """

    def __init__(
        self, X: Tensor, Y: Tensor, embedding: Embedding, kernel: Kernel, likelihood: GaussianLikelihood
    ) -> None:
        super().__init__(
            X,  # (n, d)
            Y,  # (n, 1)
            likelihood=likelihood,
            covar_module=kernel,
            input_transform=embedding,
            outcome_transform=Standardize(m=1),
        )
        embedding.network.float()  # BoTorch casts all of a model to the type of its data
        self.training_ = Training()

    @property
    def embedding(self) -> Embedding:
        """The extractor."""
        return cast(Embedding, self.input_transform)

    @torch.no_grad()
    def embed(self, X: Data) -> NDArray[np.float64]:
        """Where flat patches (n, d) lie on the map, (n, latent)."""
        return torch.cat([self.embedding.transform(chunk) for chunk in as_points(X).split(CHUNK)]).numpy()

    def objective(self) -> Tensor:
        """Log marginal likelihood of the standardized values plus log priors, per point; in training mode."""
        latents = self.embedding.transform(cast(tuple[Tensor], self.train_inputs)[0])  # (n, latent)
        noise = cast(GaussianLikelihood, self.likelihood).noise
        kernel, mean = cast(Kernel, self.covar_module), cast(Tensor, self.mean_module(latents))
        covariance = kernel(latents).to_dense() + noise * torch.eye(len(latents), dtype=noise.dtype)
        residual = self.train_targets - mean
        return (log_marginal(covariance, residual) + log_prior(self)) / len(residual)

    def of(self, X: Tensor, Y: Tensor) -> Self:
        """The same extractor, kernel and noise with other data (n, d) and (n, 1); shares nothing with this model."""
        kernel, likelihood = cast(Kernel, self.covar_module), cast(GaussianLikelihood, self.likelihood)
        model = type(self)(X, Y, *copy.deepcopy((self.embedding, kernel, likelihood)))
        model.mean_module = copy.deepcopy(self.mean_module)
        model.training_ = self.training_
        return model


def deep_kernel(name: str) -> ScaleKernel:
    """RBF or Matern 5/2, one length scale for all latents: the extractor stretches them as it likes."""
    prior, positive = LogNormalPrior(0.0, 0.7), GreaterThan(1e-2)
    base = stationary(name, lengthscale_prior=prior, lengthscale_constraint=positive)
    base.initialize(lengthscale=1.0)
    kernel = ScaleKernel(base, outputscale_prior=LogNormalPrior(0.0, 1.0))
    kernel.initialize(outputscale=1.0)
    return kernel.double()


def deep_likelihood() -> GaussianLikelihood:
    """Noise of standardized values: log-normal about 2 % of the variance, as in BoTorch, and large to begin with."""
    likelihood = GaussianLikelihood(noise_prior=LogNormalPrior(-4.0, 1.0), noise_constraint=GreaterThan(MIN_NOISE))
    likelihood.initialize(noise=0.3)
    return likelihood.double()
