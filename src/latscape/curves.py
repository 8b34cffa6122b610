"""Curves over a fraction of time `t` in [0, 1]: the schedules of training and the members of trajectory families.

A curve is any callable from an array of `t` to an array of values of the same shape. The ones made here are partial
applications of module-level functions, so they can be copied, compared, pickled and sent to another process.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError

Curve = Callable[[NDArray[np.floating]], NDArray[np.floating]]
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
    if callable(schedule):
        values = np.asarray(schedule(np.linspace(0.0, 1.0, length)), dtype=np.float64)
    else:
        values = np.asarray(schedule, dtype=np.float64)
        if values.ndim == 0:
            values = np.full(length, float(values))
    if values.shape != (length,) or not np.isfinite(values).all():
        raise InputError(
            f"a number, a curve or {length} finite values, one per cycle",
            f"values of shape {values.shape}" if np.isfinite(values).all() else "values that are not finite",
            f"an array of length {length}, or a curve such as latscape.linear(0, 1)",
        )
    return values


def constant(value: float) -> Curve:
    """The same value at all times.

    Examples
    --------
    >>> constant(2.0)(np.zeros(3))
    array([2., 2., 2.])
    """
    return partial(_constant, value=value)


def linear(first: float, last: float) -> Curve:
    """A straight line from `first` at t = 0 to `last` at t = 1."""
    return partial(_ramp, first=first, last=last, start=0.0, end=1.0)


def cooldown(high: float, low: float, start: float = 0.0, end: float = 1.0) -> Curve:
    """`high` until `start`, a straight line to `low` at `end`, then `low` (times as fractions of the whole).

    `cooldown(40, 3, 1 / 12, 5 / 12)` is the schedule pyroVED documents for its joint VAE over 120 cycles.

    Examples
    --------
    >>> as_array(cooldown(40, 0, 0.25, 0.75), 5)
    array([40., 40., 20., 0., 0.])
    """
    if not 0.0 <= start <= end <= 1.0:
        raise InputError("0 <= start <= end <= 1", f"start={start}, end={end}", "cooldown(40, 3, start=0.1, end=0.4)")
    return partial(_ramp, first=high, last=low, start=start, end=end)


def segments(values: Sequence[float] | NDArray, breaks: Sequence[float] | NDArray) -> Curve:
    """Piecewise constant: `values[j]` between `breaks[j - 1]` and `breaks[j]` (one break fewer than values).

    Examples
    --------
    >>> as_array(segments([1, 5], [0.5]), 4)
    array([1., 1., 5., 5.])
    """
    if len(values) != len(breaks) + 1:
        raise InputError(
            "one break fewer than values", f"{len(values)} values, {len(breaks)} breaks", "two values and one break"
        )
    return partial(_segments, values=np.asarray(values, dtype=float), breaks=np.sort(np.asarray(breaks, dtype=float)))


def periodic(low: float, high: float, periods: float, phase: float = 0.0) -> Curve:
    """A cosine between `low` and `high` with `periods` periods; `phase` in radians, 0 starts at `high`.

    Examples
    --------
    >>> as_array(periodic(0, 2, periods=1), 5)
    array([2., 1., 0., 1., 2.])
    """
    return partial(_periodic, low=low, high=high, periods=periods, phase=phase)


def damped_sine(amplitude: float, rate: float, omega: float, offset: float = 0.0) -> Curve:
    """`amplitude * exp(rate * t) * sin(omega * t) + offset`: a field history of Valleti et al., arXiv:2206.12435."""
    return partial(_damped_sine, amplitude=amplitude, rate=rate, omega=omega, offset=offset)


def _constant(t, value):
    return np.full_like(np.asarray(t, dtype=float), value)


def _ramp(t, first, last, start, end):
    fraction = np.clip((t - start) / max(end - start, np.finfo(float).tiny), 0.0, 1.0)
    return first + (last - first) * fraction


def _segments(t, values, breaks):
    return values[np.searchsorted(breaks, t, side="right")]


def _periodic(t, low, high, periods, phase):
    return low + (high - low) * (0.5 + 0.5 * np.cos(2.0 * np.pi * periods * t + phase))


def _damped_sine(t, amplitude, rate, omega, offset):
    return amplitude * np.exp(rate * t) * np.sin(omega * t) + offset
