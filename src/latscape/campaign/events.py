"""What a running campaign tells its observers, which are plain callables of one event."""

from collections.abc import Callable
from dataclasses import dataclass

from latscape.campaign.record import Evaluation


@dataclass(frozen=True)
class Started:
    """A run begins, with `finished` evaluations already in the record."""

    finished: int
    budget: int


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
class Ended:
    """A run ends, for a `reason` in words."""

    reason: str


Event = Started | EvaluationStarted | EvaluationEnded | Ended
Observer = Callable[[Event], object]
