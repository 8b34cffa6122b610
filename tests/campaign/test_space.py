import numpy as np
import pytest

from campaign.contracts import SpaceContract
from latscape.campaign import Box
from latscape.errors import InputError


def in_disc(x):
    return (x**2).sum(axis=1) < 1


class TestLine(SpaceContract):
    def space(self):
        return Box([(-3.0, 40.0)], grid=100)


class TestDisc(SpaceContract):
    def space(self):
        return Box([(-1, 1), (-1, 1)], feasible=in_disc, grid=400)


class TestFourDimensionsDecoded(SpaceContract):
    def space(self):
        return Box([(0, 1)] * 4, feasible=lambda x: x.sum(1) < 3, grid=300, decoder=lambda x: np.repeat(x, 30, axis=1))


class TestSliver(SpaceContract):
    """A feasible region that rejection sampling all but never hits."""

    def space(self):
        return Box([(0, 1), (0, 1)], feasible=lambda x: np.isin(x[:, 0], np.linspace(0, 1, 40)), grid=1600)


def test_grid_reaches_the_bounds_and_is_regular():
    line = Box([(2.0, 4.0)], grid=5).candidates()
    np.testing.assert_array_equal(line[:, 0], [2.0, 2.5, 3.0, 3.5, 4.0])
    square = Box([(0, 1), (10, 20)], grid=9).candidates()
    np.testing.assert_array_equal(square[[0, 1, -1]], [[0, 10], [0, 15], [1, 20]])


def test_many_dimensions_are_filled_more_evenly_than_by_chance():
    from scipy.stats import qmc

    even = qmc.discrepancy(Box([(0, 1)] * 3, grid=256).candidates())
    assert even < 0.2 * qmc.discrepancy(np.random.default_rng(0).uniform(size=(256, 3)))


def test_samples_are_uniform_over_the_feasible_part():
    points = Box([(-1, 1), (-1, 1)], feasible=in_disc).sample(4000, np.random.default_rng(0))
    assert np.mean((points**2).sum(1)) == pytest.approx(0.5, abs=0.02)  # E r^2 of a uniform disc


@pytest.mark.parametrize("bounds", [[(1, 0)], [(0, 0)], [(0, np.inf)], [], [0, 1], [(0, 1, 2)]])
def test_bad_bounds_are_refused(bounds):
    with pytest.raises(InputError, match=r"Expected .* Got .* Try"):
        Box(bounds)


def test_a_box_without_a_feasible_point_is_refused():
    with pytest.raises(InputError, match="feasible"):
        Box([(0, 1)], feasible=lambda x: np.zeros(len(x), bool)).candidates()
