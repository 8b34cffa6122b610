"""The evaluator of an experiment: measure, then score; the whole measurement is kept whatever its score."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape import parts
from latscape.campaign.evaluate import EvaluationResult, Trial, checked_result, error_text
from latscape.campaign.record import CampaignRecord
from latscape.campaign.settings import describe
from latscape.errors import InputError, RecordError
from latscape.lab.measurement import Instrument, Measurement

Scalarizer = Callable[[Measurement], float]
HISTORY = "scalarizers"


def parse_scalarizer(text: str) -> Scalarizer:
    """The scalarizer that words stand for, with what it needs behind a colon; `latscape parts scalarizer` lists them.

    Raises
    ------
    InputError
        For an unknown name or words that do not fit it.

    Examples
    --------
    >>> parse_scalarizer("integral:1.65,1.85")
    Integral(low=1.65, high=1.85, background=False)
    """
    return parts.build_part("scalarizer", text)


@dataclass(eq=False)
class Experiment:
    """What `Campaign.run` calls for each place.

    An instrument that raises, that is late, or that brings NaN or another shape than before, and a scalarizer that
    fails, make a failed row with its reason; the loop goes on elsewhere.

    Parameters
    ----------
    instrument
        Anything with `measure(point) -> Measurement`.
    scalarizer
        `(Measurement) -> float`, large is interesting; it may be exchanged between evaluations, see `rescore`.
    timeout
        Seconds after which a measurement counts as failed; its thread is left behind. Default: wait.

    Examples
    --------
    >>> from latscape.lab.instruments import Simulated
    >>> from latscape.signals import Axis
    >>> axis = Axis.at("bias", [0.0, 1.0], "V")
    >>> run = Experiment(Simulated(lambda place: place, [axis]), lambda m: float(m.values.sum()))
    >>> run(None, Trial(0, 0, np.array([1.0, 2.0]))).value
    3.0
    """

    instrument: Instrument
    scalarizer: Scalarizer
    timeout: float | None = None
    _shape: tuple[int, ...] | None = field(default=None, repr=False)

    def __call__(self, patch: NDArray, trial: Trial) -> EvaluationResult:
        """Measure where the trial says, and score."""
        point = trial.point
        assert point is not None
        measurement = _in_time(lambda: self.instrument.measure(point), self.timeout)
        found = score_measurement(measurement, self.scalarizer)
        shape = measurement.shape
        if self._shape is None and found.error is None:
            self._shape = shape
        if self._shape not in (None, shape):
            error = f"values of shape {shape}, where those before were of shape {self._shape}"
            return replace(found, value=np.nan, error=error)
        return found


def score_measurement(measurement: Measurement, scalarizer: Scalarizer) -> EvaluationResult:
    """What a campaign is told of a measurement: its score, or why there is none, and all of it."""
    if not isinstance(measurement, Measurement):
        got = type(measurement).__name__
        raise InputError("a Measurement of the instrument", got, "Measurement(values, (Axis.at(name, x, unit),))")
    kept: dict[str, Any] = {"curves": measurement.curves()}
    if measurement.place is not None:
        kept["point"] = np.asarray(measurement.place, dtype=np.float64).reshape(-1)
    if measurement.new_image is not None:
        kept["image"] = np.asarray(measurement.new_image, dtype=np.float64)
    if not np.isfinite(measurement).any():
        return EvaluationResult(np.nan, error="the measurement is all NaN", **kept)
    try:
        return EvaluationResult(scalarizer(measurement), **kept)
    except Exception as error:
        return EvaluationResult(np.nan, error=error_text(error), **kept)


def rescore(record: CampaignRecord, scalarizer: Scalarizer) -> int:
    """Score all measurements of a record again; how many have a value now.

    A campaign that goes on from the record, also one that is running, sees the new values alone. Values that were told
    without a measurement cannot be scored again and become failures.

    Raises
    ------
    RecordError
        If the record keeps no measurement.
    """
    attempts: dict[int, EvaluationResult] = {}
    for one in record.evaluations():
        measurement = Measurement.kept(one)
        if measurement is not None:
            attempts[one.index] = checked_result(score_measurement(measurement, scalarizer))
        elif one.status == "done":
            attempts[one.index] = EvaluationResult(None, error="told without a measurement that could be scored again")
    if not any(attempt.curves for attempt in attempts.values()):
        raise RecordError("a record with measurements", record.path, "the record of an experiment")
    record.rescore(attempts)
    log_scalarizer(record, scalarizer)
    return sum(attempt.value is not None for attempt in attempts.values())


def log_scalarizer(record: CampaignRecord, scalarizer: Scalarizer) -> None:
    """Keep which scalarizer is in force from now on, if it is another one than before."""
    history, now = record.get(HISTORY, []), describe(scalarizer)
    if not history or history[-1]["scalarizer"] != now:
        record.put(HISTORY, [*history, {"from": len(record.evaluations(curves=False)), "scalarizer": now}])


def _in_time(work: Callable[[], Measurement], timeout: float | None) -> Measurement:
    """What the work returns or raises; TimeoutError if it takes too long, which cannot be stopped, only left alone."""
    if timeout is None:
        return work()
    answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def answer() -> None:
        try:
            answers.put((work(), None))
        except BaseException as error:
            answers.put((None, error))

    threading.Thread(target=answer, daemon=True, name="measurement").start()
    try:
        found, error = answers.get(timeout=timeout)
    except queue.Empty:
        raise TimeoutError(f"no measurement within {timeout:g} s") from None
    if error is not None:
        raise error
    return found
