"""Likelihoods of flat samples given what a decoder returns, for every class at once."""

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from latscape.errors import InputError


class Likelihood(Protocol):
    """Negative log-likelihood and mean of decoded parameters."""

    @property
    def unit_interval(self) -> bool:
        """Whether samples must lie in [0, 1]."""
        ...

    def nll(self, parameters: Tensor, x: Tensor) -> Tensor:
        """Parameters (batch, classes, values) and samples (batch, values) to -log p(x | class), (batch, classes)."""
        ...

    def mean(self, parameters: Tensor) -> Tensor:
        """Expected sample, of the shape of the parameters."""
        ...


@dataclass(frozen=True)
class Bernoulli:
    """Each value is a probability; the decoder gives its logit.

    Examples
    --------
    >>> Bernoulli().nll(torch.zeros(1, 1, 2), torch.tensor([[0.0, 1.0]]))  # 2 log 2
    tensor([[1.3863]])
    """

    @property
    def unit_interval(self) -> bool:
        """Samples must lie in [0, 1]."""
        return True

    def nll(self, parameters: Tensor, x: Tensor) -> Tensor:
        """log(1 + exp(l)) - x l summed over values."""
        # One fused kernel each way; softplus and a product with x apart took three times as long in the backward pass.
        target = x[:, None].expand_as(parameters)
        return F.binary_cross_entropy_with_logits(parameters, target, reduction="none").sum(dim=2)

    def mean(self, parameters: Tensor) -> Tensor:
        """The logistic function of the logit."""
        return torch.sigmoid(parameters)


@dataclass(frozen=True)
class Gaussian:
    """Normal values of a given deviation around the decoder's output.

    Parameters
    ----------
    sigma : float
        Standard deviation, in the unit of the samples.
    bounded : bool
        Pass the output through the logistic function, so that means stay in (0, 1). Default: linear output.

    Examples
    --------
    >>> Gaussian(sigma=0.5).nll(torch.zeros(1, 1, 1), torch.zeros(1, 1))  # log(0.5 sqrt(2 pi))
    tensor([[0.2258]])
    """

    sigma: float = 0.3
    bounded: bool = False

    def __post_init__(self) -> None:
        if not self.sigma > 0:
            raise InputError("a positive sigma", self.sigma, "Gaussian(sigma=0.3)")

    @property
    def unit_interval(self) -> bool:
        """Samples may lie anywhere, unless the mean is bounded."""
        return self.bounded

    def nll(self, parameters: Tensor, x: Tensor) -> Tensor:
        """((x - m) / sigma)^2 / 2 + log(sigma sqrt(2 pi)) summed over values."""
        square = ((x[:, None] - self.mean(parameters)) / self.sigma).square().sum(dim=2)
        return 0.5 * square + x.shape[1] * math.log(self.sigma * math.sqrt(2.0 * math.pi))

    def mean(self, parameters: Tensor) -> Tensor:
        """The decoder's output, or its logistic function when bounded."""
        return torch.sigmoid(parameters) if self.bounded else parameters
