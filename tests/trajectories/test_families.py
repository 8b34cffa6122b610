"""Random draws of curves."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latscape.parts.registry import registered_parts
from latscape.trajectories.families import (
    cooldown_family,
    damped_sine_family,
    periodic_family,
    segments_family,
)

FAMILIES = {word: entry.load() for word, entry in registered_parts("family").items()}
SHIPPED = {**{name: make(2.0, 9.0) for name, make in FAMILIES.items()}, "damped_sine": damped_sine_family()}


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(low=st.floats(-50, 50), width=st.floats(0.1, 100), length=st.integers(1, 40), seed=st.integers(0, 1000))
@pytest.mark.parametrize("make", FAMILIES.values(), ids=FAMILIES)
def test_every_value_lies_in_the_range_asked_for(make, low, width, length, seed):
    draws = make(low, low + width)(4, length, generator(seed))
    room = 1e-9 * (1 + abs(low) + width)
    assert draws.shape == (4, length)
    assert (draws >= low - room).all()
    assert (draws <= low + width + room).all()


@pytest.mark.parametrize("family", SHIPPED.values(), ids=SHIPPED)
def test_draws_follow_from_the_generator_alone(family):
    np.testing.assert_array_equal(family(5, 30, generator(1)), family(5, 30, generator(1)))
    assert not np.allclose(family(5, 30, generator(1)), family(5, 30, generator(2)))


@pytest.mark.parametrize("family", SHIPPED.values(), ids=SHIPPED)
def test_draws_differ_from_each_other_and_none_may_be_asked_for(family):
    draws = family(20, 30, generator())
    assert len(np.unique(draws, axis=0)) == 20
    assert family(0, 30, generator()).shape == (0, 30)


@pytest.mark.parametrize("family", SHIPPED.values(), ids=SHIPPED)
def test_a_family_survives_pickling(family):
    copy = pickle.loads(pickle.dumps(family))  # noqa: S301  our own object
    np.testing.assert_array_equal(copy(3, 30, generator()), family(3, 30, generator()))


def test_cooldowns_never_rise_hold_their_start_no_longer_than_a_third_and_fall_in_one_line():
    draws = cooldown_family(1, 40)(200, 120, generator())
    steps = np.diff(draws)
    assert (steps <= 1e-12).all()
    assert (draws[:, 41] < draws[:, 0]).all()
    slopes = [np.unique(row[row < -1e-9].round(6)) for row in steps]
    assert max(map(len, slopes)) <= 3  # one slope, and a shorter step at either end


def test_segments_without_noise_have_between_two_and_most_levels():
    draws = segments_family(0, 1, most=4, noise=0.0)(300, 400, generator())
    levels = {len(np.unique(row)) for row in draws}
    assert levels >= {2, 3, 4}
    assert max(levels) == 4


def test_the_noise_of_segments_has_the_deviation_asked_for():
    middle = segments_family(0, 1, most=2, noise=0.02)(200, 400, generator())
    inside = (middle > 0.2) & (middle < 0.8)
    ripple = np.diff(middle)[inside[:, 1:] & inside[:, :-1]]
    assert np.median(np.abs(ripple)) / 0.6745 == pytest.approx(0.02 * 2**0.5, rel=0.05)


def test_periodic_draws_have_a_number_of_periods_in_the_range_asked_for():
    draws = periodic_family(0, 1, periods=(2.0, 3.0))(100, 400, generator())
    centred = draws - (draws.max(axis=1, keepdims=True) + draws.min(axis=1, keepdims=True)) / 2
    crossings = (np.diff(np.sign(centred)) != 0).sum(axis=1)
    assert crossings.min() >= 3
    assert crossings.max() <= 7


def test_damped_sines_start_at_their_offset_and_stay_under_their_envelope():
    draws = damped_sine_family(amplitude=(0.5, 0.75), rate=(-2.0, 1.0), offset=(-0.1, 0.1))(200, 100, generator())
    assert (np.abs(draws[:, 0]) <= 0.1).all()
    assert (np.abs(draws) <= 0.75 * np.exp(np.linspace(0, 1, 100)) + 0.1).all()


@pytest.mark.parametrize("make", FAMILIES.values(), ids=FAMILIES)
@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (0.0, np.inf), (np.nan, 1.0)])
def test_an_empty_or_endless_range_is_refused(make, low, high, refused):
    with refused():
        make(low, high)


@pytest.mark.parametrize(
    "make",
    [
        lambda: segments_family(most=1),
        lambda: segments_family(noise=-0.1),
        lambda: periodic_family(periods=(6.0, 1.0)),
        lambda: damped_sine_family(rate=(2.0, -2.0)),
    ],
    ids=["one level", "negative noise", "periods reversed", "rates reversed"],
)
def test_other_options_that_allow_no_draw_are_refused_when_the_family_is_made(make, refused):
    with refused():
        make()
