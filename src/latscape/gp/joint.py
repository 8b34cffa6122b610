"""A GP in which every unknown number has a prior: the density of all of them, its maximum, and draws from it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from linear_operator.utils.errors import NotPSDError
from scipy.optimize import minimize
from torch import Tensor
from torch.distributions import Distribution, LogNormal, Normal, biject_to

from latscape.errors import InputError
from latscape.gp.likelihood import log_marginal
from latscape.gp.surrogate import private_torch_rng, quiet

Values = dict[str, Tensor]

JITTER = 1e-5
DRAWS = 16  # of the priors, for each climb


def hyperpriors(d: int, variance: float = 0.0) -> dict[str, Distribution]:
    """Priors of a kernel and noise of inputs in the unit cube and standardized values.

    Length scales as in Hvarfner et al. 2024, arXiv:2402.02229; noise and variance log-normal, `variance` the log of the
    median of the latter.
    """
    length = LogNormal(torch.full((d,), math.sqrt(2.0) + math.log(d) / 2).double(), math.sqrt(3.0))
    noise, outer = (torch.tensor(value, dtype=torch.float64) for value in (-4.0, variance))
    return {"length": length, "noise": LogNormal(noise, 1.0), "variance": LogNormal(outer, 1.0)}


def covariance(kernel: str, a: Tensor, b: Tensor, length: Tensor, variance: Tensor) -> Tensor:
    """RBF or Matern 5/2 between (n, d) and (m, d): (n, m)."""
    squared = ((a / length)[:, None] - (b / length)).pow(2).sum(-1)
    if kernel == "rbf":
        return variance * torch.exp(-0.5 * squared)
    r = (5.0 * squared + 1e-20).sqrt()  # the root has no gradient at 0
    return variance * (1.0 + r + r**2 / 3.0) * torch.exp(-r)


@dataclass(frozen=True, eq=False)
class Joint:
    """log p(y, values | X) as a function of the values of all unknowns."""

    X: Tensor  # inputs in the unit cube, (n, d)
    Y: Tensor  # standardized values, (n,)
    kernel: str
    mean: Callable[[Values], Tensor]  # standardized mean (n,) of some values
    priors: Mapping[str, Distribution]  # of "length", "noise" and "variance", see `hyperpriors`, and what `mean` needs

    def log_density(self, values: Values) -> Tensor:
        """Log likelihood plus log priors."""
        inner = covariance(self.kernel, self.X, self.X, values["length"], values["variance"])
        outer = inner + (values["noise"] + JITTER) * torch.eye(len(self.X), dtype=inner.dtype)
        prior = torch.stack([prior.log_prob(values[name]).sum() for name, prior in self.priors.items()]).sum()
        return log_marginal(outer, self.Y - self.mean(values)) + prior

    def starts(self, n: int, seed: int) -> list[Values]:
        """The `n` densest of `DRAWS` times as many draws from the priors."""
        with private_torch_rng(seed), torch.no_grad():  # distributions take no generator
            drawn = [{name: p.sample().double() for name, p in self.priors.items()} for _ in range(DRAWS * n)]
            return sorted(drawn, key=lambda values: -float(self.log_density(values)))[:n]

    def maximize(self, start: Values) -> tuple[Values, float]:
        """The maximum near `start` by L-BFGS on the real line, in units of the priors, and its log density."""
        free = self.free(start)
        centre, unit = (torch.cat(parts) for parts in zip(*map(self._unit, free, free.values()), strict=True))
        flat = (torch.cat([value.reshape(-1) for value in free.values()]) - centre) / unit

        def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
            at = torch.from_numpy(x).requires_grad_()
            try:
                value = -self.log_density(self.values(_unflat(centre + unit * at, free))[0])
                (slope,) = torch.autograd.grad(value, at)
            except InputError:
                raise  # of the user's mean function
            except (ValueError, RuntimeError):  # out of the support by rounding, or no Cholesky factor
                return 1e10, np.zeros_like(x)
            good = bool(value.isfinite()) and bool(slope.isfinite().all())
            return (value.item(), slope.numpy()) if good else (1e10, np.zeros_like(x))

        found = minimize(loss, flat.numpy(), jac=True, method="L-BFGS-B", bounds=[(-30.0, 30.0)] * len(flat))
        best = self.values(_unflat(centre + unit * torch.from_numpy(found.x), free))[0]
        return {name: value.detach() for name, value in best.items()}, -float(found.fun)

    def draw(self, start: Values, samples: int, warmup: int, thinning: int, seed: int) -> list[Values]:
        """`samples` draws by NUTS (Hoffman and Gelman 2014), every `thinning`-th after `warmup`, from `start` on."""
        try:
            from pyro.infer import MCMC, NUTS
        except ImportError as error:
            raise InputError("pyro, which draws from posteriors", "no pyro", 'pip install "latscape[bayes]"') from error

        def potential(free: Values) -> Tensor:
            values, log_volume = self.values(free)
            return -(self.log_density(values) + log_volume)

        _forgive()
        with private_torch_rng(seed), quiet():  # jitter, far from anything probable
            nuts = NUTS(potential_fn=potential, max_tree_depth=6, target_accept_prob=0.8)
            steps: dict[str, Any] = {"num_samples": samples * thinning, "warmup_steps": warmup}
            chain = MCMC(nuts, **steps, initial_params=self.free(start), disable_progbar=True)
            chain.run()
        drawn = chain.get_samples()
        kept = [{name: value[i] for name, value in drawn.items()} for i in range(0, samples * thinning, thinning)]
        return [self.values(free)[0] for free in kept]

    def _unit(self, name: str, value: Tensor) -> tuple[Tensor, Tensor]:
        """Centre and deviation of the prior of a number that may be any; what is a logarithm has a unit of its own."""
        prior, zero = self.priors[name], torch.zeros(value.numel(), dtype=torch.float64)
        if not isinstance(prior, Normal):
            return zero, zero + 1.0
        return tuple((zero + moment.expand(value.shape).reshape(-1)) for moment in (prior.mean, prior.stddev))  # type: ignore[return-value]

    def free(self, values: Values) -> Values:
        """The values on the real line."""
        return {name: biject_to(prior.support).inv(values[name]) for name, prior in self.priors.items()}

    def values(self, free: Values) -> tuple[Values, Tensor]:
        """Values of numbers on the real line, and the log of the volume by which they are stretched."""
        values, volume = {}, torch.zeros((), dtype=torch.float64)
        for name, prior in self.priors.items():
            transform = biject_to(prior.support)
            values[name] = transform(free[name])
            volume = volume + transform.log_abs_det_jacobian(free[name], values[name]).sum()
        return values, volume


@cache
def _forgive() -> None:
    """To pyro, a step to where there is no Cholesky factor is one that diverged, not the end."""
    from pyro.ops.integrator import register_exception_handler

    register_exception_handler("not_positive_definite", lambda error: isinstance(error, NotPSDError))


def _unflat(flat: Tensor, like: Values) -> Values:
    parts = flat.split([value.numel() for value in like.values()])
    return {name: part.reshape(value.shape) for (name, value), part in zip(like.items(), parts, strict=True)}
