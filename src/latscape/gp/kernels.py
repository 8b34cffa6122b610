"""The covariances of an exact GP, with the priors of their length scales."""

import math
from collections.abc import Sequence
from typing import Any

from botorch.models.utils.gpytorch_modules import get_covar_module_with_dim_scaled_prior
from gpytorch.constraints import GreaterThan
from gpytorch.kernels import AdditiveKernel, Kernel, MaternKernel, RBFKernel, ScaleKernel
from gpytorch.priors import LogNormalPrior, Prior

from latscape.errors import InputError

KERNELS = ("rbf", "matern")


def covariance_of(
    d: int, groups: Sequence[Sequence[int]] | None, kernel: str, priors: bool, length_prior: Prior | None
) -> Kernel:
    """R of eq. 7 over all `d` inputs, or the sum of one over each group."""
    if groups is None:
        return _one(tuple(range(d)), kernel, priors, length_prior, alone=True)
    return AdditiveKernel(*(_one(group, kernel, priors, length_prior, alone=False) for group in _checked(d, groups)))


def _one(group: tuple[int, ...], name: str, priors: bool, length_prior: Prior | None, alone: bool) -> Kernel:
    """The kernel of a group. Values are standardized: with priors, sigma^2 = 1 for a kernel that is alone."""
    d, dims = len(group), None if alone else list(group)
    if priors:
        base = get_covar_module_with_dim_scaled_prior(ard_num_dims=d, use_rbf_kernel=name == "rbf", active_dims=dims)
    else:
        # started from the length scale where the dimension-scaled prior has its mode
        theta = above(2.5e-2, math.exp(math.sqrt(2.0) - 3.0) * math.sqrt(d))
        options = {"ard_num_dims": d, "lengthscale_constraint": theta, "active_dims": dims}
        base = stationary(name, **options)
    if length_prior is not None:
        base.register_prior("lengthscale_prior", length_prior, "lengthscale")
    if priors and alone:
        return base
    # a part explains a third of the variance, give or take a factor of e; the prior has no density at 0
    prior = LogNormalPrior(-1.0, 1.0) if priors else None
    return ScaleKernel(base, outputscale_prior=prior, outputscale_constraint=GreaterThan(1e-4))


def _checked(d: int, groups: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    given = [one for group in groups for one in group]
    if not given or not all(groups) or not all(0 <= one < d for one in given):
        raise InputError(f"groups of inputs from 0 to {d - 1}", groups, "groups=((0, 1), (2,))")
    return [tuple(group) for group in groups]


def stationary(name: str, **options: Any) -> RBFKernel | MaternKernel:
    """The kernel of a word, Matern of smoothness 5/2, with gpytorch's options."""
    return RBFKernel(**options) if name == "rbf" else MaternKernel(nu=2.5, **options)


def check_kernel(name: str) -> None:
    """Refuse a kernel nobody knows."""
    if name not in KERNELS:
        raise InputError(f"a kernel among {', '.join(KERNELS)}", repr(name), 'kernel="rbf"')


def above(limit: float, start: float) -> GreaterThan:
    """A bound that the optimizer keeps, instead of a transformed parameter."""
    return GreaterThan(limit, transform=None, initial_value=start)  # pyright: ignore[reportArgumentType]
