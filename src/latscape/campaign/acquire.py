"""Where to look next: acquisition functions by name, maximized over the feasible candidates."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from botorch.acquisition import (
    AcquisitionFunction,
    ExpectedImprovement,
    LogExpectedImprovement,
    ProbabilityOfImprovement,
    UpperConfidenceBound,
    qLogNoisyExpectedImprovement,
)
from botorch.exceptions.warnings import BotorchWarning
from botorch.models.model import Model
from botorch.posteriors import GPyTorchPosterior
from botorch.sampling import SobolQMCNormalSampler
from linear_operator.utils.warnings import NumericalWarning
from numpy.typing import NDArray
from torch import Tensor

from latscape.errors import InputError
from latscape.gp.surrogate import as_points, predict, private_torch_rng

Acquisition = Callable[[Model, Tensor], AcquisitionFunction]

CHUNK = 512  # candidates per call; each is a posterior of its own, never a joint sample of all


def expected_improvement(model: Model, observed: Tensor) -> AcquisitionFunction:
    """EI = E[max(f(x) - best, 0)], the acquisition of Biswas et al. 2023, arXiv:2207.00128 (their ref. 42)."""
    return ExpectedImprovement(model, best_f=best_mean(model, observed))


def log_expected_improvement(model: Model, observed: Tensor) -> AcquisitionFunction:
    """log EI, which keeps its shape where EI underflows (Ament et al. 2023, arXiv:2310.20708)."""
    return LogExpectedImprovement(model, best_f=best_mean(model, observed))


def probability_of_improvement(model: Model, observed: Tensor) -> AcquisitionFunction:
    """PI = P(f(x) > best)."""
    return ProbabilityOfImprovement(model, best_f=best_mean(model, observed))


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


ACQUISITIONS: dict[str, Acquisition] = {
    "ei": expected_improvement,
    "log_ei": log_expected_improvement,
    "noisy_log_ei": NoisyLogEI(),
    "ucb": UCB(),
    "pi": probability_of_improvement,
}


def acquisition(acquire: str | Acquisition) -> Acquisition:
    """The builder a name stands for; a callable `(model, observed (n, d)) -> AcquisitionFunction` is passed on.

    Examples
    --------
    >>> acquisition("ei") is expected_improvement
    True
    >>> acquisition("eii")
    Traceback (most recent call last):
    latscape.errors.InputError: Expected an acquisition among ei, log_ei, noisy_log_ei, ucb, pi. Got 'eii'. Try "ei".
    """
    if callable(acquire):
        return acquire
    if not isinstance(acquire, str) or acquire not in ACQUISITIONS:
        raise InputError(f"an acquisition among {', '.join(ACQUISITIONS)}", repr(acquire), '"ei"')
    return ACQUISITIONS[acquire]


def best_mean(model: Model, observed: Tensor) -> float:
    """Largest posterior mean at the observed points: under noise the largest value seen would be a lucky draw."""
    return float(predict(model, observed)[0].max())


def propose(
    model: Model,
    candidates: NDArray[np.float64],
    observed: NDArray[np.float64],
    acquire: str | Acquisition = "ei",
    q: int = 1,
    pending: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The `q` best candidates, one after another, and their acquisition values.

    After each choice, and first for every pending point, the model is conditioned on its own mean there: the kriging
    believer of Ginsbourger et al. 2010, doi:10.1007/978-3-642-10701-6_6. The mean stays, the variance shrinks.

    Parameters
    ----------
    model
        A fitted model; it is left as it was.
    candidates
        Feasible points, (m, d). Points already evaluated may be chosen again.
    observed
        Points the model was fitted to, (n, d).
    acquire
        Name or builder, see `acquisition`.
    q
        How many points to choose.
    pending
        Points asked for but not evaluated yet, (p, d).

    Returns
    -------
    points, values
        (q, d) and (q,). Ties go to the first candidate; nothing is drawn from a global generator.

    Examples
    --------
    >>> from latscape.gp import Exact
    >>> x = np.array([[0.0], [0.4], [1.0]])
    >>> points, values = propose(Exact().fit(x, [0.0, 1.0, 0.0]), np.linspace(0, 1, 11)[:, None], x, "ucb", q=2)
    >>> points.shape, values.shape
    ((2, 1), (2,))
    """
    builder = acquisition(acquire)
    choices, seen = as_points(candidates), as_points(observed)
    points, values = [], []
    with torch.no_grad(), private_torch_rng(), warnings.catch_warnings():
        warnings.simplefilter("ignore", BotorchWarning)  # "EI has numerical issues": only the argmax is used here
        warnings.simplefilter("ignore", NumericalWarning)
        for point in as_points(pending if pending is not None else np.empty((0, choices.shape[1]))):
            model, seen = _believe(model, seen, point)
        for _ in range(q):
            scores = _scores(builder(model, seen), choices)
            best = int(scores.argmax())
            points.append(choices[best].numpy())
            values.append(float(scores[best]))
            if len(points) < q:
                model, seen = _believe(model, seen, choices[best])
    return np.array(points), np.array(values)


def _scores(function: AcquisitionFunction, choices: Tensor) -> Tensor:
    return torch.cat([function(chunk.unsqueeze(-2)) for chunk in choices.split(CHUNK)])  # (m, 1, d) -> (m,)


def _believe(model: Model, observed: Tensor, point: Tensor) -> tuple[Model, Tensor]:
    x = point.unsqueeze(0)  # (1, d)
    mean = cast(GPyTorchPosterior, model.posterior(x)).mean  # also fills the caches that conditioning needs
    return model.condition_on_observations(x, mean), torch.cat([observed, x])
