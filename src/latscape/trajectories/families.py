"""Trajectory families: random draws of curves.

A family is any callable `(n, length, generator) -> (n, length)`; those made here sample the curves of `latscape.curves`
with random parameters. All values lie in [low, high], one common scale, so that families can be mixed.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from latscape.curves import Curve, as_array, cooldown, damped_sine, periodic, segments
from latscape.errors import InputError

Family = Callable[[int, int, np.random.Generator], NDArray[np.floating]]


def cooldown_family(low: float = 0.1, high: float = 40.0) -> Family:
    """Linear cooldowns: a first value held for up to a third, a line down, a last value held.

    As in figure 5a of Biswas et al. 2023, arXiv:2207.00128.

    Examples
    --------
    >>> draws = cooldown_family(1, 40)(3, 120, np.random.default_rng(0))
    >>> draws.shape, bool((np.diff(draws) <= 0).all())
    ((3, 120), True)
    """
    _check_range(low, high)
    return partial(_draw, draw=_cooldown, low=low, high=high)


def segments_family(low: float = 0.1, high: float = 40.0, most: int = 6, noise: float = 0.05) -> Family:
    """Two to `most` random levels at random breaks, with normal noise of `noise` times the range (ibid., fig. 5a)."""
    _check_range(low, high)
    if most < 2 or not noise >= 0:
        raise InputError("most >= 2 and noise >= 0", f"most={most}, noise={noise}", "most=6, noise=0.05")
    return partial(_draw, draw=partial(_segments, most=most, noise=noise), low=low, high=high)


def periodic_family(low: float = 0.1, high: float = 40.0, periods: tuple[float, float] = (1.0, 6.0)) -> Family:
    """Cosines between two random levels, with a random number of periods and phase (ibid., fig. 8a)."""
    _check_range(low, high)
    _check_range(*periods, least=False)
    return partial(_draw, draw=partial(_periodic, periods=periods), low=low, high=high)


def damped_sine_family(
    amplitude: tuple[float, float] = (0.0, 0.75),
    rate: tuple[float, float] = (-2.75, 2.75),
    omega: tuple[float, float] = (2 * np.pi, 8 * np.pi / 3),
    offset: tuple[float, float] = (-0.5, 0.5),
) -> Family:
    """Sines under an exponential envelope: field histories of Valleti et al., arXiv:2206.12435; ranges are uniform."""
    for limits in (amplitude, rate, omega, offset):
        _check_range(*limits, least=False)
    return partial(_damped_sines, ranges=(amplitude, rate, omega, offset))


#: Families by name, for the command line.
FAMILIES: dict[str, Callable[[float, float], Family]] = {
    "cooldown": cooldown_family,
    "segments": segments_family,
    "periodic": periodic_family,
}

Draw = Callable[[np.random.Generator, int, float, float], NDArray[np.floating]]


def _draw(
    n: int, length: int, generator: np.random.Generator, *, draw: Draw, low: float, high: float
) -> NDArray[np.floating]:
    return np.stack([draw(generator, length, low, high) for _ in range(n)]) if n else np.empty((0, length))


def _cooldown(generator: np.random.Generator, length: int, low: float, high: float) -> NDArray[np.floating]:
    last, first = np.sort(generator.uniform(low, high, size=2))
    start = generator.uniform(0.0, 1.0 / 3.0)
    end = generator.uniform(start, 1.0)
    return as_array(cooldown(first, last, start, end), length)


def _segments(
    generator: np.random.Generator, length: int, low: float, high: float, *, most: int, noise: float
) -> NDArray[np.floating]:
    count = int(generator.integers(2, most + 1))
    curve: Curve = segments(generator.uniform(low, high, size=count), generator.uniform(0.0, 1.0, size=count - 1))
    ripple = noise * (high - low) * generator.standard_normal(length)
    return np.clip(as_array(curve, length) + ripple, low, high)


def _periodic(
    generator: np.random.Generator, length: int, low: float, high: float, *, periods: tuple[float, float]
) -> NDArray[np.floating]:
    bottom, top = np.sort(generator.uniform(low, high, size=2))
    return as_array(periodic(bottom, top, generator.uniform(*periods), generator.uniform(0.0, 2.0 * np.pi)), length)


def _damped_sines(
    n: int, length: int, generator: np.random.Generator, *, ranges: tuple[tuple[float, float], ...]
) -> NDArray[np.floating]:
    draws = [damped_sine(*(generator.uniform(*limits) for limits in ranges)) for _ in range(n)]
    return np.stack([as_array(curve, length) for curve in draws]) if n else np.empty((0, length))


def _check_range(low: float, high: float, *, least: bool = True) -> None:
    """Refuse ranges that are reversed or not finite, and with `least` also those of no extent."""
    if not (np.isfinite([low, high]).all() and (low < high if least else low <= high)):
        raise InputError("a range from low to high", f"low={low}, high={high}", "low=0.1, high=40")
