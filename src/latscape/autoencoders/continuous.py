"""The likelihood of grey values in [0, 1], and the two functions it needs without cancellation."""

from dataclasses import dataclass

import torch
from torch import Tensor

from latscape.autoencoders.likelihoods import UNIT_INTERVAL, Likelihood


@dataclass(frozen=True)
class ContinuousBernoulli(Likelihood):
    """Values anywhere in [0, 1], with the density exp(l x) / Z(l) that a Bernoulli lacks there; the decoder gives l.

    The logit l is log(lambda / (1 - lambda)) of Loaiza-Ganem and Cunningham 2019 (arXiv:1907.06845, eqs. 6 to 8).

    Examples
    --------
    >>> ContinuousBernoulli().nll(torch.zeros(1, 1, 2), torch.tensor([[0.2, 0.9]]))  # uniform at l = 0
    tensor([[0.]])
    """

    @property
    def support(self) -> tuple[float, float]:
        """Samples must lie in [0, 1]."""
        return UNIT_INTERVAL

    def nll(self, parameters: Tensor, x: Tensor) -> Tensor:
        """log Z(l) - x l summed over values, with Z(l) = (exp(l) - 1) / l = exp(l / 2) sinh(l / 2) / (l / 2)."""
        return (_log_sinhc(0.5 * parameters) + (0.5 - x[:, None]) * parameters).sum(dim=2)

    def mean(self, parameters: Tensor) -> Tensor:
        """d log Z / dl = 1 / (1 - exp(-l)) - 1 / l, which is not the logistic function of l (ibid., eq. 8)."""
        return 0.5 + 0.5 * _langevin(0.5 * parameters)


def _log_sinhc(a: Tensor) -> Tensor:
    """log(sinh(a) / a); by its series where the closed form's derivative, 1 / tanh(a) - 1 / a, would cancel."""
    near, far, s = _split(a)
    closed = far + (-torch.expm1(-2.0 * far) / (2.0 * far)).log()
    series = s * (1 / 6 - s * (1 / 180 - s * (1 / 2835 - s * (1 / 37800 - s / 467775))))
    return torch.where(near, series, closed)


def _langevin(a: Tensor) -> Tensor:
    """1 / tanh(a) - 1 / a, the derivative of log(sinh(a) / a)."""
    near, far, s = _split(a)
    closed = a.sign() * (1.0 / far.tanh() - 1.0 / far)
    series = a * (1 / 3 - s * (1 / 45 - s * (2 / 945 - s * (1 / 4725 - s * (2 / 93555)))))
    return torch.where(near, series, closed)


def _split(a: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where the series holds, |a| for the closed form and a^2 for the series, each harmless where it is not used."""
    near = a.abs() < 0.3
    return near, torch.where(near, 1.0, a.abs()), torch.where(near, a, 0.0).square()
