"""Run one evaluator on one point: whatever it returns or raises becomes a plain `EvaluationResult`."""

import inspect
import math
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from latscape.errors import InputError
from latscape.name_hints import with_attribute_hints

Evaluator = Callable[..., Any]  # (x) or (x, trial) -> float | EvaluationResult
Curves = dict[str, list]
#: Name of the curve of values on the way, which `Trial.should_prune` keeps.
PARTIAL = "partial"


@with_attribute_hints
@dataclass
class Trial:
    """One evaluation, as its evaluator sees it: its number, its seed, and a place to report to.

    Parameters
    ----------
    index
        Number of the evaluation in the campaign, from 0.
    seed
        63-bit seed of this evaluation: replicates of a point get different ones, a rerun gets the same.
    point
        The point of the space, (d,), of which the evaluator is given what it decodes to.
    prune
        (value, earlier values at that step) -> whether to give up; see `latscape.campaign.prune`.
    earlier
        Values that finished evaluations had on their way, by step.

    Examples
    --------
    >>> trial = Trial(index=0, seed=7)
    >>> for epoch in range(2):
    ...     trial.report(epoch, loss=1.0 / (1 + epoch))
    >>> trial.curves()
    {'step': [0.0, 1.0], 'loss': [1.0, 0.5]}
    """

    index: int
    seed: int
    point: NDArray[np.float64] | None = None
    rows: list[dict[str, float]] = field(default_factory=list)
    prune: Callable[[float, Sequence[float]], bool] | None = None
    earlier: Mapping[float, Sequence[float]] = field(default_factory=dict)

    def report(self, step: float, **values: float) -> None:
        """Keep the values reached at `step`; any names, which may differ from step to step and come in parts."""
        if "step" in values:
            raise InputError("names of values other than step", "step", "report(step, loss=...)")
        if not self.rows or self.rows[-1]["step"] != float(step):
            self.rows.append({"step": float(step)})
        self.rows[-1] |= {name: float(value) for name, value in values.items()}

    def should_prune(self, step: float, value: float) -> bool:
        """Keep the value of the objective on the way, and say whether this evaluation is not worth going on with.

        An evaluator that hears True may return what it has; without a rule nothing is ever hopeless.

        Examples
        --------
        >>> trial = Trial(3, seed=0, prune=lambda value, earlier: value < min(earlier), earlier={10: [0.5, 0.6]})
        >>> trial.should_prune(10, 0.4), trial.should_prune(10, 0.55)
        (True, False)
        """
        self.report(step, **{PARTIAL: value})
        return self.prune is not None and self.prune(float(value), self.earlier.get(float(step), ()))

    def curves(self) -> Curves:
        """One list per name, all as long as there were reports; NaN where a report left the name out."""
        names = dict.fromkeys(name for row in self.rows for name in row)
        return {name: [row.get(name, math.nan) for row in self.rows] for name in names}


@dataclass(frozen=True)
class EvaluationResult:
    """How an evaluation went; an evaluator may return it instead of a bare number.

    Parameters
    ----------
    value
        The number to maximize. What is no finite number, or has an `error`, is a failure, kept as None.
    metrics, curves
        Other numbers worth keeping, by name, and lists of numbers, such as a loss per epoch or a spectrum, or of
        mappings that JSON can hold, such as the axes of the spectrum.
    point
        Where it was really evaluated, (d,), if not where it was asked for.
    image
        The sample as it is now, if the evaluator looked: a `DiscreteSpace` cuts its patches anew from it.
    error
        What went wrong, although there are metrics and curves to keep; the value does not count then.
    seconds
        How long it took [s]; campaigns measure it.
    """

    value: float | None
    metrics: dict[str, float] = field(default_factory=dict)
    curves: Curves = field(default_factory=dict)
    point: NDArray[np.float64] | None = None
    image: NDArray[np.float64] | None = None
    error: str | None = None
    seconds: float | None = None

    @property
    def status(self) -> Literal["done", "failed"]:
        """What the row of a record says of it."""
        return "done" if self.error is None else "failed"


def run_evaluator(evaluator: Evaluator, decoded: Any, trial: Trial) -> EvaluationResult:
    """Evaluate one point; any `Exception` and any value that is not a finite number is a failure, kept as text.

    KeyboardInterrupt and SystemExit pass through: they end the campaign, not the point.

    Examples
    --------
    >>> run_evaluator(lambda x: x.sum(), np.array([1.0, 2.0]), Trial(0, seed=0)).value
    3.0
    >>> run_evaluator(lambda x: float("nan"), np.zeros(1), Trial(0, seed=0)).error
    'the value is nan'
    """
    start = time.perf_counter()
    try:
        returned = evaluator(decoded, trial) if takes_trial(evaluator) else evaluator(decoded)
        seconds = time.perf_counter() - start
        result = checked_result(returned)
    except Exception as error:
        seconds = time.perf_counter() - start
        return EvaluationResult(None, curves=trial.curves(), error=error_text(error), seconds=seconds)
    return replace(result, curves=trial.curves() | result.curves, seconds=seconds)


def checked_result(returned: Any) -> EvaluationResult:
    """What an evaluator returned, a number or a result, as plain numbers, with what is wrong with them."""
    result = returned if isinstance(returned, EvaluationResult) else EvaluationResult(returned)
    metrics = {str(name): float(_detached(value)) for name, value in result.metrics.items()}
    curves = {str(name): _listed(values) for name, values in result.curves.items()}
    value, error = _number(result.value) if result.error is None else (None, result.error)
    return replace(result, value=value, metrics=metrics, curves=curves, error=error)


def takes_trial(evaluator: Evaluator) -> bool:
    """Whether an evaluator wants `(x, trial)`: a second parameter named trial, or a second one without a default.

    Raises
    ------
    InputError
        If it cannot be called with one or two arguments.
    """
    try:
        parameters = inspect.signature(evaluator).parameters.values()
    except (TypeError, ValueError):  # some built-ins have no signature
        return False
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = [p for p in positional if p.default is p.empty]
    keywords = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    open_ended = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    if len(required) > 2 or keywords or not (positional or open_ended):
        raise InputError("an evaluator of (x) or (x, trial)", str(inspect.signature(evaluator)), "functools.partial")
    return len(required) == 2 or (len(positional) > 1 and positional[1].name == "trial")


def _number(value: Any) -> tuple[float | None, str | None]:
    """A finite number, or why it is none."""
    if isinstance(value, str | None) or np.ndim(value) != 0:
        shape = f" of shape {np.shape(value)}" if isinstance(value, np.ndarray) else ""
        return None, f"the value is no number but {type(value).__name__}{shape}"
    number = float(_detached(value))
    return (number, None) if math.isfinite(number) else (None, f"the value is {number}")


def _listed(values: Any) -> list[Any]:
    """Numbers as nested lists; a list of mappings, such as the axes of a measurement, as it is."""
    if isinstance(values, list) and values and all(isinstance(one, Mapping) for one in values):
        return values
    return np.asarray(_detached(values), dtype=np.float64).tolist()


def _detached(value: Any) -> Any:
    return value.detach().cpu() if hasattr(value, "detach") else value  # torch warns, or refuses, otherwise


def error_text(error: Exception) -> str:
    """`ValueError: text (file.py:12)`, on one line."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return " ".join(f"{type(error).__name__}: {error}".split()) + place
