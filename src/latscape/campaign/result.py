"""What a campaign found: arrays and two answers, the best point seen and the best point the model believes in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from botorch.models.model import Model
from numpy.typing import NDArray

from latscape.campaign.evaluation import Evaluation, best_of


@dataclass(frozen=True, eq=False)
class PosteriorBest:
    """The maximum of the posterior mean over the candidates.

    Attributes
    ----------
    point, decoded
        Where it is, (d,), and what an evaluator is given there.
    mean, std
        The prediction there, made before the point itself was evaluated.
    evaluation
        The evaluation there; None if it was not asked for.
    """

    point: NDArray[np.float64]
    decoded: NDArray[np.float64]
    mean: float
    std: float
    evaluation: Evaluation | None = None

    @property
    def value(self) -> float | None:
        """The value measured there; None if it was not, or failed."""
        return None if self.evaluation is None else self.evaluation.value


@dataclass(frozen=True, eq=False)
class CampaignResult:
    """The state of a campaign when its run ended.

    Attributes
    ----------
    evaluations
        All evaluations by index, failures and the final optimum included.
    stopped
        Why the run ended, in words.
    posterior_best
        Maximum of the posterior mean over the candidates: under noise the better answer.
    candidates, mean, std
        Feasible points (m, d) and the predictions of `model` there, both (m,), in the units of the values.
    """

    evaluations: list[Evaluation]
    stopped: str
    posterior_best: PosteriorBest
    fitting: Callable[[], Model] = field(repr=False)
    candidates: NDArray[np.float64]
    mean: NDArray[np.float64]
    std: NDArray[np.float64]

    @cached_property
    def model(self) -> Model:
        """The surrogate, fitted when first asked for to all evaluations but that of the posterior's maximum."""
        return self.fitting()

    @property
    def done(self) -> list[Evaluation]:
        """The evaluations that succeeded."""
        return [one for one in self.evaluations if one.status == "done"]

    @property
    def best(self) -> Evaluation:
        """The evaluation with the largest value; the first of equals."""
        best = best_of(self.evaluations)
        assert best is not None
        return best

    @property
    def points(self) -> NDArray[np.float64]:
        """Points of the evaluations that succeeded, (n, d)."""
        return np.array([one.point for one in self.done])

    @property
    def values(self) -> NDArray[np.float64]:
        """Their values, (n,)."""
        return np.array([one.value for one in self.done], dtype=np.float64)
