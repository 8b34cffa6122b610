"""Ending hopeless evaluations early: a rule compares what one has reached with what others had reached there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from latscape.campaign.evaluate import PARTIAL
from latscape.errors import InputError


@dataclass(frozen=True)
class PercentilePruner:
    """Prune what is worse than the given share of the earlier evaluations at the same step.

    `PercentilePruner(0.5)` is the median rule (Golovin et al. 2017, doi:10.1145/3097983.3098043); with a share of 2/3
    the best third goes on, as in successive halving by three, though one after the other (Li et al. 2020,
    arXiv:1810.05934).

    Parameters
    ----------
    share
        Between 0 and 1: the smaller, the fewer evaluations go on.
    least
        Earlier evaluations that must have reached a step before anything is ended there.

    Examples
    --------
    >>> rule = PercentilePruner(0.5, least=3)
    >>> rule(1.0, [0.0, 2.0, 3.0]), rule(2.5, [0.0, 2.0, 3.0]), rule(1.0, [2.0, 3.0])
    (True, False, False)
    """

    share: float = 0.5
    least: int = 5

    def __post_init__(self) -> None:
        if not 0 < self.share < 1 or self.least < 1:
            got = f"share={self.share}, least={self.least}"
            raise InputError(
                "a share between 0 and 1 and at least one earlier evaluation", got, "PercentilePruner(0.5, least=5)"
            )

    def __call__(self, value: float, earlier: Sequence[float]) -> bool:
        """Whether an evaluation with this value is not worth going on with."""
        return len(earlier) >= self.least and value < float(np.quantile(earlier, 1.0 - self.share))


def reached(curves: Sequence[Mapping[str, Sequence[float]]]) -> dict[float, list[float]]:
    """Partial values of evaluations by step.

    Examples
    --------
    >>> reached([{"step": [0, 1], "partial": [0.5, float("nan")]}, {"step": [0], "partial": [0.7]}, {}])
    {0.0: [0.5, 0.7]}
    """
    found: dict[float, list[float]] = {}
    for one in curves:
        for step, value in zip(one.get("step", ()), one.get(PARTIAL, ()), strict=False):
            if value is not None and np.isfinite(value):
                found.setdefault(float(step), []).append(float(value))
    return found
