"""The log marginal likelihood of an exact GP, with the gradient written out."""

import math
from typing import Any

import torch
from gpytorch.module import Module
from linear_operator.utils.cholesky import psd_safe_cholesky
from torch import Tensor


def log_marginal(covariance: Tensor, residual: Tensor) -> Tensor:
    """log N(r | 0, K) = -(r' K^-1 r + log det K + n log 2 pi) / 2.

    One Cholesky factor serves value and gradient, so a step costs half of what differentiating through the factor does.
    The covariance K (n, n), float64, has the noise on its diagonal; the residual is r = y - mean, (n,).
    """
    value = _LogMarginal.apply(covariance, residual)
    assert isinstance(value, Tensor)
    return value


def log_prior(module: Module) -> Tensor:
    """Sum of the log densities of all priors registered below a module."""
    terms = [prior.log_prob(closure(owner)).sum() for _, owner, prior, closure, _ in module.named_priors()]
    return torch.stack(terms).sum() if terms else torch.zeros((), dtype=torch.float64)


class _LogMarginal(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, covariance: Tensor, residual: Tensor) -> Tensor:
        factor = psd_safe_cholesky(covariance)  # K = L L'
        weights = torch.cholesky_solve(residual[:, None], factor)[:, 0]  # K^-1 r
        ctx.save_for_backward(factor, weights)
        half = 0.5 * residual @ weights + factor.diagonal().log().sum()
        return -half - 0.5 * len(residual) * math.log(2 * math.pi)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor]:
        factor, weights = ctx.saved_tensors
        # d/dK = (K^-1 r r' K^-1 - K^-1) / 2, d/dr = -K^-1 r; Rasmussen and Williams 2006, eq. 5.9
        inverse = torch.cholesky_inverse(factor)
        return grads[0] * 0.5 * (torch.outer(weights, weights) - inverse), -grads[0] * weights
