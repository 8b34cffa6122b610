"""Evaluate rows that were asked, here or on an executor, and write down how each one went."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass, replace

from latscape.campaign.evaluate import EvaluationResult, Evaluator, Trial, run_evaluator
from latscape.campaign.evaluation import Evaluation, best_of
from latscape.campaign.events import EvaluationEnded, EvaluationStarted, Event, Observer
from latscape.campaign.prune import reached
from latscape.campaign.record import CampaignRecord

Prune = Callable[[float, Sequence[float]], bool]


@dataclass(frozen=True, eq=False)
class Runner:
    """The evaluator of one run with all around it: executor, record, observers, the wish to stop, what to write."""

    evaluate: Evaluator
    record: CampaignRecord
    executor: Executor | None
    observers: Sequence[Observer]
    budget: int
    stopping: threading.Event
    finish: Callable[[Evaluation, EvaluationResult], None]
    prune: Prune | None = None

    def notify(self, event: Event) -> None:
        """Tell all observers."""
        for observer in self.observers:
            observer(event)

    def finished(self) -> list[Evaluation]:
        """Rows that are done or failed."""
        return [one for one in self.record.evaluations(curves=False) if one.status != "asked"]

    def run(self, rows: Sequence[Evaluation]) -> None:
        """Evaluate rows until they are all finished or a stop is requested; each is recorded as soon as it ends."""
        attempts = self._in_turn(rows) if self.executor is None else self._at_once(rows, self.executor)
        for row, attempt in attempts:
            self.finish(row, attempt)
            self.notify(self._ended(row, attempt))

    def _in_turn(self, rows: Sequence[Evaluation]) -> Iterator[tuple[Evaluation, EvaluationResult]]:
        for row in rows:
            if self.stopping.is_set():
                return
            self.notify(EvaluationStarted(row))
            yield row, run_evaluator(self.evaluate, row.decoded.copy(), self._trial(row))

    def _at_once(self, rows: Sequence[Evaluation], executor: Executor) -> Iterator[tuple[Evaluation, EvaluationResult]]:
        futures: dict[Future[EvaluationResult], Evaluation] = {}
        try:
            for row in rows:
                self.notify(EvaluationStarted(row))
                futures[executor.submit(run_evaluator, self.evaluate, row.decoded.copy(), self._trial(row))] = row
            for future in as_completed(futures):
                if not future.cancelled():
                    yield futures[future], future.result()
                if self.stopping.is_set():
                    _cancel(futures)  # what already runs is waited for: it was paid for
        finally:
            _cancel(futures)

    def _trial(self, row: Evaluation) -> Trial:
        """An evaluator may compare itself with what the record holds of rows before its own."""
        if self.prune is None:
            return Trial(row.index, row.seed, row.point.copy())
        before = [one.curves for one in self.record.evaluations() if one.index < row.index]
        return Trial(row.index, row.seed, row.point.copy(), prune=self.prune, earlier=reached(before))

    def _ended(self, row: Evaluation, attempt: EvaluationResult) -> EvaluationEnded:
        finished = self.finished()
        told = {name: getattr(attempt, name) for name in ("status", "value", "seconds", "error", "metrics", "curves")}
        return EvaluationEnded(replace(row, **told), len(finished), self.budget, best_of(finished))


def _cancel(futures: dict[Future[EvaluationResult], Evaluation]) -> None:
    for future in futures:
        future.cancel()
