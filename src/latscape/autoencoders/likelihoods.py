"""Likelihoods of flat samples given what a decoder returns, for every class at once."""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from latscape.errors import InputError

ANYWHERE, UNIT_INTERVAL, COUNTS = (-math.inf, math.inf), (0.0, 1.0), (0.0, math.inf)


class Loss(IntEnum):
    """Losses of a pixel x at the decoded value s that are compiled, see `latscape.autoencoders.cpu.warped_kernel`."""

    LOGISTIC = 0  # log(1 + exp(s)) - x s
    SQUARE = 1  # (s - x)^2 / 2
    LOGISTIC_SQUARE = 2  # (1 / (1 + exp(-s)) - x)^2 / 2
    POISSON = 3  # exp(s) - x s


class Likelihood(Protocol):
    """Negative log-likelihood and mean of decoded parameters; inherit to keep what fits of the rest."""

    @property
    def support(self) -> tuple[float, float]:
        """Least and greatest value of a sample: by default, any."""
        return ANYWHERE

    @property
    def scale(self) -> float:
        """What the encoder measures samples in: by default, their own unit."""
        return 1.0

    def scaled_to(self, largest: float) -> "Likelihood":
        """The likelihood for samples whose largest value is known: by default, the same."""
        return self

    @property
    def loss(self) -> Loss | None:
        """What `from_loss` turns into `nll`, if it is among those that are compiled: by default, none is."""
        return None

    def build(self) -> "Likelihood":
        """What a model holds: the likelihood itself, or a module if it has numbers to learn."""
        return self

    def from_loss(self, total: Tensor, x: Tensor) -> Tensor:
        """-log p(x | class) given the total loss (batch, classes) of x / scale; by default, that is it."""
        return total

    def nll(self, parameters: Tensor, x: Tensor) -> Tensor:
        """Parameters (batch, classes, values) and samples (batch, values) to -log p(x | class), (batch, classes)."""
        ...

    def mean(self, parameters: Tensor) -> Tensor:
        """Expected sample, of the shape of the parameters."""
        ...


def compiled_loss(likelihood: Likelihood) -> Loss | None:
    """Its loss, unless a subclass scores in a way of its own and says nothing of a loss."""
    classes = type(likelihood).__mro__
    nll, loss = (
        next((at for at, one in enumerate(classes) if name in vars(one)), len(classes)) for name in ("nll", "loss")
    )
    return likelihood.loss if loss <= nll else None


@dataclass(frozen=True)
class Bernoulli(Likelihood):
    """Each value is a probability; the decoder gives its logit.

    Examples
    --------
    >>> Bernoulli().nll(torch.zeros(1, 1, 2), torch.tensor([[0.0, 1.0]]))  # 2 log 2
    tensor([[1.3863]])
    """

    @property
    def support(self) -> tuple[float, float]:
        """Samples must lie in [0, 1]."""
        return UNIT_INTERVAL

    @property
    def loss(self) -> Loss:
        """Logistic."""
        return Loss.LOGISTIC

    def nll(self, parameters: Tensor, x: Tensor) -> Tensor:
        """log(1 + exp(l)) - x l summed over values."""
        # One fused kernel each way; softplus and a product with x apart took three times as long in the backward pass.
        target = x[:, None].expand_as(parameters)
        return F.binary_cross_entropy_with_logits(parameters, target, reduction="none").sum(dim=2)

    def mean(self, parameters: Tensor) -> Tensor:
        """The logistic function of the logit."""
        return torch.sigmoid(parameters)


@dataclass(frozen=True)
class Gaussian(Likelihood):
    """Normal values of a given or learned deviation around the decoder's output.

    Parameters
    ----------
    sigma : float
        Standard deviation, in the unit of the samples.
    bounded : bool
        Pass the output through the logistic function, so that means stay in (0, 1). Default: linear output.
    learned : bool
        Whether `sigma` is only where the model's own, one for all values, starts; `model_.likelihood.sigma` once
        fitted. The most likely one is the root mean square error of the reconstructions.

    Examples
    --------
    >>> Gaussian(sigma=0.5).nll(torch.zeros(1, 1, 1), torch.zeros(1, 1))  # log(0.5 sqrt(2 pi))
    tensor([[0.2258]])
    """

    sigma: float = 0.3
    bounded: bool = False
    learned: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.sigma < math.inf:
            raise InputError("a positive sigma", self.sigma, "Gaussian(sigma=0.3)")

    @property
    def support(self) -> tuple[float, float]:
        """Samples may lie anywhere, unless the mean is bounded."""
        return UNIT_INTERVAL if self.bounded else ANYWHERE

    def build(self) -> Likelihood:
        """Itself, or a module that owns the deviation."""
        return _LearnedGaussian(self) if self.learned else self

    @property
    def loss(self) -> Loss:
        """Half the squared error, of the logistic function when bounded."""
        return Loss.LOGISTIC_SQUARE if self.bounded else Loss.SQUARE

    def from_loss(self, total: Tensor, x: Tensor, log_sigma: Tensor | None = None) -> Tensor:
        """Total / sigma^2 + log(sigma sqrt(2 pi)) for each value, at another sigma if one is given."""
        log = total.new_tensor(math.log(self.sigma)) if log_sigma is None else log_sigma
        return total * (-2.0 * log).exp() + x.shape[1] * (log + 0.5 * math.log(2.0 * math.pi))

    def nll(self, parameters: Tensor, x: Tensor, log_sigma: Tensor | None = None) -> Tensor:
        """((x - m) / sigma)^2 / 2 + log(sigma sqrt(2 pi)) summed over values, at another sigma if one is given."""
        total = 0.5 * (x[:, None] - self.mean(parameters)).square().sum(dim=2)
        return self.from_loss(total, x, log_sigma)

    def mean(self, parameters: Tensor) -> Tensor:
        """The decoder's output, or its logistic function when bounded."""
        return torch.sigmoid(parameters) if self.bounded else parameters


@dataclass(frozen=True)
class Poisson(Likelihood):
    """Counts; the decoder gives the logarithm of their rate over the exposure.

    Parameters
    ----------
    exposure : float
        A typical large count. The encoder sees counts over it: it saturates, and angles are lost, if these are far
        from one.

    Examples
    --------
    >>> Poisson().nll(torch.zeros(1, 1, 2), torch.tensor([[0.0, 2.0]]))  # 2 + log(2!)
    tensor([[2.6931]])
    """

    exposure: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.exposure < math.inf:
            raise InputError("a positive exposure", self.exposure, "Poisson(exposure=counts.max())")

    @property
    def support(self) -> tuple[float, float]:
        """Samples must not be negative; they need not be whole numbers."""
        return COUNTS

    @property
    def scale(self) -> float:
        """The exposure."""
        return self.exposure

    def scaled_to(self, largest: float) -> "Poisson":
        """With the largest count as exposure."""
        return Poisson(exposure=largest)

    @property
    def loss(self) -> Loss:
        """That of counts over the exposure."""
        return Loss.POISSON

    def from_loss(self, total: Tensor, x: Tensor) -> Tensor:
        """Exposure times total, and what x alone says."""
        return self.exposure * total + (torch.lgamma(x + 1.0) - x * math.log(self.exposure)).sum(dim=1)[:, None]

    def nll(self, parameters: Tensor, x: Tensor) -> Tensor:
        """e exp(l) - x (l + log e) + log(x!) summed over values, at exposure e."""
        return self.from_loss((parameters.exp() - x[:, None] / self.exposure * parameters).sum(dim=2), x)

    def mean(self, parameters: Tensor) -> Tensor:
        """The rate e exp(l)."""
        return self.exposure * parameters.exp()


class _LearnedGaussian(nn.Module, Likelihood):
    """A Gaussian whose deviation is a parameter of the model; its logarithm is learned, so it stays positive."""

    def __init__(self, options: Gaussian) -> None:
        super().__init__()
        self.options = options
        self.log_sigma = nn.Parameter(torch.tensor(math.log(options.sigma)))

    @property
    def support(self) -> tuple[float, float]:
        return self.options.support

    @property
    def sigma(self) -> float:
        """The deviation, in the unit of the samples."""
        return float(self.log_sigma.detach().exp())

    @property
    def loss(self) -> Loss:
        return self.options.loss

    def from_loss(self, total: Tensor, x: Tensor) -> Tensor:
        return self.options.from_loss(total, x, self.log_sigma)

    def nll(self, parameters: Tensor, x: Tensor) -> Tensor:
        return self.options.nll(parameters, x, self.log_sigma)

    def mean(self, parameters: Tensor) -> Tensor:
        return self.options.mean(parameters)
