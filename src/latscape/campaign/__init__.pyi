from .acquire import UCB, NoisyLogEI, Thompson
from .evaluate import EvaluationResult, Trial
from .loop import Campaign
from .places import Candidates, DiscreteSpace
from .prune import PercentilePruner
from .record import CampaignRecord, Evaluation
from .result import CampaignResult
from .space import Box, Space

__all__ = [
    "UCB",
    "Box",
    "Campaign",
    "CampaignRecord",
    "CampaignResult",
    "Candidates",
    "DiscreteSpace",
    "Evaluation",
    "EvaluationResult",
    "NoisyLogEI",
    "PercentilePruner",
    "Space",
    "Thompson",
    "Trial",
]
