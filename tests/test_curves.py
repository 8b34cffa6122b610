"""Curves against their formulas."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latscape.curves import as_array, constant, cooldown, damped_sine, linear, periodic, segments

VALUE = st.floats(-100, 100)
T = np.linspace(0.0, 1.0, 41)
CURVES = {
    "constant": constant(2.0),
    "linear": linear(0, 1),
    "cooldown": cooldown(40, 3, 0.1, 0.4),
    "segments": segments([1, 5, 2], [0.2, 0.7]),
    "periodic": periodic(0, 2, periods=3),
    "damped_sine": damped_sine(0.5, -1.0, 7.0, 0.1),
}


@given(value=VALUE)
def test_a_constant_is_its_value_at_all_times(value):
    np.testing.assert_array_equal(constant(value)(T), np.full(41, value))


@given(first=VALUE, last=VALUE)
def test_a_line_is_the_weighted_mean_of_its_ends(first, last):
    np.testing.assert_allclose(linear(first, last)(T), (1 - T) * first + T * last, atol=1e-12)


@given(ends=st.tuples(VALUE, VALUE), times=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_cooldown_holds_falls_and_holds(ends, times):
    (low, high), (start, end) = sorted(ends), sorted(times)
    values = cooldown(high, low, start, end)(T)
    room = 1e-9 * (1 + abs(high) + abs(low))
    assert (np.diff(values) <= room).all()
    assert (values[start >= T] == high).all()
    np.testing.assert_allclose(values[(end <= T) & (start < T)], low, atol=room)
    np.testing.assert_allclose(
        cooldown(high, low, start, end)(np.array([(start + end) / 2])) * (start < end),
        (high + low) / 2 * (start < end),
        atol=1e-3,
    )


def test_the_documented_schedule_of_pyroved_takes_its_documented_values():
    schedule = as_array(cooldown(40, 3, 10 / 119, 50 / 119), 120)
    np.testing.assert_allclose(schedule[:11], 40)
    np.testing.assert_allclose(schedule[10:51], np.linspace(40, 3, 41))
    np.testing.assert_allclose(schedule[50:], 3)


@given(values=st.lists(VALUE, min_size=1, max_size=6), data=st.data())
def test_segments_are_constant_between_their_breaks(values, data):
    breaks = data.draw(st.lists(st.floats(0, 1), min_size=len(values) - 1, max_size=len(values) - 1))
    got = segments(values, breaks)(T)
    expected = [values[sum(b <= t for b in breaks)] for t in T]
    np.testing.assert_array_equal(got, expected)


@given(ends=st.tuples(VALUE, VALUE), periods=st.floats(0.1, 8), phase=st.floats(-7, 7))
def test_a_periodic_curve_stays_between_its_levels_and_repeats(ends, periods, phase):
    low, high = sorted(ends)
    curve = periodic(low, high, periods, phase)
    room = 1e-9 * (1 + abs(high) + abs(low))
    assert (curve(T) >= low - room).all()
    assert (curve(T) <= high + room).all()
    np.testing.assert_allclose(curve(T), curve(T + 1 / periods), atol=1e-6)
    np.testing.assert_allclose(
        curve(T), low + (high - low) * (1 + np.cos(2 * np.pi * periods * T + phase)) / 2, atol=room
    )


@given(amplitude=VALUE, rate=st.floats(-3, 3), omega=st.floats(0, 20), offset=VALUE)
def test_a_damped_sine_is_its_formula_and_starts_at_its_offset(amplitude, rate, omega, offset):
    values = damped_sine(amplitude, rate, omega, offset)(T)
    np.testing.assert_allclose(values, amplitude * np.exp(rate * T) * np.sin(omega * T) + offset)
    assert values[0] == offset


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
def test_a_curve_survives_pickling(curve):
    copy = pickle.loads(pickle.dumps(curve))  # noqa: S301  our own object
    np.testing.assert_array_equal(copy(T), curve(T))


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
def test_as_array_samples_a_curve_at_equidistant_times_with_both_ends(curve):
    np.testing.assert_array_equal(as_array(curve, 41), curve(T))
    assert as_array(curve, 1).shape == (1,)


@given(values=st.lists(VALUE, min_size=1, max_size=20))
def test_as_array_passes_arrays_on_and_repeats_numbers(values):
    np.testing.assert_array_equal(as_array(values, len(values)), values)
    np.testing.assert_array_equal(as_array(values[0], 7), np.full(7, values[0]))


@pytest.mark.parametrize(
    "schedule",
    [
        [1.0, 2.0],
        np.ones((3, 1)),
        np.nan,
        [1.0, np.inf, 1.0],
        lambda t: t[:2],
        lambda t: 1.0,
        lambda t: t * np.nan,
        "high",
        None,
    ],
    ids=[
        "short",
        "two-dimensional",
        "nan",
        "infinite",
        "curve too short",
        "curve of a number",
        "curve of nan",
        "text",
        "none",
    ],
)
def test_a_schedule_that_is_not_one_finite_value_an_epoch_is_refused(schedule, refused):
    with refused():
        as_array(schedule, 3)


@pytest.mark.parametrize("times", [(0.6, 0.4), (-0.1, 0.5), (0.5, 1.1), (float("nan"), 0.5)])
def test_a_cooldown_that_ends_before_it_starts_or_outside_time_is_refused(times, refused):
    with refused():
        cooldown(40, 3, *times)


def test_segments_need_one_break_fewer_than_values(refused):
    with refused():
        segments([1, 2], [0.3, 0.6])
