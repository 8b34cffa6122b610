from .acquire import UCB, NoisyLogEI, Thompson, acquisition
from .choice import choose, propose
from .evaluate import Attempt, Outcome, Trial, run_evaluator
from .events import Ended, EvaluationEnded, EvaluationStarted, Proposed, Started
from .loop import Campaign
from .places import Candidates, Places
from .prune import Worse
from .record import Evaluation, Record
from .result import PosteriorBest, Result
from .space import Box, Space

__all__ = [
    "UCB",
    "Attempt",
    "Box",
    "Campaign",
    "Candidates",
    "Ended",
    "Evaluation",
    "EvaluationEnded",
    "EvaluationStarted",
    "NoisyLogEI",
    "Outcome",
    "Places",
    "PosteriorBest",
    "Proposed",
    "Record",
    "Result",
    "Space",
    "Started",
    "Thompson",
    "Trial",
    "Worse",
    "acquisition",
    "choose",
    "propose",
    "run_evaluator",
]
