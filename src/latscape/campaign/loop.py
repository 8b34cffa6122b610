"""The campaign: ask, evaluate, tell, record, until the budget is spent or nothing is left to gain."""

import threading
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from latscape.campaign.acquire import Acquisition, acquisition
from latscape.campaign.evaluate import Evaluator, Outcome, attempt_of, takes_trial
from latscape.campaign.events import Ended, Observer, Started
from latscape.campaign.learner import Learner, any_value, count, split_optimum
from latscape.campaign.record import Evaluation, Record
from latscape.campaign.result import PosteriorBest, Result
from latscape.campaign.runner import Prune, Runner
from latscape.campaign.settings import describe, describe_candidates, restore_acquisition, restore_surrogate
from latscape.campaign.space import Points, Space
from latscape.campaign.stop import Progress, Rule, first_reason, negligible_improvement
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
        "ei" (default), "log_ei", "noisy_log_ei", "ucb", "pi", or `(model, observed) -> AcquisitionFunction`.
    seed
        Seed of all streams, any integer.
    record
        None: in memory. A folder or an `.sqlite` file: made if absent, gone on with if present. Or a `Record`.

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
    ) -> None:
        acquisition(acquire)
        if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
            raise InputError("a seed that is an integer", repr(seed), "seed=0")
        self.space, self.acquire, self.seed = space, acquire, int(seed)
        self.surrogate: Surrogate = Exact() if surrogate is None else surrogate
        self._learner = Learner(space, self.surrogate, acquire, self.seed)
        self._place = record
        self._open: Record | None = None
        self._stopping = threading.Event()

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

    def ask(self, n: int = 1) -> Points:
        """`n` points to evaluate next, (n, d): random ones while no value is known, then the best of the acquisition.

        They are in the record when this returns, and count as pending until told.
        """
        if n < 1:
            raise InputError("at least one point to ask for", n, "ask(1)")
        rows = self._learner.next(self.record.evaluations(curves=False), 0, n)
        self.record.ask(rows)
        return np.array([one.point for one in rows])

    def tell(self, points: ArrayLike, values: Sequence[float | Outcome] | ArrayLike) -> None:
        """Tell the values at `points (n, d)`, asked for or not, in any order; NaN tells of a failure.

        Parameters
        ----------
        points
            (n, d), or one point (d,).
        values
            As many numbers or `Outcome`s; larger is better.
        """
        told = np.asarray(points, dtype=np.float64)
        told = told[None] if told.ndim == 1 else told
        given = list(values) if isinstance(values, Sequence) else list(np.asarray(values).reshape(-1))
        dim = self._learner.candidates.shape[1]
        if told.ndim != 2 or told.shape[1] != dim or len(told) != len(given) or not np.isfinite(told).all():
            got = f"points of shape {told.shape}, {len(given)} values"
            raise InputError(f"finite points (n, {dim}) and n values", got, "tell(points, values)")
        attempts = [attempt_of(value) for value in given]
        for point, attempt in zip(told, attempts, strict=True):
            rows = self.record.evaluations(curves=False)
            asked = [one for one in rows if one.status == "asked" and np.array_equal(one.point, point)]
            if not asked:
                asked = self._learner.rows(point[None], "told", len(rows))
                self.record.ask(asked)
            self.record.finish(asked[0].index, attempt)

    def stop(self) -> None:
        """Ask `run` to end before its next evaluation; safe from an observer, a thread or a signal handler."""
        self._stopping.set()

    def run(
        self,
        evaluate: Evaluator,
        starts: int = 20,
        budget: int = 140,
        tolerance: float | None = None,
        observers: Sequence[Observer] = (),
        evaluate_optimum: bool = True,
        executor: Executor | None = None,
        batch: int = 1,
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
            Random feasible points to begin with; points told before count.
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
        if starts < 0 or batch < 1 or budget < max(starts, 1):
            got = f"starts={starts}, budget={budget}, batch={batch}"
            raise InputError("a budget not below the starts and a batch of at least one", got, "starts=20, budget=140")
        takes_trial(evaluate)
        ends = [spent(budget)]
        if tolerance is not None:
            ends.append(negligible_improvement(tolerance, self.acquire))
        self._stopping.clear()
        runner = Runner(evaluate, self.record, executor, observers, budget, self._stopping, prune)
        try:
            runner.notify(Started(len(runner.finished()), budget))
            reason = self._loop(runner, ends, starts, batch, evaluate_optimum)
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
        rows = self.record.evaluations()
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
        return Result(rows, stopped, best, self._learner.fit(before), self._learner.candidates, mean, std)

    def _loop(self, runner: Runner, ends: Sequence[Rule], starts: int, batch: int, evaluate_optimum: bool) -> str:
        """Steps 5 to 10 of Table 1, each from what the record holds; returns why it ended."""
        while not self._stopping.is_set():
            rows = self.record.evaluations(curves=False)
            pending = [one for one in rows if one.status == "asked"]
            if pending:
                runner.run(pending)
                continue
            before, optimum = split_optimum(rows)  # a finished run must be found finished: judge it without its optimum
            used = count(rows)
            n = min(batch, (starts if used < starts else runner.budget) - used)
            proposed, reason = self._propose(before, ends, starts, n)
            if reason is None:
                self.record.ask(proposed if optimum is None else self._learner.next(rows, starts, n))
            elif evaluate_optimum and optimum is None and any_value(rows):
                self.record.ask(self._learner.optimum(rows))
            else:
                return reason
        return STOP_REQUESTED

    def _propose(
        self, rows: Sequence[Evaluation], ends: Sequence[Rule], starts: int, n: int
    ) -> tuple[list[Evaluation], str | None]:
        """What would be asked next, and the reason not to, if there is one."""
        reason = first_reason(ends, Progress(count(rows)))
        if reason is not None:  # spares the fit
            return [], reason
        proposed = self._learner.next(rows, starts, n)
        return proposed, first_reason(ends, Progress(count(rows), proposed[0].acquisition))
