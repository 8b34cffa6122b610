"""Curves over a fraction of time `t` in [0, 1]: the schedules of training and the members of trajectory families.

A curve is any callable from an array of `t` to an array of values of the same shape. The ones made here are frozen
records, so they can be compared, printed, stored as JSON and sent to another process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError

FloatArray = NDArray[np.floating]
Curve = Callable[[FloatArray], FloatArray]
Schedule = float | ArrayLike | Curve


def as_array(schedule: Schedule, length: int) -> NDArray[np.float64]:
    """Values of a schedule at `length` equidistant times: a number is repeated, a curve sampled, an array passed on.

    Examples
    --------
    >>> as_array(linear(0, 1), 5)
    array([0. , 0.25, 0.5 , 0.75, 1. ])
    >>> as_array(3, 2)
    array([3., 3.])
    """
    try:
        raw = schedule(np.linspace(0.0, 1.0, length)) if callable(schedule) else schedule
        values = np.asarray(raw, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise _no_schedule(repr(schedule), length) from error
    if values.ndim == 0 and not callable(schedule):
        values = np.full(length, float(values))
    if values.shape != (length,):
        raise _no_schedule(f"values of shape {values.shape}", length)
    if not np.isfinite(values).all():
        raise _no_schedule("values that are not finite", length)
    return values


def _no_schedule(got: str, length: int) -> InputError:
    hint = f"an array of length {length}, or a curve such as latscape.linear(0, 1)"
    return InputError(f"a number, a curve or {length} finite values", got, hint)


@dataclass(frozen=True)
class Ramp:
    """`first` until `start`, a straight line to `last` at `end`, then `last`."""

    first: float
    last: float
    start: float = 0.0
    end: float = 1.0

    def __call__(self, t: FloatArray) -> FloatArray:
        """Values at times `t`."""
        width = max(self.end - self.start, np.finfo(float).tiny)
        return self.first + (self.last - self.first) * np.clip((np.asarray(t) - self.start) / width, 0.0, 1.0)


@dataclass(frozen=True)
class Segments:
    """Piecewise constant: `values[j]` from `breaks[j - 1]` until `breaks[j]`."""

    values: tuple[float, ...]
    breaks: tuple[float, ...]

    def __call__(self, t: FloatArray) -> FloatArray:
        """Values at times `t`."""
        return np.asarray(self.values)[np.searchsorted(self.breaks, t, side="right")]


@dataclass(frozen=True)
class Periodic:
    """A cosine between `low` and `high`."""

    low: float
    high: float
    periods: float
    phase: float = 0.0

    def __call__(self, t: FloatArray) -> FloatArray:
        """Values at times `t`."""
        wave = np.cos(2.0 * np.pi * self.periods * np.asarray(t) + self.phase)
        return self.low + (self.high - self.low) * (0.5 + 0.5 * wave)


@dataclass(frozen=True)
class DampedSine:
    """`amplitude * exp(rate * t) * sin(omega * t) + offset`."""

    amplitude: float
    rate: float
    omega: float
    offset: float = 0.0

    def __call__(self, t: FloatArray) -> FloatArray:
        """Values at times `t`."""
        t = np.asarray(t)
        return self.amplitude * np.exp(self.rate * t) * np.sin(self.omega * t) + self.offset


def constant(value: float) -> Ramp:
    """The same value at all times.

    Examples
    --------
    >>> constant(2.0)(np.zeros(3))
    array([2., 2., 2.])
    """
    return Ramp(value, value)


def linear(first: float, last: float) -> Ramp:
    """A straight line from `first` at t = 0 to `last` at t = 1."""
    return Ramp(first, last)


def cooldown(high: float, low: float, start: float = 0.0, end: float = 1.0) -> Ramp:
    """`high` until `start`, a straight line to `low` at `end`, then `low` (times as fractions of the whole).

    `cooldown(40, 3, 1 / 12, 5 / 12)` is the schedule pyroVED documents for its joint VAE over 120 epochs.

    Examples
    --------
    >>> as_array(cooldown(40, 0, 0.25, 0.75), 5)
    array([40., 40., 20., 0., 0.])
    """
    if not 0.0 <= start <= end <= 1.0:
        raise InputError("0 <= start <= end <= 1", f"start={start}, end={end}", "cooldown(40, 3, start=0.1, end=0.4)")
    return Ramp(high, low, start, end)


def segments(values: Sequence[float] | FloatArray, breaks: Sequence[float] | FloatArray) -> Segments:
    """Piecewise constant: `values[j]` between `breaks[j - 1]` and `breaks[j]` (one break fewer than values).

    Examples
    --------
    >>> as_array(segments([1, 5], [0.5]), 4)
    array([1., 1., 5., 5.])
    """
    if len(values) != len(breaks) + 1:
        got = f"{len(values)} values, {len(breaks)} breaks"
        raise InputError("one break fewer than values", got, "two values and one break")
    return Segments(tuple(float(value) for value in values), tuple(sorted(float(time) for time in breaks)))


def periodic(low: float, high: float, periods: float, phase: float = 0.0) -> Periodic:
    """A cosine between `low` and `high` with `periods` periods; `phase` in radians, 0 starts at `high`.

    Examples
    --------
    >>> as_array(periodic(0, 2, periods=1), 5)
    array([2., 1., 0., 1., 2.])
    """
    return Periodic(low, high, periods, phase)


def damped_sine(amplitude: float, rate: float, omega: float, offset: float = 0.0) -> DampedSine:
    """`amplitude * exp(rate * t) * sin(omega * t) + offset`: a field history of Valleti et al., arXiv:2206.12435."""
    return DampedSine(amplitude, rate, omega, offset)
