"""One evaluation of a campaign, and the row of the record that holds it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from latscape.campaign.evaluate import Curves
from latscape.campaign.storage import dump_numbers, load_numbers
from latscape.errors import InputError

Role = Literal["start", "acquired", "optimum", "told"]
Status = Literal["asked", "done", "failed"]
REALLY = "really_"  # metrics that hold where an evaluator says it was, axis by axis


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One evaluation of a campaign, as its record keeps it.

    Attributes
    ----------
    index
        Number in the campaign, from 0.
    role
        "start" (random), "acquired", "optimum" (maximum of the final posterior mean) or "told" (brought by the user).
    point
        Point of the space, (d,).
    decoded
        What the evaluator was given, any shape.
    status
        "asked" until it is "done" or "failed".
    value
        The number to maximize; None unless done.
    acquisition
        Acquisition value the point was chosen for, computed on values standardized by the mean and standard deviation
        of those known then; None if it was not acquired.
    seconds
        Duration; None if nobody measured it.
    error
        One line of text; None unless failed.
    metrics, curves
        Further numbers and lists of numbers, by name.
    """

    index: int
    role: Role
    point: NDArray[np.float64]
    decoded: NDArray[np.float64]
    seed: int
    status: Status = "asked"
    value: float | None = None
    acquisition: float | None = None
    seconds: float | None = None
    error: str | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    curves: Curves = field(default_factory=dict)

    @property
    def where(self) -> NDArray[np.float64]:
        """Where it was really evaluated, (d,); the point, unless the evaluator said otherwise."""
        names = [f"{REALLY}{axis}" for axis in range(len(self.point))]
        return np.array([self.metrics.get(name, x) for name, x in zip(names, self.point, strict=True)])


def to_row(one: Evaluation) -> tuple:
    """The columns of a row that is still to be evaluated."""
    if one.status != "asked":
        raise InputError("a row that is still to be evaluated", one.status, "finish(index, attempt) afterwards")
    point, decoded = dump_numbers(one.point.tolist()), dump_numbers(one.decoded.tolist())
    return (one.index, one.role, one.status, point, decoded, one.seed, None, one.acquisition, None, None)


def from_row(row: tuple, metrics: dict[str, float], curves: Curves) -> Evaluation:
    """An evaluation from the columns of its row, and what the other tables hold of it."""
    index, role, status, *texts, seed, value, acquisition, seconds, error = row
    point, decoded = (np.array(load_numbers(text), dtype=np.float64) for text in texts)
    return Evaluation(index, role, point, decoded, seed, status, value, acquisition, seconds, error, metrics, curves)


def best_of(rows: Iterable[Evaluation]) -> Evaluation | None:
    """The evaluation with the largest value, the first of equals; None if none has one."""
    return max((one for one in rows if one.value is not None), key=lambda one: one.value or 0.0, default=None)
