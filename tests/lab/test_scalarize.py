"""Scalarizers against closed forms and spectra made by hand, with and without wild values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latscape.errors import EvaluationError, InputError
from latscape.lab import (
    Axis,
    Integral,
    LoopArea,
    LoopHeight,
    Measurement,
    Peak,
    Ratio,
    Robust,
    Vertex,
    parse_scalarizer,
)
from latscape.lab.scalarize import despike, despike_loop

X = np.linspace(0.0, 10.0, 201)


def over_x(y, x=X, name="energy", unit="keV"):
    return Measurement(y, (Axis.at(name, x, unit),))


def gauss(height, center, width):
    """Full width at half maximum."""
    return height * np.exp(-4 * np.log(2) * ((X - center) / width) ** 2)


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0, 4), st.floats(0.5, 5))
def test_the_integral_of_a_line_is_exact(a, b, low, span):
    inside = X[(low <= X) & (low + span >= X)]
    exact = a * (inside[-1] - inside[0]) + b * (inside[-1] ** 2 - inside[0] ** 2) / 2
    assert Integral(low, low + span)(over_x(a + b * X)) == pytest.approx(exact, abs=1e-8)
    assert Integral(low, low + span, background=True)(over_x(a + b * X)) == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize("shape", ["gauss", "lorentz"])
def test_a_peak_on_a_background_is_recovered_with_noise_and_wild_values(shape):
    bell = gauss(4.0, 6.2, 1.5) if shape == "gauss" else 4.0 / (1 + ((X - 6.2) / 0.75) ** 2)
    rng = np.random.default_rng(0)
    y = 2.0 + 0.3 * X + bell + 0.05 * rng.normal(size=X.shape)
    y[[20, 90, 151]] += [300.0, -200.0, 500.0]
    area = {"gauss": 4.0 * 1.5 * np.sqrt(np.pi / (4 * np.log(2))), "lorentz": 4.0 * 1.5 * np.pi / 2}[shape]
    truth = {"height": 4.0, "center": 6.2, "width": 1.5, "area": area}
    for what, expected in truth.items():
        assert Peak(2, 10, what, shape)(over_x(y)) == pytest.approx(expected, rel=0.05), what
    assert Peak(2, 10, "height", shape, sign=-1)(over_x(-y)) == pytest.approx(4.0, rel=0.05)


@given(st.floats(1e-12, 1e9))
def test_a_peak_is_the_same_in_any_unit(unit):
    y = gauss(3.0, 4.0, 1.0) + 0.01 * np.sin(40 * X)
    assert Peak(0, 10)(over_x(unit * y)) == pytest.approx(unit * Peak(0, 10)(over_x(y)), rel=1e-3)


def test_no_peak_is_a_failure_and_so_is_a_window_without_points():
    with pytest.raises(EvaluationError, match="no peak"):
        Peak(0, 5)(over_x(-gauss(3.0, 2.5, 1.0)))
    with pytest.raises(EvaluationError, match=r"0 points of the axis from 0 to 10 lie between 20 and 30"):
        Integral(20, 30)(over_x(X))
    with pytest.raises(EvaluationError, match="all NaN"):
        Integral(0, 5)(over_x(np.full(X.shape, np.nan)))


def test_the_ratio_of_two_peaks_does_not_see_the_background():
    y = gauss(6.0, 2.5, 1.0) + gauss(2.0, 7.5, 1.0)
    assert Ratio((0, 5), (5, 10))(over_x(y)) == pytest.approx(3.0, rel=0.02)
    assert Ratio((0, 5), (5, 10))(over_x(y + 5 - 0.4 * X)) == pytest.approx(3.0, rel=0.02)
    with pytest.raises(EvaluationError, match="no second peak"):
        Ratio((0, 5), (5, 10))(over_x(gauss(6.0, 2.5, 1.0) - gauss(2.0, 7.5, 1.0)))


BIAS = 10 * 2 / np.pi * np.arcsin(np.sin(2 * np.pi * np.arange(64) / 64))


def loop(coercive, height, imprint=0.0):
    rising = np.gradient(BIAS) >= 0
    return height * np.tanh((BIAS - imprint - np.where(rising, coercive, -coercive)) / 0.5)


@given(st.floats(1.0, 6.0), st.floats(0.1, 10.0))
def test_the_area_of_a_saturating_loop_is_four_times_coercive_bias_and_height(coercive, height):
    found = LoopArea()(over_x(loop(coercive, height), BIAS, "bias", "V"))
    assert found == pytest.approx(4 * coercive * height, rel=0.1)


def test_failed_fits_do_not_move_a_loop_whatever_its_imprint():
    rng = np.random.default_rng(0)
    for imprint in (-3.0, 0.0, 3.0):
        clean = loop(4.0, 1.0, imprint) + 0.02 * rng.normal(size=64)
        broken = clean.copy()
        broken[[7, 8, 9, 40]] = [600.0, 80.0, -30.0, 5.0]  # they come in runs
        kept = over_x(clean, BIAS)
        for rule in (LoopArea(), LoopHeight()):
            assert rule(kept) == pytest.approx(type(rule)(robust=False)(kept))
            assert rule(over_x(broken, BIAS)) == pytest.approx(rule(kept), rel=0.08)
        assert LoopArea(robust=False)(over_x(broken, BIAS)) > 3 * LoopArea()(kept)


def test_cycles_are_averaged_and_lost_values_left_out():
    cycles = np.stack([loop(4.0, 1.0), loop(4.0, 1.0), loop(4.0, 1.0)], axis=1)
    cycles[5, 1] = np.nan
    found = Measurement(cycles, (Axis.at("bias", BIAS, "V"), Axis.at("cycle", [1, 2, 3])))
    assert LoopArea()(found) == pytest.approx(LoopArea()(over_x(loop(4.0, 1.0), BIAS)), rel=1e-6)


def test_a_line_is_no_loop():
    with pytest.raises(EvaluationError, match="does not turn"):
        LoopHeight()(over_x(X))


def test_despiking_replaces_single_wild_values_and_leaves_a_clean_spectrum_alone():
    y = np.sin(X)
    assert np.array_equal(despike(over_x(y)), y)
    assert np.array_equal(despike_loop(over_x(loop(4, 1), BIAS)), loop(4, 1))
    broken = y.copy()
    broken[50] = 1e3
    assert Robust(Integral(0, 10))(over_x(broken)) == pytest.approx(Integral(0, 10)(over_x(y)), abs=0.01)


def test_the_vertex_of_a_parabola():
    assert Vertex()(over_x(3 - 0.2 * (X - 4.5) ** 2)) == pytest.approx(4.5)
    assert Vertex("curvature")(over_x(3 - 0.2 * (X - 4.5) ** 2)) == pytest.approx(-0.2)


def test_words_make_scalarizers():
    assert parse_scalarizer("integral:1.5,2,background") == Integral(1.5, 2.0, True)
    assert parse_scalarizer("peak:1,2,center,lorentz,-1") == Peak(1.0, 2.0, "center", "lorentz", -1)
    assert parse_scalarizer("ratio:1,2,3,4") == Ratio((1.0, 2.0), (3.0, 4.0))
    assert parse_scalarizer("loop-area") == LoopArea()


WRONG = ("", "gap", "integral", "integral:a,b", "integral:3,2", "peak:1,2,depth", "ratio:1,2", "com:up", "strain:1")


@pytest.mark.parametrize("words", WRONG)
def test_wrong_words_are_one_line(words, refused):
    with refused():
        parse_scalarizer(words)


@pytest.mark.parametrize("make", [lambda: Integral(1, 1), lambda: Peak(0, 1, "size"), lambda: Vertex("height")])
def test_wrong_options_are_refused(make):
    with pytest.raises(InputError):
        make()
