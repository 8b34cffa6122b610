"""Where to look next: acquisition functions by name."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from botorch.acquisition import (
    AcquisitionFunction,
    ExpectedImprovement,
    LogExpectedImprovement,
    PosteriorStandardDeviation,
    ProbabilityOfImprovement,
    UpperConfidenceBound,
    qLogNoisyExpectedImprovement,
)
from botorch.acquisition.thompson_sampling import PathwiseThompsonSampling
from botorch.models.model import Model
from botorch.sampling import SobolQMCNormalSampler
from torch import Tensor

from latscape import parts
from latscape.errors import InputError
from latscape.gp.surrogate import predict, private_torch_rng
from latscape.random import derive_seed

Acquisition = Callable[[Model, Tensor], AcquisitionFunction]


def expected_improvement(model: Model, observed: Tensor) -> AcquisitionFunction:
    """EI = E[max(f(x) - best, 0)], the acquisition of Biswas et al. 2023, arXiv:2207.00128 (their ref. 42)."""
    return ExpectedImprovement(model, best_f=best_mean(model, observed))


def log_expected_improvement(model: Model, observed: Tensor) -> AcquisitionFunction:
    """log EI, which keeps its shape where EI underflows (Ament et al. 2023, arXiv:2310.20708)."""
    return LogExpectedImprovement(model, best_f=best_mean(model, observed))


def probability_of_improvement(model: Model, observed: Tensor) -> AcquisitionFunction:
    """PI = P(f(x) > best)."""
    return ProbabilityOfImprovement(model, best_f=best_mean(model, observed))


def standard_deviation(model: Model, observed: Tensor) -> AcquisitionFunction:
    """The largest posterior deviation: to learn the whole relation, not to find its maximum."""
    return PosteriorStandardDeviation(model)


@dataclass(frozen=True)
class Thompson:
    """One function drawn from the posterior, along a path that need not know all points at once.

    Wilson et al. 2020, arXiv:2002.09309. What is drawn depends on `seed` and on the number of observed points. For
    surrogates whose kernel sees the inputs themselves, such as `gp.ExactGP`; not for deep kernels and mixtures.
    """

    seed: int = 0

    def __call__(self, model: Model, observed: Tensor) -> AcquisitionFunction:
        """The drawn function."""
        drawn = PathwiseThompsonSampling(model)
        with private_torch_rng(derive_seed(self.seed, "thompson", len(observed))):
            try:
                drawn.redraw(1)
                drawn.samples(observed[:1])  # pyright: ignore[reportOptionalCall]
            except (RuntimeError, NotImplementedError, AttributeError) as error:
                got = type(model).__name__
                raise InputError("a surrogate along whose paths one can draw", got, 'gp.ExactGP() or "ucb"') from error
        drawn.batch_size = 1  # the number of points per call it was drawn for
        return drawn


@dataclass(frozen=True)
class UCB:
    """Upper confidence bound, mean + k * standard deviation.

    Examples
    --------
    >>> acquire = UCB(k=3.0)  # more exploring than the default k = 2
    """

    k: float = 2.0

    def __call__(self, model: Model, observed: Tensor) -> AcquisitionFunction:
        """The acquisition function for `model`."""
        return UpperConfidenceBound(model, beta=self.k**2)  # BoTorch: mean + sqrt(beta) * std


@dataclass(frozen=True)
class NoisyLogEI:
    """Log of the improvement over the unknown best of the observed points, averaged over `samples` seeded draws."""

    samples: int = 128
    seed: int = 0

    def __call__(self, model: Model, observed: Tensor) -> AcquisitionFunction:
        """The acquisition function for `model`, with the points of `observed (n, d)` as baseline."""
        sampler = SobolQMCNormalSampler(torch.Size([self.samples]), seed=self.seed)
        return qLogNoisyExpectedImprovement(model, X_baseline=observed, sampler=sampler, prune_baseline=True)


def resolve_acquisition(acquire: str | Acquisition) -> Acquisition:
    """The builder that words stand for; a callable `(model, observed (n, d)) -> AcquisitionFunction` is passed on.

    Examples
    --------
    >>> resolve_acquisition("ei") is expected_improvement, resolve_acquisition("ucb:10")
    (True, UCB(k=10.0))
    >>> resolve_acquisition("eii")
    Traceback (most recent call last):
    latscape.errors.InputError: Expected an acquisition among ei, log_ei, ... Got 'eii'. Try ei.
    """
    return acquire if callable(acquire) else parts.build_part("acquisition", str(acquire))


def best_mean(model: Model, observed: Tensor) -> float:
    """Largest posterior mean at the observed points: under noise the largest value seen would be a lucky draw."""
    return float(predict(model, observed)[0].max())
