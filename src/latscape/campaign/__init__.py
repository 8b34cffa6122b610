"""One loop over any space: ask, evaluate, tell, record. Names load on first use, so reading a record needs no torch."""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "ACQUISITIONS": "acquire",
    "UCB": "acquire",
    "NoisyLogEI": "acquire",
    "Thompson": "acquire",
    "choose": "choice",
    "propose": "choice",
    "Candidates": "places",
    "Places": "places",
    "Proposed": "events",
    "Attempt": "evaluate",
    "Outcome": "evaluate",
    "Trial": "evaluate",
    "run_evaluator": "evaluate",
    "Ended": "events",
    "EvaluationEnded": "events",
    "EvaluationStarted": "events",
    "Started": "events",
    "Campaign": "loop",
    "Worse": "prune",
    "Evaluation": "record",
    "Record": "record",
    "PosteriorBest": "result",
    "Result": "result",
    "Box": "space",
    "Space": "space",
}


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(f"latscape.campaign.{_PUBLIC[name]}"), name)
    raise AttributeError(f"module 'latscape.campaign' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(_PUBLIC)
