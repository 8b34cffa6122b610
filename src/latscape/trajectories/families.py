"""Trajectory families: random draws of curves.

A family is any callable `(n, length, generator) -> (n, length)`; those made here sample the curves of `latscape.curves`
with random parameters. All values lie in [low, high], one common scale, so that families can be mixed.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.curves import Curve, as_array, cooldown, damped_sine, periodic, segments
from latscape.errors import InputError

#: What draws trajectories: (n, length, generator) -> (n, length).
TrajectoryFamily = Callable[[int, int, np.random.Generator], NDArray[np.floating]]


def cooldown_family(low: float = 0.1, high: float = 40.0) -> TrajectoryFamily:
    """Linear cooldowns: a first value held for up to a third, a line down, a last value held.

    As in figure 5a of Biswas et al. 2023, arXiv:2207.00128.

    Examples
    --------
    >>> draws = cooldown_family(1, 40)(3, 120, np.random.default_rng(0))
    >>> draws.shape, bool((np.diff(draws) <= 0).all())
    ((3, 120), True)
    """
    _check_range(low, high)
    return partial(_draw, draw=partial(_cooldown, low=low, high=high))


def segments_family(low: float = 0.1, high: float = 40.0, most: int = 6, noise: float = 0.05) -> TrajectoryFamily:
    """Two to `most` random levels at random breaks, with normal noise of `noise` times the range (ibid., fig. 5a)."""
    _check_range(low, high)
    if most < 2 or not noise >= 0:
        raise InputError("most >= 2 and noise >= 0", f"most={most}, noise={noise}", "most=6, noise=0.05")
    return partial(_draw, draw=partial(_segments, low=low, high=high, most=most, noise=noise))


def periodic_family(
    low: float = 0.1, high: float = 40.0, periods: tuple[float, float] = (1.0, 6.0)
) -> TrajectoryFamily:
    """Cosines between two random levels, with a random number of periods and phase (ibid., fig. 8a)."""
    _check_range(low, high)
    _check_range(*periods, least=False)
    return partial(_draw, draw=partial(_periodic, low=low, high=high, periods=periods))


def damped_sine_family(
    amplitude: tuple[float, float] = (0.0, 0.75),
    rate: tuple[float, float] = (-2.75, 2.75),
    omega: tuple[float, float] = (2 * np.pi, 8 * np.pi / 3),
    offset: tuple[float, float] = (-0.5, 0.5),
) -> TrajectoryFamily:
    """Sines under an exponential envelope: field histories of Valleti et al., arXiv:2206.12435; ranges are uniform."""
    for limits in (amplitude, rate, omega, offset):
        _check_range(*limits, least=False)
    return partial(_draw, draw=partial(_damped_sine, ranges=(amplitude, rate, omega, offset)))


def joint_family(*families: TrajectoryFamily) -> TrajectoryFamily:
    """Several trajectories at once, drawn on their own and joined end to end: each takes an equal part of the length.

    Examples
    --------
    >>> both = joint_family(damped_sine_family(), damped_sine_family())
    >>> ex, ey = np.split(both(5, 200, np.random.default_rng(0)), 2, axis=1)
    >>> ex.shape
    (5, 100)
    """
    if not families or not all(map(callable, families)):
        raise InputError("families to join", repr(families), "joint_family(damped_sine_family(), cooldown_family())")
    return partial(_joint, families=families)


def recorded_family(trajectories: ArrayLike, weights: ArrayLike | None = None) -> TrajectoryFamily:
    """Trajectories of one's own, (n, length), drawn again as often as they weigh, (n,).

    With large weights on good ones, a latent space gives those more room (weighted retraining, Tripp et al. 2020,
    arXiv:2006.09191). Without weights each is drawn once, in order, as far as they go.

    Examples
    --------
    >>> again = recorded_family([[0.0, 1.0], [2.0, 3.0]], weights=[0.0, 1.0])
    >>> again(2, 2, np.random.default_rng(0))
    array([[2., 3.], [2., 3.]])
    """
    rows = np.asarray(trajectories, dtype=float)
    shares = None if weights is None else np.asarray(weights, dtype=float)
    if rows.ndim != 2 or not len(rows):
        raise InputError("trajectories (n, length)", f"shape {rows.shape}", "an array of at least one trajectory")
    if shares is not None and (
        shares.shape != rows.shape[:1] or not (shares >= 0).all() or not 0 < shares.sum() < np.inf
    ):
        raise InputError(f"{len(rows)} weights of at least 0, not all 0", shares, "np.ones(len(trajectories))")
    return partial(_recorded, rows=rows, shares=None if shares is None else shares / shares.sum())


Draw = Callable[[np.random.Generator, int], NDArray[np.floating]]


def _draw(n: int, length: int, generator: np.random.Generator, *, draw: Draw) -> NDArray[np.floating]:
    return np.stack([draw(generator, length) for _ in range(n)]) if n else np.empty((0, length))


def _cooldown(generator: np.random.Generator, length: int, *, low: float, high: float) -> NDArray[np.floating]:
    last, first = np.sort(generator.uniform(low, high, size=2))
    start = generator.uniform(0.0, 1.0 / 3.0)
    end = generator.uniform(start, 1.0)
    return as_array(cooldown(first, last, start, end), length)


def _segments(
    generator: np.random.Generator, length: int, *, low: float, high: float, most: int, noise: float
) -> NDArray[np.floating]:
    count = int(generator.integers(2, most + 1))
    curve: Curve = segments(generator.uniform(low, high, size=count), generator.uniform(0.0, 1.0, size=count - 1))
    ripple = noise * (high - low) * generator.standard_normal(length)
    return np.clip(as_array(curve, length) + ripple, low, high)


def _periodic(
    generator: np.random.Generator, length: int, *, low: float, high: float, periods: tuple[float, float]
) -> NDArray[np.floating]:
    bottom, top = np.sort(generator.uniform(low, high, size=2))
    return as_array(periodic(bottom, top, generator.uniform(*periods), generator.uniform(0.0, 2.0 * np.pi)), length)


def _damped_sine(
    generator: np.random.Generator, length: int, *, ranges: tuple[tuple[float, float], ...]
) -> NDArray[np.floating]:
    return as_array(damped_sine(*(generator.uniform(*limits) for limits in ranges)), length)


def _joint(n: int, length: int, generator: np.random.Generator, *, families: tuple[TrajectoryFamily, ...]) -> NDArray:
    part, rest = divmod(length, len(families))
    if rest:
        raise InputError(f"a length that {len(families)} families can share", length, f"length={length - rest}")
    return np.concatenate([family(n, part, generator) for family in families], axis=1)


def _recorded(
    n: int, length: int, generator: np.random.Generator, *, rows: NDArray[np.floating], shares: NDArray | None
) -> NDArray[np.floating]:
    if rows.shape[1] != length or (shares is None and n > len(rows)):
        raise InputError(f"at most {len(rows)} draws of length {rows.shape[1]}", f"{n} of {length}", "weights=...")
    return rows[:n] if shares is None else rows[generator.choice(len(rows), size=n, p=shares)]


def _check_range(low: float, high: float, *, least: bool = True) -> None:
    """Refuse ranges that are reversed or not finite, and with `least` also those of no extent."""
    if not (np.isfinite([low, high]).all() and (low < high if least else low <= high)):
        raise InputError("a range from low to high", f"low={low}, high={high}", "low=0.1, high=40")
