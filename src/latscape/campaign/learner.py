"""The pure part of a campaign: which point comes next, as a function of a seed and of what is in the record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
from botorch.models.model import Model
from numpy.typing import NDArray

from latscape.campaign.acquire import Acquisition
from latscape.campaign.choice import optimize_acquisition
from latscape.campaign.evaluation import Evaluation, Role
from latscape.campaign.places import DiscreteSpace
from latscape.campaign.space import InitialPoints, Points, Space
from latscape.errors import InputError
from latscape.gp.subspace import active_subspace
from latscape.gp.surrogate import Surrogate, predict, refit
from latscape.random import derive_seed, numpy_generator


@dataclass(frozen=True, eq=False)
class Proposal:
    """Rows to be asked, fewer than wanted where a space has no more, and the maps that led to them."""

    rows: list[Evaluation]
    maps: dict[str, Points] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Learner:
    """Steps 5 and 7 to 9 of Table 1 of Biswas et al. 2023, arXiv:2207.00128.

    It keeps no state between calls, but for the last model of a surrogate that trains on from it (`refit`): such a
    campaign, when it is resumed, begins that training anew, and may from there on ask for other points.
    """

    space: Space
    surrogate: Surrogate
    acquire: str | Acquisition
    seed: int
    warm: dict[str, Model] = field(default_factory=dict)
    repeat: bool = True
    newest: dict[str, Any] = field(default_factory=dict)  # the model that was fitted last, and its data

    @cached_property
    def candidates(self) -> Points:
        """Feasible candidates of the space, (m, d)."""
        points = np.asarray(self.space.candidates(), dtype=np.float64)
        if points.ndim == 2 and len(points):
            points = points[np.asarray(self.space.contains(points), dtype=bool)]
        if points.ndim != 2 or len(points) == 0:
            raise InputError("a space with feasible candidates", "none", "a weaker constraint or a finer grid")
        return points

    @cached_property
    def inputs(self) -> Points:
        """What the surrogate is given for each candidate, (m, D)."""
        return self._inputs(self.candidates)

    def due(self, rows: Sequence[Evaluation], initial: InitialPoints) -> int:
        """How many initial points were not asked for yet."""
        return max(initial - count(rows), 0) if isinstance(initial, int) else int(_new(initial, rows).sum())

    def next(self, rows: Sequence[Evaluation], initial: InitialPoints, n: int, maps: bool = False) -> Proposal:
        """`n` rows to ask: the initial ones, random points as long as no value is known, acquired ones from then on."""
        due = self.due(rows, initial)
        if due and isinstance(initial, np.ndarray):
            return Proposal(self.rows(initial[_new(initial, rows)][:n], "start", len(rows)))
        return self.start(rows, n) if due or not any_value(rows) else self.acquired(rows, n, maps)

    def start(self, rows: Sequence[Evaluation], n: int) -> Proposal:
        """`n` random feasible points, each from a stream of its own (step 5); of places, those not asked for yet."""
        first, points = len(rows), np.empty((0, self.candidates.shape[1]))
        for index in range(first, first + n):
            generator = numpy_generator(self.seed, "start", index)
            if isinstance(self.space, DiscreteSpace):
                free = np.flatnonzero(self._available(rows, points))
                if not len(free):
                    break
                point = self.candidates[generator.choice(free)]
            else:
                point = self._random_point(generator)
            points = np.concatenate([points, point[None]])
        return Proposal(self.rows(points, "start", first))

    def acquired(self, rows: Sequence[Evaluation], n: int, maps: bool = False) -> Proposal:
        """The `n` best candidates under the acquisition (step 9), given the told and the pending rows."""
        pending = [one.point for one in rows if one.status == "asked"]
        model = self._standard_model(rows)
        waiting = self._inputs(np.array(pending)) if pending else None
        choice = optimize_acquisition(
            model, self.inputs, self.training(rows)[0], self.acquire, n, waiting, **self._limits(rows)
        )
        found = self.rows(self.candidates[choice.indices], "acquired", len(rows), choice.values)
        if not maps:
            return Proposal(found)
        (center, scale), (mean, std) = self._units(rows), predict(model, self.inputs)
        seen = {"mean": center + scale * mean, "std": scale * std, "acquisition": choice.scores}
        return Proposal(found, seen | embedding(model, self.inputs, looks(self.space)))

    def optimum(self, rows: Sequence[Evaluation]) -> list[Evaluation]:
        """The maximum of the posterior mean over the candidates, or over the places not asked for yet, if there are."""
        mean, _ = self.predict(rows)
        if isinstance(self.space, DiscreteSpace):
            mean = np.where(self._available(rows, self.candidates[:0]), mean, -np.inf)
        return [] if mean.max() == -np.inf else self.rows(self.candidates[[mean.argmax()]], "optimum", len(rows))

    def fitting(self, rows: Sequence[Evaluation]) -> Callable[[], Model]:
        """A call that fits the surrogate to what was told by now (step 7), in the units of the values."""
        return partial(self._fit, *self.training(rows), self.warm.get("model"))

    def predict(self, rows: Sequence[Evaluation]) -> tuple[Points, Points]:
        """Mean and standard deviation at the candidates (step 8), both (m,), in the units of the values."""
        center, scale = self._units(rows)
        mean, std = predict(self._standard_model(rows), self.inputs)
        return center + scale * mean, scale * std

    def training(self, rows: Sequence[Evaluation]) -> tuple[Points, Points]:
        """What the surrogate is fitted to: inputs (n, D) and values (n,)."""
        if not isinstance(self.space, DiscreteSpace):
            return training_data(rows)
        points, decoded, values = measured_data(rows)
        return self.space.features(points, decoded), values

    def _standard_model(self, rows: Sequence[Evaluation]) -> Model:
        """The same of standardized values: BoTorch rounds variances below about 1e-10 up, whatever the unit is."""
        points, values = self.training(rows)
        center, scale = self._units(rows)
        data = points, (values - center) / scale
        known, model = self.newest.get("data"), self.newest.get("model")
        if known is None or model is None or not all(map(np.array_equal, known, data)):  # a fit is dear
            model = self._fit(*data, self.warm.get("model"))
            self.newest.update(data=data, model=model)
            if hasattr(self.surrogate, "refit"):
                self.warm["model"] = model
        return model

    def _units(self, rows: Sequence[Evaluation]) -> tuple[float, float]:
        """What values are standardized by; not at all for a surrogate whose priors are in the units of the data."""
        return (0.0, 1.0) if getattr(self.surrogate, "in_units", False) else center_and_scale(rows)

    def _fit(self, points: Points, values: Points, previous: Model | None) -> Model:
        """The model of these, inputs scaled by the range of the candidates."""
        bounds = np.stack([self.inputs.min(axis=0), self.inputs.max(axis=0)], axis=1)  # (D, 2)
        return refit(self.surrogate, points, values, bounds, field=self.inputs, previous=previous)

    def _inputs(self, points: Points) -> Points:
        space = self.space
        return space.features(points, space.decode(points)) if isinstance(space, DiscreteSpace) else points

    def _limits(self, rows: Sequence[Evaluation]) -> dict[str, Any]:
        """What is closed, and what it costs to go there, after candidates were chosen; nothing if points may repeat."""
        space = self.space
        if not isinstance(space, DiscreteSpace):
            if self.repeat:
                return {}
            new = _new(self.candidates, rows)
            return {"available": lambda chosen: new & ~np.isin(np.arange(len(new)), chosen)}
        last = rows[-1].where

        def cost(chosen: Sequence[int]) -> Points:
            return space.travel_cost(self.candidates[chosen[-1]] if len(chosen) else last)

        return {"available": lambda chosen: self._available(rows, self.candidates[list(chosen)]), "cost": cost}

    def _available(self, rows: Sequence[Evaluation], chosen: Points) -> NDArray[np.bool_]:
        assert isinstance(self.space, DiscreteSpace)
        asked = [one.point for one in rows if one.status == "asked"]
        taken = [place for one in rows for place in (one.point, one.where)]
        now = np.array([*asked, *chosen]).reshape(-1, chosen.shape[1])
        return self.space.available(np.array([*taken, *chosen]).reshape(-1, now.shape[1]), now)

    def rows(
        self, points: Points, role: Role, first: int, acquisition: Sequence[float] | Points | None = None
    ) -> list[Evaluation]:
        """Rows to be evaluated, numbered from `first`, decoded (step 6) and with their seeds."""
        decoded = np.asarray(self.space.decode(points), dtype=np.float64) if len(points) else points
        seeds = [derive_seed(self.seed, "evaluation", first + i) for i in range(len(points))]
        values = [None] * len(points) if acquisition is None else [float(value) for value in acquisition]
        return [
            Evaluation(first + i, role, points[i], decoded[i], seeds[i], acquisition=values[i])
            for i in range(len(points))
        ]

    def _random_point(self, generator: np.random.Generator) -> Points:
        points = np.asarray(self.space.sample(1, generator), dtype=np.float64)
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


def told(rows: Sequence[Evaluation]) -> tuple[Points, Points]:
    """Points (n, d) and values (n,) of all that was told.

    A failure counts as the worst value seen: the search moves away from it, and no scale has to be known.
    """
    known = [one.value for one in rows if one.value is not None]
    finished = [one for one in rows if one.status != "asked"]
    values = [min(known) if one.value is None else one.value for one in finished]
    return np.array([one.point for one in finished]), np.array(values)


def training_data(rows: Sequence[Evaluation]) -> tuple[Points, Points]:
    """The same for the surrogate, in an order that does not depend on when they were told."""
    points, values = told(rows)
    order = np.lexsort([values, *points.T])
    return points[order], values[order]


def measured_data(rows: Sequence[Evaluation]) -> tuple[Points, NDArray, Points]:
    """Places (n, d), what was there (n, ...) and values (n,): failures left out, the values of one place averaged.

    In the order of the places, so that the order of tells does not matter.
    """
    groups: dict[tuple[float, ...], list[Evaluation]] = {}
    for one in rows:
        if one.value is not None:
            groups.setdefault(tuple(one.where), []).append(one)
    places = sorted(groups)
    values = [float(np.mean(sorted(one.value or 0.0 for one in groups[place]))) for place in places]
    return np.array(places), np.stack([groups[place][-1].decoded for place in places]), np.array(values)


def looks(space: Space) -> Sequence[int] | None:
    """Which inputs say what a place looks like, if the space tells that from where it is; None: all."""
    groups = getattr(space, "groups", None)
    return groups[0] if groups else None


def embedding(model: Model, inputs: Points, columns: Sequence[int] | None = None) -> dict[str, Points]:
    """Where a surrogate puts the inputs, by the name "embedding": on its map, or along the slopes of its prediction.

    The slopes are those over some columns. Nothing for inputs that are a plane already, and for foreign models whose
    prediction has no slope.
    """
    embed = getattr(model, "embed", None)
    if embed is not None:
        return {"embedding": np.asarray(embed(inputs), dtype=np.float64)}
    plane = active_subspace(model, inputs, columns=columns) if inputs.shape[1] > 2 else None
    return {} if plane is None else {"embedding": plane}


def _new(points: Points, rows: Sequence[Evaluation]) -> NDArray[np.bool_]:
    """Which points (n, d) are in no row yet, (n,)."""
    asked = {tuple(one.point) for one in rows}
    return np.array([tuple(point) not in asked for point in points], dtype=bool)
