"""Ask and tell: what comes next and what was found, each from the record and into it."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.campaign.acquire import Acquisition, resolve_acquisition
from latscape.campaign.evaluate import EvaluationResult, checked_result, error_text
from latscape.campaign.evaluation import Evaluation
from latscape.campaign.events import CandidatesProposed, Observer
from latscape.campaign.learner import Learner, Proposal, center_and_scale, count, split_optimum
from latscape.campaign.places import DiscreteSpace
from latscape.campaign.record import CampaignRecord
from latscape.campaign.settings import describe, describe_candidates
from latscape.campaign.space import InitialPoints, Points, Space, checked_initial, checked_points
from latscape.campaign.stop import Progress, Rule, first_reason
from latscape.campaign.stop import budget as spent
from latscape.errors import InputError
from latscape.gp import ExactGP, Surrogate


class AskTell:
    """The half of a `Campaign` that evaluates nothing: for those who do so elsewhere, and below the half that does."""

    def __init__(
        self,
        space: Space,
        surrogate: Surrogate | None = None,
        acquire: str | Acquisition = "ei",
        seed: int = 0,
        record: CampaignRecord | str | Path | None = None,
        repeat: bool = True,
    ) -> None:
        resolve_acquisition(acquire)
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
            raise InputError("a seed that is an integer", repr(seed), "seed=0")
        self.space, self.acquire, self.seed = space, acquire, int(seed)
        self.surrogate: Surrogate = ExactGP() if surrogate is None else surrogate
        self.repeat = repeat
        self._learner = Learner(space, self.surrogate, acquire, self.seed, repeat=repeat)
        self._place = record
        self._open: CampaignRecord | None = None
        self._stopping = threading.Event()
        self._image: int | None = None  # number of the evaluation that brought the image the places are cut from

    @property
    def config(self) -> dict[str, Any]:
        """The settings, as they stand in section "campaign" of the record's config."""
        return {
            "surrogate": describe(self.surrogate),
            "acquire": describe(self.acquire),
            "seed": self.seed,
            "space": describe_candidates(self._learner.candidates),
            **({} if self.repeat else {"repeat": False}),
        }

    @property
    def record(self) -> CampaignRecord:
        """The record; opened, or made, when it is first needed."""
        if self._open is None:
            place = ":memory:" if self._place is None else self._place
            record = place if isinstance(place, CampaignRecord) else CampaignRecord.attach(place)
            record.claim("campaign", self.config)
            self._open = record
        return self._open

    def ask(self, n: int = 1, n_initial: int | ArrayLike = 0) -> Points:
        """`n` points to evaluate next, (n, d): initial ones, random ones while no value is known, then acquired ones.

        They are in the record when this returns, and count as pending until told. Of places that are measured once
        there may be fewer than `n` left, or none.
        """
        if n < 1:
            raise InputError("at least one point to ask for", n, "ask(1)")
        rows = self._rows()
        asked = self._learner.next(rows, self._initial(n_initial), n).rows
        self.record.ask(asked)
        return np.array([one.point for one in asked]).reshape(-1, self._learner.candidates.shape[1])

    def tell(self, points: ArrayLike, values: Sequence[float | EvaluationResult] | ArrayLike) -> None:
        """Tell as many numbers or `EvaluationResult`s, larger is better, of `points (n, d)` or one point (d,).

        The points were asked for or not, in any order; NaN tells of a failure.
        """
        given = list(values) if isinstance(values, Sequence) else list(np.asarray(values).reshape(-1))
        told = self._points(points)
        if len(told) != len(given):
            got = f"points of shape {told.shape}, {len(given)} values"
            raise InputError("a value for each point", got, "tell(points, values)")
        attempts = [checked_result(value) for value in given]
        for point, attempt in zip(told, attempts, strict=True):
            self._finish(self._row(point), attempt)

    def advance(
        self,
        n_initial: int | ArrayLike = 20,
        budget: int = 140,
        batch: int = 1,
        rules: Sequence[Rule] = (),
        maps: bool = False,
        observers: Sequence[Observer] = (),
    ) -> tuple[list[Evaluation], str | None]:
        """Ask for the next batch as `run` does: the rows that are pending now, or none and the reason to end.

        For those who evaluate elsewhere and `tell`; the arguments are those of `run`.
        """
        rows = self._rows()
        before, optimum = split_optimum(rows)  # a finished run must be found finished: judge it without its optimum
        first = self._initial(n_initial)
        n = min(self._learner.due(rows, first) or batch, batch, max(budget - count(rows), 1))
        proposal, reason = self._propose(before, [spent(budget), *rules], first, n, maps)
        if reason is not None:
            return [], reason
        if optimum is not None:
            proposal = self._learner.next(rows, first, n, maps)
        self.record.ask(proposal.rows)
        if proposal.maps:
            for observer in observers:
                observer(CandidatesProposed(len(rows), proposal.rows, proposal.maps))
        return proposal.rows, None

    def _propose(
        self, rows: Sequence[Evaluation], ends: Sequence[Rule], initial: InitialPoints, n: int, maps: bool
    ) -> tuple[Proposal, str | None]:
        """What would be asked after `rows`, and the reason not to, if there is one; maps are kept in the record."""
        candidates = len(self._learner.candidates)
        measured = count(rows) / candidates
        reason = first_reason(ends, Progress(count(rows), measured=measured))
        if reason is not None:  # spares the fit
            return Proposal([]), reason
        proposal = self._learner.next(rows, initial, n, maps)
        if not proposal.rows:
            return proposal, f"all {candidates} places are measured or closed"
        if proposal.maps:
            self.record.keep(len(rows), proposal.maps | self._change(rows, proposal.maps["mean"]))
        changes = [float(change) for change in self.record.series("change").values()]
        progress = Progress(count(rows), proposal.rows[0].acquisition, measured, changes)
        return proposal, first_reason(ends, progress)

    def _change(self, rows: Sequence[Evaluation], mean: Points) -> dict[str, float]:
        """Root mean square of the change of the prediction since the step before, if there was one."""
        before = self.record.newest("mean", before=len(rows))
        if before is None:
            return {}
        return {"change": float(np.sqrt(np.mean((mean - before[1]) ** 2))) / center_and_scale(rows)[1]}

    def _rows(self, curves: bool = False) -> list[Evaluation]:
        """What the record holds; places first take the newest image of its sample from it."""
        self._look()
        return self.record.evaluations(curves=curves)

    def _look(self) -> None:
        """A `DiscreteSpace` takes the newest image of its sample from the record."""
        if isinstance(self.space, DiscreteSpace):
            newest = self.record.numbers("image")
            if newest and newest[-1] != self._image:
                self._refresh(newest[-1], self.record.arrays(newest[-1])["image"])

    def _row(self, point: Points) -> Evaluation:
        """The row in which this point waits for its value; a new one if it was not asked for."""
        self._look()
        asked = [one for one in self.record.waiting() if np.array_equal(one.point, point)]
        if not asked:
            asked = self._learner.rows(point[None], "told", len(self.record))
            self.record.ask(asked)
        return asked[0]

    def _finish(self, row: Evaluation, attempt: EvaluationResult) -> None:
        """Write how an evaluation went, with the patch of where it really was in the image it brought along."""
        decoded = None
        if isinstance(self.space, DiscreteSpace) and (attempt.image is not None or attempt.point is not None):
            try:
                if attempt.image is not None:
                    self._refresh(row.index, np.asarray(attempt.image, dtype=np.float32))
                decoded = self.space.decode(np.asarray(row.point if attempt.point is None else attempt.point)[None])[0]
            except Exception as error:  # an instrument may send anything: a bad image is a failure of this point
                attempt = replace(attempt, value=None, error=error_text(error), point=None, image=None)
        self.record.finish(row.index, attempt, decoded)

    def _refresh(self, number: int, image: NDArray[np.float32]) -> None:
        assert isinstance(self.space, DiscreteSpace)
        self.space.refresh(image)
        self._image = number
        self._learner = replace(self._learner, newest={})  # a new one: it forgets the patches

    def _initial(self, n_initial: int | ArrayLike) -> InitialPoints:
        return checked_initial(n_initial, self.space, self._learner.candidates.shape[1])

    def _points(self, points: ArrayLike) -> Points:
        return checked_points(points, self._learner.candidates.shape[1])
