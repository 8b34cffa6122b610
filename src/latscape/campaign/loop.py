"""The campaign: ask, evaluate, tell, record, until the budget is spent or nothing is left to gain."""

import threading
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Self

from numpy.typing import ArrayLike

from latscape.campaign.acquire import Acquisition
from latscape.campaign.asking import AskTell
from latscape.campaign.evaluate import Evaluator, takes_trial
from latscape.campaign.events import CampaignEnded, CampaignStarted, Observer
from latscape.campaign.learner import any_value, split_optimum
from latscape.campaign.record import CampaignRecord
from latscape.campaign.result import CampaignResult, PosteriorBest
from latscape.campaign.runner import Prune, Runner
from latscape.campaign.settings import restore
from latscape.campaign.space import Space
from latscape.campaign.stop import Rule, negligible_improvement
from latscape.errors import EvaluationError, InputError, RecordError
from latscape.gp import Surrogate
from latscape.name_hints import with_option_hints

STOP_REQUESTED = "stop was requested"


@with_option_hints
class Campaign(AskTell):
    """Bayesian optimization (maximization) over any space, with a record from which it can go on at any time.

    What is asked next depends on the seed and on the record alone, never on the order in which a batch was told, on
    global generators or on how often the campaign was cut.

    Parameters
    ----------
    space
        Where to look, see `latscape.campaign.space.Space`.
    surrogate
        Anything with `fit(X, Y, bounds) -> BoTorch model`; default `latscape.gp.ExactGP()`.
    acquire
        "ei" (default), "log_ei", "noisy_log_ei", "pi", "ucb" (mean + 2 std) or "ucb:10" (mean + 10 std), "std",
        "thompson", or `(model, observed) -> AcquisitionFunction`.
    seed
        Seed of all streams, any integer.
    record
        None: in memory. A folder or an `.sqlite` file: made if absent, gone on with if present. Or a `CampaignRecord`.
    repeat
        Whether a candidate may be asked for again. False for a simulator, which says the same every time: what a
        surrogate still doubts about the best point is then no reason to go back there. (A `DiscreteSpace` never
        repeats.)

    Raises
    ------
    InputError
        For an unknown acquisition or a seed that is no integer; later, for a space without feasible points.

    Examples
    --------
    >>> from latscape.campaign import Box
    >>> campaign = Campaign(Box([(0, 1)], grid=64), seed=0)
    >>> result = campaign.run(lambda x: -float((x[0] - 0.3) ** 2), n_initial=4, budget=10)
    >>> len(result.evaluations), result.stopped
    (11, 'budget of 10 evaluations spent')
    >>> print(f"{result.posterior_best.point[0]:.1f}")
    0.3
    """

    @classmethod
    def resume(
        cls,
        record: CampaignRecord | str | Path,
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
        record = record if isinstance(record, CampaignRecord) else CampaignRecord.open(record)
        stored = record.config.get("campaign")
        if stored is None:
            raise RecordError("the record of a campaign", record.path, "the path of another record")
        campaign = cls(
            space,
            restore(stored["surrogate"], "surrogate") if surrogate is None else surrogate,
            restore(stored["acquire"], "acquire") if acquire is None else acquire,
            stored["seed"],
            record,
            stored.get("repeat", True),
        )
        record.claim("campaign", campaign.config)
        return campaign

    def evaluate(self, evaluate: Evaluator, points: ArrayLike | None = None) -> None:
        """Evaluate points of one's own as `run` evaluates those it asks for, one after the other, and record them.

        Points are (n, d), or one (d,), asked for or not; default those that were asked for and not told yet, such as
        what was under way when a run was cut. What the evaluator raises is a failure of that point, kept with its text.

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

    @with_option_hints
    def run(
        self,
        evaluate: Evaluator,
        n_initial: int | ArrayLike = 20,
        budget: int = 140,
        tolerance: float | None = None,
        observers: Sequence[Observer] = (),
        evaluate_optimum: bool = True,
        executor: Executor | None = None,
        batch: int = 1,
        rules: Sequence[Rule] = (),
        maps: bool = False,
        prune: Prune | None = None,
    ) -> CampaignResult:
        """Evaluate random points, then acquired points, then the maximum of the posterior mean.

        A record that was cut is gone on with: rows that were asked are evaluated again with their seeds, and then
        comes what would have come. A run that has ended already ends at once.

        Parameters
        ----------
        evaluate
            `(x)` or `(x, trial)`, given a decoded point; returns a number to maximize or an `EvaluationResult`. What
            it raises is a failure of that point, not of the campaign.
        n_initial
            How many random feasible points to begin with; points told before count. Or the points themselves,
            (k, d), in the order in which they are to be asked.
        budget
            Evaluations in all, initial points and those told before included, the final optimum not. The defaults are
            the paper's: 20 + 120.
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
            "embedding", "change" of `CampaignRecord.arrays`.
        prune
            A rule such as `latscape.campaign.PercentilePruner(0.5)` for evaluators that ask
            `trial.should_prune(step, value)` on their way; default none. With an executor, what an
            evaluation is compared with is what was done before.

        Raises
        ------
        InputError
            For a budget below the initial points, a tolerance without expected improvement, a space without feasible
            points.
        EvaluationError
            If no evaluation succeeded. The failures are in the record.
        """
        first = self._initial(n_initial)
        many = first if isinstance(first, int) else len(first)
        if many < 0 or batch < 1 or budget < max(many, 1):
            got = f"n_initial={many}, budget={budget}, batch={batch}"
            raise InputError(
                "a budget not below the initial points and a batch of at least one", got, "n_initial=20, budget=140"
            )
        takes_trial(evaluate)
        ends = [*rules]
        if tolerance is not None:
            ends.append(negligible_improvement(tolerance, self.acquire))
        self._stopping.clear()
        runner = Runner(evaluate, self.record, executor, observers, budget, self._stopping, self._finish, prune)
        try:
            runner.notify(CampaignStarted(len(runner.finished()), budget))
            options = {"n_initial": first, "budget": budget, "batch": batch, "maps": maps, "observers": observers}
            reason = self._loop(runner, evaluate_optimum, rules=ends, **options)
        except BaseException as error:
            runner.notify(CampaignEnded(f"interrupted by {type(error).__name__}"))
            raise
        runner.notify(CampaignEnded(reason))
        return self.result(reason)

    def result(self, stopped: str = "not run to its end") -> CampaignResult:
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
        return CampaignResult(rows, stopped, best, self._learner.fitting(before), self._learner.candidates, mean, std)

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
