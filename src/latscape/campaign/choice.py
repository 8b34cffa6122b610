"""The best of the candidates under an acquisition, one after another, less what is closed and what is far away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from botorch.acquisition import (
    AcquisitionFunction,
    ExpectedImprovement,
    LogExpectedImprovement,
    PosteriorStandardDeviation,
    UpperConfidenceBound,
)
from botorch.acquisition.analytic import AnalyticAcquisitionFunction
from botorch.models.model import Model
from botorch.posteriors import GPyTorchPosterior, Posterior
from gpytorch.distributions import MultivariateNormal
from linear_operator.operators import DiagLinearOperator
from numpy.typing import NDArray
from torch import Tensor

from latscape.campaign.acquire import Acquisition, resolve_acquisition
from latscape.gp.surrogate import OneOutput, as_points, private_torch_rng, quiet

CHUNK = 512  # candidates per call; each is a posterior of its own, never a joint sample of all

Chosen = Sequence[int]

#: Those that a believed point can only lower: its mean stays, its deviation shrinks, and the best never falls.
SHRINKING = (ExpectedImprovement, LogExpectedImprovement, UpperConfidenceBound, PosteriorStandardDeviation)


@dataclass(frozen=True, eq=False)
class Choice:
    """Candidates that were chosen."""

    indices: list[int]  # which, (k,); fewer than asked for where no more are open
    values: NDArray[np.float64]  # their acquisition, less the cost, when each was chosen, (k,)
    scores: NDArray[np.float64]  # the acquisition of every candidate, (m,), before the first was chosen


def optimize_acquisition(
    model: Model,
    candidates: NDArray[np.float64],
    observed: NDArray[np.float64],
    acquire: str | Acquisition = "ei",
    q: int = 1,
    pending: NDArray[np.float64] | None = None,
    *,
    available: Callable[[Chosen], NDArray[np.bool_]] | None = None,
    cost: Callable[[Chosen], NDArray[np.float64]] | None = None,
) -> Choice:
    """The `q` best candidates of a fitted model, which is left as it was, one after another.

    After each choice, and first for every pending point, the model is conditioned on its own mean there: the kriging
    believer of Ginsbourger et al. 2010, doi:10.1007/978-3-642-10701-6_6. The mean stays, the variance shrinks.

    Parameters
    ----------
    candidates
        What the model is given for each candidate, (m, d).
    observed
        Inputs the model was fitted to, (n, d).
    pending
        Inputs asked for but not evaluated yet, (p, d).
    available
        Which candidates may be chosen, (m,), after those of these indices were chosen; default: all, again and again.
    cost
        What is taken off the acquisition of each candidate, (m,), after those of these indices were chosen.

    Examples
    --------
    >>> from latscape.gp import ExactGP
    >>> x = np.array([[0.0], [0.4], [1.0]])
    >>> choice = optimize_acquisition(ExactGP().fit(x, [0.0, 1.0, 0.0]), np.linspace(0, 1, 11)[:, None], x, "ucb", q=2)
    >>> len(choice.indices), choice.values.shape, choice.scores.shape
    (2, (2,), (11,))
    """
    builder = resolve_acquisition(acquire)
    choices, seen = as_points(candidates), as_points(observed)
    indices: list[int] = []
    values: list[float] = []
    first: NDArray[np.float64] | None = None
    with torch.no_grad(), private_torch_rng(), quiet():  # "EI has numerical issues": only the argmax is used here
        for point in as_points(pending if pending is not None else np.empty((0, choices.shape[1]))):
            model, seen = _believe(model, seen, point)
        raw = np.full(len(choices), np.inf)
        while len(indices) < q:
            if indices:
                model, seen = _believe(model, seen, choices[indices[-1]])
            function = builder(model, seen)
            stale = bool(indices) and isinstance(function, SHRINKING)
            function = _pointwise(function)
            if not stale:
                raw = _scores(function, choices)
                first = raw.copy() if first is None else first
            known = np.full(len(raw), not stale)
            less = 0.0 if cost is None else cost(indices)
            closed = None if available is None else ~available(indices)
            best = _best(function, choices, raw, known, less, closed)
            if best is None:
                break
            indices.append(best)
            values.append(float((raw - less)[best]))
    return Choice(indices, np.array(values), np.empty(0) if first is None else first)


def propose_candidates(
    model: Model,
    candidates: NDArray[np.float64],
    observed: NDArray[np.float64],
    acquire: str | Acquisition = "ei",
    q: int = 1,
    pending: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The `q` best candidates (q, d), any of them more than once, and their acquisition values (q,)."""
    choice = optimize_acquisition(model, candidates, observed, acquire, q, pending)
    return np.asarray(candidates)[choice.indices], choice.values


def _best(
    function: AcquisitionFunction,
    choices: Tensor,
    raw: NDArray[np.float64],
    known: NDArray[np.bool_],
    less: NDArray[np.float64] | float,
    closed: NDArray[np.bool_] | None,
) -> int | None:
    """The open candidate with the largest score; where `raw` is not `known` it is an upper bound, made exact as needed.

    Lazy evaluation of a greedy choice (Minoux 1978, doi:10.1007/BFb0006528): same result, a fraction of the posteriors.
    """
    while True:
        scores = raw - less if closed is None else np.where(closed, -np.inf, raw - less)
        best = int(scores.argmax())
        if scores[best] == -np.inf and closed is not None:
            return None
        if known[best]:
            return best
        part = np.argsort(np.where(known, np.inf, -scores), kind="stable")[: CHUNK // 4]
        part = part[~known[part]]
        raw[part], known[part] = _scores(function, choices[torch.as_tensor(part)]), True


def _scores(function: AcquisitionFunction, choices: Tensor) -> NDArray[np.float64]:
    return torch.cat([function(chunk.unsqueeze(-2)) for chunk in choices.split(CHUNK)]).numpy()  # (m, 1, d) -> (m,)


def _believe(model: Model, observed: Tensor, point: Tensor) -> tuple[Model, Tensor]:
    x = point.unsqueeze(0)  # (1, d)
    mean = cast(GPyTorchPosterior, model.posterior(x)).mean  # also fills the caches that conditioning needs
    return model.condition_on_observations(x, mean), torch.cat([observed, x])


class Marginals(OneOutput):
    """The same posterior for `X (b, 1, d)`, computed as one of `b` points instead of `b` of one point.

    A batch of one-point posteriors repeats the training data `b` times, and with a deep kernel their way through the
    network: at 500 points and 10,000 candidates most of a step.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def posterior(self, X: Tensor, *args: Any, **kwargs: Any) -> Posterior:
        """Mean and variance at each point of `X (b, 1, d)`, as `b` posteriors of one point."""
        joint = cast(GPyTorchPosterior, self.model.posterior(X.squeeze(-2), *args, **kwargs))
        mean, variance = joint.mean.reshape(-1, 1), joint.variance.reshape(-1, 1).clamp_min(0.0)  # (b, 1)
        return GPyTorchPosterior(MultivariateNormal(mean, DiagLinearOperator(variance)))


def _pointwise(function: AcquisitionFunction) -> AcquisitionFunction:
    """An acquisition function that computes the same values faster, if it is of closed form; else as it was."""
    if isinstance(function, AnalyticAcquisitionFunction):
        function.model = Marginals(cast(Model, function.model))
    return function
