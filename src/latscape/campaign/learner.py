"""The pure part of a campaign: which point comes next, as a function of a seed and of what is in the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from botorch.models.model import Model

from latscape.campaign.acquire import Acquisition, propose
from latscape.campaign.record import Evaluation, Role
from latscape.campaign.space import Points, Space
from latscape.errors import InputError
from latscape.gp.surrogate import Surrogate, predict
from latscape.random import derive_seed, numpy_generator


@dataclass(frozen=True, eq=False)
class Learner:
    """Steps 5 and 7 to 9 of Table 1 of Biswas et al. 2023, arXiv:2207.00128; it keeps no state between calls."""

    space: Space
    surrogate: Surrogate
    acquire: str | Acquisition
    seed: int

    @cached_property
    def candidates(self) -> Points:
        """Feasible candidates of the space, (m, d)."""
        points = np.asarray(self.space.candidates(), dtype=np.float64)
        if points.ndim == 2 and len(points):
            points = points[np.asarray(self.space.contains(points), dtype=bool)]
        if points.ndim != 2 or len(points) == 0:
            raise InputError("a space with feasible candidates", "none", "a weaker constraint or a finer grid")
        return points

    def next(self, rows: Sequence[Evaluation], starts: int, n: int) -> list[Evaluation]:
        """`n` rows to ask: random up to `starts` rows and as long as no value is known, acquired from then on."""
        if count(rows) < starts or not any_value(rows):
            return self.start(rows, n)
        return self.acquired(rows, n)

    def start(self, rows: Sequence[Evaluation], n: int) -> list[Evaluation]:
        """`n` random feasible points, each from a stream of its own (step 5)."""
        first = len(rows)
        points = [self._random_point(index) for index in range(first, first + n)]
        return self.rows(np.array(points), "start", first)

    def acquired(self, rows: Sequence[Evaluation], n: int) -> list[Evaluation]:
        """The `n` best candidates under the acquisition (step 9), given the told and the pending rows."""
        pending = [one.point for one in rows if one.status == "asked"]
        points, values = propose(
            self._standard_model(rows),
            self.candidates,
            training_data(rows)[0],
            self.acquire,
            q=n,
            pending=np.array(pending) if pending else None,
        )
        return self.rows(points, "acquired", len(rows), values)

    def optimum(self, rows: Sequence[Evaluation]) -> list[Evaluation]:
        """The maximum of the posterior mean over the candidates."""
        mean, _ = self.predict(rows)
        return self.rows(self.candidates[[mean.argmax()]], "optimum", len(rows))

    def fit(self, rows: Sequence[Evaluation]) -> Model:
        """The surrogate model of what was told (step 7), inputs scaled by the range of the candidates."""
        return self._fit(*training_data(rows))

    def predict(self, rows: Sequence[Evaluation]) -> tuple[Points, Points]:
        """Mean and standard deviation at the candidates (step 8), both (m,), in the units of the values."""
        center, scale = center_and_scale(rows)
        mean, std = predict(self._standard_model(rows), self.candidates)
        return center + scale * mean, scale * std

    def _standard_model(self, rows: Sequence[Evaluation]) -> Model:
        """The same of standardized values: BoTorch rounds variances below about 1e-10 up, whatever the unit is."""
        points, values = training_data(rows)
        center, scale = center_and_scale(rows)
        return self._fit(points, (values - center) / scale)

    def _fit(self, points: Points, values: Points) -> Model:
        bounds = np.stack([self.candidates.min(axis=0), self.candidates.max(axis=0)], axis=1)  # (d, 2)
        return self.surrogate.fit(points, values, bounds=bounds)

    def rows(
        self, points: Points, role: Role, first: int, acquisition: Sequence[float] | Points | None = None
    ) -> list[Evaluation]:
        """Rows to be evaluated, numbered from `first`, decoded (step 6) and with their seeds."""
        decoded = np.asarray(self.space.decode(points), dtype=np.float64)
        return [
            Evaluation(
                index=first + i,
                role=role,
                point=points[i],
                decoded=decoded[i],
                seed=derive_seed(self.seed, "evaluation", first + i),
                acquisition=None if acquisition is None else float(acquisition[i]),
            )
            for i in range(len(points))
        ]

    def _random_point(self, index: int) -> Points:
        points = np.asarray(self.space.sample(1, numpy_generator(self.seed, "start", index)), dtype=np.float64)
        if not np.asarray(self.space.contains(points)).all():
            raise InputError("samples of the space to be feasible", f"{points[0]}", "a space whose contains() agrees")
        return points[0]


def any_value(rows: Sequence[Evaluation]) -> bool:
    """Whether any evaluation succeeded."""
    return any(one.value is not None for one in rows)


def count(rows: Sequence[Evaluation]) -> int:
    """How many rows count towards a budget: all but the final optima."""
    return sum(one.role != "optimum" for one in rows)


def split_optimum(rows: Sequence[Evaluation]) -> tuple[Sequence[Evaluation], Evaluation | None]:
    """The rows before a final optimum, and that optimum if the last row is one that is finished."""
    if rows and rows[-1].role == "optimum" and rows[-1].status != "asked":
        return rows[:-1], rows[-1]
    return rows, None


def center_and_scale(rows: Sequence[Evaluation]) -> tuple[float, float]:
    """Mean and standard deviation of the values known, 1 if they are all the same."""
    values = np.sort([one.value for one in rows if one.value is not None])  # sorted: sums must not depend on the order
    spread = float(values.std()) if values[0] < values[-1] else 0.0
    return float(values.mean()), spread if spread > 0 else 1.0


def training_data(rows: Sequence[Evaluation]) -> tuple[Points, Points]:
    """Points (n, d) and values (n,) for the surrogate, in an order that does not depend on when they were told.

    A failure counts as the worst value seen: the search moves away from it, and no scale has to be known.
    """
    known = [one.value for one in rows if one.value is not None]
    told = [one for one in rows if one.status != "asked"]
    points = np.array([one.point for one in told])
    values = np.array([min(known) if one.value is None else one.value for one in told])
    order = np.lexsort([values, *points.T])
    return points[order], values[order]
