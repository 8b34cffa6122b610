"""What a running campaign tells its observers, which are plain callables of one event."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latscape.campaign.evaluation import Evaluation


@dataclass(frozen=True)
class CampaignStarted:
    """A run begins, with `finished` evaluations already in the record."""

    finished: int
    budget: int


@dataclass(frozen=True, eq=False)
class CandidatesProposed:
    """Candidates were judged and the next rows chosen, when `number` evaluations were in the record.

    Attributes
    ----------
    maps
        By name, over the candidates: "mean" and "std" (m,) in the units of the values, "acquisition" (m,), and
        "embedding" (m, k) of a surrogate that has one.
    """

    number: int
    evaluations: list[Evaluation]
    maps: dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class EvaluationStarted:
    """A point is handed to the evaluator (or to the executor)."""

    evaluation: Evaluation


@dataclass(frozen=True)
class EvaluationEnded:
    """A point is done or failed, and in the record; `best` is the best evaluation so far, None if all failed."""

    evaluation: Evaluation
    finished: int
    budget: int
    best: Evaluation | None


@dataclass(frozen=True)
class CampaignEnded:
    """A run ends, for a `reason` in words."""

    reason: str


Event = CampaignStarted | CandidatesProposed | EvaluationStarted | EvaluationEnded | CampaignEnded
Observer = Callable[[Event], object]
