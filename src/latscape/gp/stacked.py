"""Several surrogates of the same data, each with the weight that its predictions have earned."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from botorch.models.model import Model
from botorch.posteriors import GPyTorchPosterior
from torch import Tensor

from latscape.errors import InputError
from latscape.gp.deep import DeepKernel
from latscape.gp.exact import ExactGP
from latscape.gp.mixture import Mixture
from latscape.gp.surrogate import Data, Surrogate, as_points, checked, refit
from latscape.random import numpy_generator

LEAST = 0.1  # no deviation is made smaller than this share of itself: values may lie on a line by chance
ROUNDS = 200  # of the fixed-point iteration, which gains less than 1e-6 after some fifty


class StackedModel(Mixture):
    """A mixture that knows how many values its weights and scales rest on, `weighed_with`."""

    def __init__(self, models: list[Model], weights: Tensor, scales: Tensor, weighed_with: int) -> None:
        super().__init__(models, weights, scales)
        self.weighed_with = weighed_with


@dataclass(frozen=True)
class StackedSurrogate:
    """A mixture of surrogates, corrected and weighed by how well each foretells values that it was not shown.

    Parts of the data are held out in turn. The deviations of a surrogate are multiplied by the root mean square of its
    errors there in units of these deviations, so that one that is too sure becomes as sure as it may be. Then the
    weights maximize the log density of the mixture at the held-out values (stacking of predictive distributions, Yao
    et al. 2018, doi:10.1214/17-BA1091): of a network cannot be known beforehand whether it learns or remembers.

    Parameters
    ----------
    surrogates
        At least one, whose deviations alone are then corrected. Default: an exact GP and a deep kernel.
    folds
        Parts of the data, each of which is held out once. Of fewer than twice as many values, nothing is held out.
    growth
        Share of new values (default 0.5) after which weights and scales are found again.

    Raises
    ------
    InputError
        For no surrogate, fewer than two folds, or a negative growth.

    Examples
    --------
    >>> x = np.linspace(0, 1, 24)[:, None]
    >>> model = StackedSurrogate((ExactGP(), ExactGP(degree=1)), folds=2).fit(x, 3 * x[:, 0])
    >>> round(float(model.weights.sum()), 6)
    1.0
    """

    surrogates: tuple[Surrogate, ...] = (ExactGP(noise="broad"), DeepKernel())
    folds: int = 4
    growth: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.surrogates or self.folds < 2 or not self.growth >= 0:
            got = f"{len(self.surrogates)} surrogates, folds={self.folds}, growth={self.growth}"
            raise InputError("a surrogate, at least two folds, growth of at least 0", got, "StackedSurrogate()")

    def fit(self, X: Data, Y: Data, bounds: Data | None = None) -> StackedModel:
        """Each surrogate fitted to all of `X (n, d)`, `Y (n,)`, with its weight."""
        return self.refit(X, Y, bounds)

    def refit(
        self, X: Data, Y: Data, bounds: Data | None = None, *, field: Data | None = None, previous: Model | None = None
    ) -> StackedModel:
        """As `fit`; each goes on from its model in `previous` if it can; weights are kept until data have grown."""
        points, values = checked(X, Y)
        if bounds is None and field is not None:
            bounds = torch.stack(torch.aminmax(as_points(field), dim=0), dim=1)
        before = previous if isinstance(previous, StackedModel) else None
        old = [None] * len(self.surrogates) if before is None else list(before.models)
        models = [
            refit(one, points, values, bounds, field=field, previous=model)
            for one, model in zip(self.surrogates, old, strict=True)
        ]
        if before is not None and len(points) < (1 + self.growth) * before.weighed_with:
            return StackedModel(models, before.weights, before.scales, before.weighed_with)
        errors, deviations = self._held_out(points, values, bounds, field)
        scales = (errors / deviations).square().mean(0).sqrt() if len(errors) else torch.ones_like(errors.sum(0))
        scales = scales.clamp_min(LEAST)
        density = torch.distributions.Normal(0.0, scales * deviations).log_prob(errors)
        return StackedModel(models, stacking(density), scales, len(points))

    def _held_out(
        self, points: Tensor, values: Tensor, bounds: Data | None, field: Data | None
    ) -> tuple[Tensor, Tensor]:
        """Errors and deviations, noise included, of each surrogate at values it was not shown, (n, surrogates)."""
        n, kinds = len(points), len(self.surrogates)
        if n < 2 * self.folds:
            return torch.zeros(0, kinds, dtype=torch.float64), torch.ones(0, kinds, dtype=torch.float64)
        order = numpy_generator(self.seed, "folds").permutation(n)
        errors, deviations = torch.empty(2, n, kinds, dtype=torch.float64)
        for held in np.array_split(order, self.folds):
            shown = np.setdiff1d(order, held)
            for k, one in enumerate(self.surrogates):
                model = refit(one, points[shown], values[shown], bounds, field=field)
                mean, deviations[held, k] = foretell(model, points[held])
                errors[held, k] = values[held, 0] - mean
        return errors, deviations


@torch.no_grad()
def foretell(model: Model, X: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation of what would be measured at `X (n, d)`, noise included, both (n,)."""
    posterior = cast(GPyTorchPosterior, model.posterior(X, observation_noise=True))
    return posterior.mean[:, 0], posterior.variance.clamp_min(1e-12).sqrt()[:, 0]


def stacking(density: Tensor) -> Tensor:
    """The weights (k,) that maximize the sum over n of log sum_k w_k exp(density_nk), by expectation maximization.

    Each round raises the sum, which is concave in the weights.
    """
    weights = torch.full((density.shape[1],), 1.0 / density.shape[1], dtype=density.dtype)
    for _ in range(ROUNDS if len(density) else 0):
        weights = torch.softmax(density + weights.log(), dim=1).mean(0)
    return weights
