"""One loop over any space: ask, evaluate, tell, record. Names load on first use, so reading a record needs no torch."""

from collections.abc import Callable
from typing import Any

import lazy_loader

__getattr__: Callable[[str], Any]
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "acquire": ["acquisition", "UCB", "NoisyLogEI", "Thompson"],
        "choice": ["choose", "propose"],
        "places": ["Candidates", "Places"],
        "events": ["Proposed", "Ended", "EvaluationEnded", "EvaluationStarted", "Started"],
        "evaluate": ["Attempt", "Outcome", "Trial", "run_evaluator"],
        "loop": ["Campaign"],
        "prune": ["Worse"],
        "record": ["Evaluation", "Record"],
        "result": ["PosteriorBest", "Result"],
        "space": ["Box", "Space"],
    },
)
