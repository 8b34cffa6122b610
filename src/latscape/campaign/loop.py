"""The campaign: ask, evaluate, tell, record, until the budget is spent or nothing is left to gain."""

import threading
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.campaign.acquire import Acquisition, acquisition
from latscape.campaign.evaluate import Attempt, Evaluator, Outcome, attempt_of, error_text, takes_trial
from latscape.campaign.evaluation import Evaluation
from latscape.campaign.events import Ended, Observer, Proposed, Started
from latscape.campaign.given import checked_points, checked_starts
from latscape.campaign.learner import Learner, Starts, any_value, count, split_optimum
from latscape.campaign.places import Places
from latscape.campaign.propose import propose
from latscape.campaign.record import Record
from latscape.campaign.result import PosteriorBest, Result
from latscape.campaign.runner import Prune, Runner
from latscape.campaign.settings import describe, describe_candidates, restore_acquisition, restore_surrogate
from latscape.campaign.space import Points, Space
from latscape.campaign.stop import Rule, negligible_improvement
from latscape.campaign.stop import budget as spent
from latscape.errors import EvaluationError, InputError, RecordError
from latscape.gp.exact import Exact
from latscape.gp.surrogate import Surrogate

STOP_REQUESTED = "stop was requested"


class Campaign:
    """Bayesian optimization (maximization) over any space, with a record from which it can go on at any time.

    What is asked next depends on the seed and on the record alone, never on the order in which a batch was told, on
    global generators or on how often the campaign was cut.

    Parameters
    ----------
    space
        Where to look, see `latscape.campaign.space.Space`.
    surrogate
        Anything with `fit(X, Y, bounds) -> BoTorch model`; default `latscape.gp.Exact()`.
    acquire
        "ei" (default), "log_ei", "noisy_log_ei", "pi", "ucb" (mean + 2 std) or "ucb:10" (mean + 10 std), "std",
        "thompson", or `(model, observed) -> AcquisitionFunction`.
    seed
        Seed of all streams, any integer.
    record
        None: in memory. A folder or an `.sqlite` file: made if absent, gone on with if present. Or a `Record`.
    repeat
        Whether a candidate may be asked for again. False for a simulator, which says the same every time: what a
        surrogate still doubts about the best point is then no reason to go back there. (`Places` never repeat.)

    Raises
    ------
    InputError
        For an unknown acquisition or a seed that is no integer; later, for a space without feasible points.

    Examples
    --------
    >>> from latscape.campaign import Box
    >>> campaign = Campaign(Box([(0, 1)], grid=64), seed=0)
    >>> result = campaign.run(lambda x: -float((x[0] - 0.3) ** 2), starts=4, budget=10)
    >>> len(result.evaluations), result.stopped
    (11, 'budget of 10 evaluations spent')
    >>> print(f"{result.posterior_best.point[0]:.1f}")
    0.3
    """

    def __init__(
        self,
        space: Space,
        surrogate: Surrogate | None = None,
        acquire: str | Acquisition = "ei",
        seed: int = 0,
        record: Record | str | Path | None = None,
        repeat: bool = True,
    ) -> None:
        acquisition(acquire)
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
            raise InputError("a seed that is an integer", repr(seed), "seed=0")
        self.space, self.acquire, self.seed = space, acquire, int(seed)
        self.surrogate: Surrogate = Exact() if surrogate is None else surrogate
        self.repeat = repeat
        self._learner = Learner(space, self.surrogate, acquire, self.seed, repeat=repeat)
        self._place = record
        self._open: Record | None = None
        self._stopping = threading.Event()
        self._image: int | None = None  # number of the evaluation that brought the image the places are cut from

    @classmethod
    def resume(
        cls,
        record: Record | str | Path,
        space: Space,
        surrogate: Surrogate | None = None,
        acquire: str | Acquisition | None = None,
    ) -> Self:
        """The campaign of an existing record, with the settings stored there.

        A surrogate or an acquisition of your own is stored by name only and must be given again.

        Raises
        ------
        RecordError
            If there is no record, it is no campaign's, or it was made with another space or other settings.
        """
        record = record if isinstance(record, Record) else Record.open(record)
        stored = record.config.get("campaign")
        if stored is None:
            raise RecordError("the record of a campaign", record.path, "the path of another record")
        campaign = cls(
            space,
            restore_surrogate(stored["surrogate"]) if surrogate is None else surrogate,
            restore_acquisition(stored["acquire"]) if acquire is None else acquire,
            stored["seed"],
            record,
            stored.get("repeat", True),
        )
        record.claim("campaign", campaign.config)
        return campaign

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
    def record(self) -> Record:
        """The record; opened, or made, when it is first needed."""
        if self._open is None:
            place = ":memory:" if self._place is None else self._place
            record = place if isinstance(place, Record) else Record.attach(place)
            record.claim("campaign", self.config)
            self._open = record
        return self._open

    def ask(self, n: int = 1, starts: int | ArrayLike = 0) -> Points:
        """`n` points to evaluate next, (n, d): the starts, random ones while no value is known, then acquired ones.

        They are in the record when this returns, and count as pending until told. Of places that are measured once
        there may be fewer than `n` left, or none.
        """
        if n < 1:
            raise InputError("at least one point to ask for", n, "ask(1)")
        rows = self._rows()
        asked = self._learner.next(rows, self._starts(starts), n).rows
        self.record.ask(asked)
        return np.array([one.point for one in asked]).reshape(-1, self._learner.candidates.shape[1])

    def tell(self, points: ArrayLike, values: Sequence[float | Outcome] | ArrayLike) -> None:
        """Tell the values at `points (n, d)`, asked for or not, in any order; NaN tells of a failure.

        Parameters
        ----------
        points
            (n, d), or one point (d,).
        values
            As many numbers or `Outcome`s; larger is better.
        """
        given = list(values) if isinstance(values, Sequence) else list(np.asarray(values).reshape(-1))
        told = self._points(points)
        if len(told) != len(given):
            got = f"points of shape {told.shape}, {len(given)} values"
            raise InputError("a value for each point", got, "tell(points, values)")
        attempts = [attempt_of(value) for value in given]
        for point, attempt in zip(told, attempts, strict=True):
            self._finish(self._row(point), attempt)

    def evaluate(self, evaluate: Evaluator, points: ArrayLike | None = None) -> None:
        """Evaluate points of one's own as `run` evaluates those it asks for, one after the other, and record them.

        Parameters
        ----------
        evaluate
            As in `run`: what it raises is a failure of that point, kept with its text.
        points
            (n, d), or one point (d,), asked for or not; default those that were asked for and not told yet, such as
            what was under way when a run was cut.

        Examples
        --------
        >>> from latscape.campaign import Box
        >>> campaign = Campaign(Box([(-1, 1)], grid=16))
        >>> campaign.evaluate(lambda x: 1 / float(x[0]), [[0.5], [0.0]])
        >>> [(one.status, one.value) for one in campaign.record.evaluations()]
        [('done', 2.0), ('failed', None)]
        """
        takes_trial(evaluate)
        rows = self._rows()
        waiting = [one.point for one in rows if one.status == "asked"]
        runner = Runner(evaluate, self.record, None, (), len(rows), threading.Event(), self._finish)
        for point in waiting if points is None else self._points(points):
            runner.run([self._row(point)])

    def stop(self) -> None:
        """Ask `run` to end before its next evaluation; safe from an observer, a thread or a signal handler."""
        self._stopping.set()

    def run(
        self,
        evaluate: Evaluator,
        starts: int | ArrayLike = 20,
        budget: int = 140,
        tolerance: float | None = None,
        observers: Sequence[Observer] = (),
        evaluate_optimum: bool = True,
        executor: Executor | None = None,
        batch: int = 1,
        rules: Sequence[Rule] = (),
        maps: bool = False,
        prune: Prune | None = None,
    ) -> Result:
        """Evaluate random starts, then acquired points, then the maximum of the posterior mean.

        A record that was cut is gone on with: rows that were asked are evaluated again with their seeds, and then
        comes what would have come. A run that has ended already ends at once.

        Parameters
        ----------
        evaluate
            `(x)` or `(x, trial)`, given a decoded point; returns a number to maximize or an `Outcome`. What it raises
            is a failure of that point, not of the campaign.
        starts
            How many random feasible points to begin with; points told before count. Or the points themselves,
            (k, d), in the order in which they are to be asked.
        budget
            Evaluations in all, starts and points told before included, the final optimum not. The defaults are the
            paper's: 20 + 120.
        tolerance
            End also when the largest expected improvement is below this many standard deviations of the values.
        observers
            Callables of one event, see `latscape.campaign.events`.
        evaluate_optimum
            Whether to evaluate the maximum of the posterior mean at the end.
        executor
            Where to evaluate; default: here, one after another. Evaluator and results must then be picklable.
        batch
            Points asked for at once. The result depends on it, but not on the executor.
        rules
            More reasons to end, see `latscape.campaign.stop`: `area(0.05)`, `converged(0.05)`, or one's own.
        maps
            Whether to keep, beside the first point of every step, the prediction, its deviation and the acquisition
            over all candidates, and the embedding of a surrogate that has one: "mean", "std", "acquisition",
            "embedding", "change" of `Record.arrays`.
        prune
            A rule such as `latscape.campaign.Worse(0.5)` for evaluators that ask `trial.hopeless(step, value)` on
            their way; default none. With an executor, what an evaluation is compared with is what was done before.

        Raises
        ------
        InputError
            For a budget below the starts, a tolerance without expected improvement, a space without feasible points.
        EvaluationError
            If no evaluation succeeded. The failures are in the record.
        """
        first = self._starts(starts)
        many = first if isinstance(first, int) else len(first)
        if many < 0 or batch < 1 or budget < max(many, 1):
            got = f"starts={many}, budget={budget}, batch={batch}"
            raise InputError("a budget not below the starts and a batch of at least one", got, "starts=20, budget=140")
        takes_trial(evaluate)
        ends = [*rules]
        if tolerance is not None:
            ends.append(negligible_improvement(tolerance, self.acquire))
        self._stopping.clear()
        runner = Runner(evaluate, self.record, executor, observers, budget, self._stopping, self._finish, prune)
        try:
            runner.notify(Started(len(runner.finished()), budget))
            reason = self._loop(
                runner,
                evaluate_optimum,
                starts=first,
                budget=budget,
                batch=batch,
                rules=ends,
                maps=maps,
                observers=observers,
            )
        except BaseException as error:
            runner.notify(Ended(f"interrupted by {type(error).__name__}"))
            raise
        runner.notify(Ended(reason))
        return self.result(reason)

    def result(self, stopped: str = "not run to its end") -> Result:
        """What is known now, from the record alone.

        Raises
        ------
        EvaluationError
            If no evaluation succeeded.
        """
        rows = self._rows(curves=True)
        if not any_value(rows):
            errors = [one.error for one in rows if one.error is not None]
            last = f", the last: {errors[-1]}" if errors else ""
            raise EvaluationError(
                "Expected at least one evaluation that succeeds. "
                f"Got {len(errors)} failures of {len(rows)} evaluations{last}. Try the evaluator on one point."
            )
        before, optimum = split_optimum(rows)
        mean, std = self._learner.predict(before)
        at = int(mean.argmax())
        top = self._learner.rows(self._learner.candidates[[at]], "optimum", len(before))[0]
        best = PosteriorBest(top.point, top.decoded, float(mean[at]), float(std[at]), optimum)
        return Result(rows, stopped, best, self._learner.fitting(before), self._learner.candidates, mean, std)

    def advance(
        self,
        starts: int | ArrayLike = 20,
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
        first = self._starts(starts)
        n = min(self._learner.due(rows, first) or batch, batch, max(budget - count(rows), 1))
        proposal, reason = propose(self._learner, self.record, before, [spent(budget), *rules], first, n, maps)
        if reason is not None:
            return [], reason
        if optimum is not None:
            proposal = self._learner.next(rows, first, n, maps)
        self.record.ask(proposal.rows)
        if proposal.maps:
            for observer in observers:
                observer(Proposed(len(rows), proposal.rows, proposal.maps))
        return proposal.rows, None

    def _loop(self, runner: Runner, evaluate_optimum: bool, **options: Any) -> str:
        """Steps 5 to 10 of Table 1, each from what the record holds; returns why it ended."""
        while not self._stopping.is_set():
            rows = self._rows()
            pending = [one for one in rows if one.status == "asked"]
            if pending:
                runner.run(pending)
                continue
            _, reason = self.advance(**options)
            if reason is None:
                continue
            _, optimum = split_optimum(rows)
            last = self._learner.optimum(rows) if evaluate_optimum and optimum is None and any_value(rows) else []
            if not last:
                return reason
            self.record.ask(last)
        return STOP_REQUESTED

    def _rows(self, curves: bool = False) -> list[Evaluation]:
        """What the record holds; places first take the newest image of their sample from it."""
        self._look()
        return self.record.evaluations(curves=curves)

    def _look(self) -> None:
        """Places take the newest image of their sample from the record."""
        if isinstance(self.space, Places):
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

    def _finish(self, row: Evaluation, attempt: Attempt) -> None:
        """Write how an evaluation went, with the patch of where it really was in the image it brought along."""
        decoded = None
        if isinstance(self.space, Places) and (attempt.image is not None or attempt.point is not None):
            try:
                if attempt.image is not None:
                    self._refresh(row.index, np.asarray(attempt.image, dtype=np.float32))
                decoded = self.space.decode(np.asarray(row.point if attempt.point is None else attempt.point)[None])[0]
            except Exception as error:  # an instrument may send anything: a bad image is a failure of this point
                attempt = replace(attempt, value=None, error=error_text(error), point=None, image=None)
        self.record.finish(row.index, attempt, decoded)

    def _refresh(self, number: int, image: NDArray[np.float32]) -> None:
        assert isinstance(self.space, Places)
        self.space.refresh(image)
        self._image = number
        warm = self._learner.warm
        # a new one: it forgets the patches
        self._learner = Learner(self.space, self.surrogate, self.acquire, self.seed, warm, self.repeat)

    def _starts(self, starts: int | ArrayLike) -> Starts:
        return checked_starts(starts, self.space, self._learner.candidates.shape[1])

    def _points(self, points: ArrayLike) -> Points:
        return checked_points(points, self._learner.candidates.shape[1])
