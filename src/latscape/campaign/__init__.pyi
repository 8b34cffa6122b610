from .acquire import UCB, NoisyLogEI, Thompson, acquisition
from .choice import choose, propose
from .evaluate import Attempt, Outcome, Trial, run_evaluator
from .events import Ended, EvaluationEnded, EvaluationStarted, Proposed, Started
from .loop import Campaign
from .places import Candidates, DiscreteSpace
from .prune import PercentilePruner
from .record import Evaluation, Record
from .result import PosteriorBest, Result
from .space import Box, Space

__all__ = [
    "UCB",
    "Attempt",
    "Box",
    "Campaign",
    "Candidates",
    "DiscreteSpace",
    "Ended",
    "Evaluation",
    "EvaluationEnded",
    "EvaluationStarted",
    "NoisyLogEI",
    "Outcome",
    "PercentilePruner",
    "PosteriorBest",
    "Proposed",
    "Record",
    "Result",
    "Space",
    "Started",
    "Thompson",
    "Trial",
    "acquisition",
    "choose",
    "propose",
    "run_evaluator",
]
