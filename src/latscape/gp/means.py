"""Mean functions: polynomials of the scaled inputs, and a function of the user's in the units of the data."""

from collections.abc import Callable, Mapping
from itertools import combinations_with_replacement

import torch
from gpytorch.means import Mean
from gpytorch.priors import NormalPrior
from torch import Tensor

from latscape.errors import InputError

Parameters = Mapping[str, Tensor]
Function = Callable[[Tensor, Parameters], Tensor]


class Polynomial(Mean):
    """The trend x' beta of Biswas et al. 2023, arXiv:2207.00128, eq. 4: all monomials up to a degree.

    They are of 2 x - 1, the `d` inputs x in the unit cube; degree 1 is the paper's universal kriging. With `prior`
    coefficients have a prior N(0, 10^2), of standardized values; else they are found by likelihood alone.
    """

    coefficients: Tensor

    def __init__(self, d: int, degree: int, prior: bool) -> None:
        super().__init__()
        self.terms = [term for k in range(degree + 1) for term in combinations_with_replacement(range(d), k)]
        self.register_parameter("coefficients", torch.nn.Parameter(torch.zeros(len(self.terms))))
        if prior:
            self.register_prior("coefficients_prior", NormalPrior(0.0, 10.0), "coefficients")

    def forward(self, x: Tensor) -> Tensor:
        """Trend (...,) at x (..., d)."""
        centred = 2.0 * x - 1.0
        monomials = torch.stack([centred[..., list(term)].prod(-1) for term in self.terms], -1)  # (..., terms)
        return monomials @ self.coefficients


class Physical(Mean):
    """The user's mean at these parameters, between the scaled inputs and values of a GP and the units of the data."""

    def __init__(
        self, function: Function, parameters: Parameters, limits: Tensor, center: Tensor, scale: Tensor
    ) -> None:
        super().__init__()
        self.function, self.parameters_ = function, dict(parameters)
        self.limits, self.center, self.scale = limits, center, scale

    def forward(self, x: Tensor) -> Tensor:
        """Mean (...,) of standardized values at x (..., d) in the unit cube."""
        low, high = self.limits
        values = call(self.function, low + (high - low) * x.reshape(-1, x.shape[-1]), self.parameters_)
        return ((values - self.center) / self.scale).reshape(x.shape[:-1])


def call(function: Function, x: Tensor, parameters: Parameters) -> Tensor:
    """`function(x, parameters)`, which must be one number for each of the points (n, d)."""
    values = function(x, parameters)
    if not isinstance(values, Tensor) or values.shape != x.shape[:1]:
        got = f"shape {tuple(values.shape)}" if isinstance(values, Tensor) else type(values).__name__
        raise InputError(f"a mean function that gives a tensor ({len(x)},) of {len(x)} points", got, "x[:, 0] * p['a']")
    return values
