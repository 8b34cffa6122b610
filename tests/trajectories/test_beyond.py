import numpy as np
import pytest

from latscape.errors import InputError
from latscape.trajectories import (
    BeyondSpace,
    TrajectorySpace,
    damped_sine_family,
    joint_family,
    recorded_family,
)

QUICK = {"length": 40, "draws": 200, "epochs": 40, "learning_rate": 5e-3, "sigma": 0.1}


@pytest.fixture(scope="module")
def plane():
    return TrajectorySpace([damped_sine_family()], grid=8, feasible=lambda x: np.abs(x) < 5, **QUICK).fit(0)


def test_residual_coordinates_say_more_than_the_plane_alone(plane):
    """The best r for a curve, by least squares, must come closer to it; and r = 0 is the plane itself."""
    beyond = BeyondSpace(plane, directions=3)
    curves, flat = plane.trajectories_[:50], plane.decode(plane.embedding_[:50])
    np.testing.assert_allclose(beyond.decode(np.pad(plane.embedding_[:50], ((0, 0), (0, 3)))), flat)
    gram = beyond.units_ @ beyond.units_.T
    np.testing.assert_allclose(gram, np.diag(np.diag(gram)), atol=1e-9)
    r = (curves - flat) @ beyond.units_.T / np.diag(gram)
    closer = beyond.decode(np.concatenate([plane.embedding_[:50], r], axis=1))
    assert ((curves - closer) ** 2).sum() < 0.6 * ((curves - flat) ** 2).sum()
    assert 0.5 < r.std() < 1.5  # in standard deviations


def test_candidates_and_samples_lie_in_the_plane(plane):
    beyond = BeyondSpace(plane, directions=2)
    for points in (beyond.candidates(), beyond.sample(5, np.random.default_rng(0))):
        assert points.shape[1] == beyond.dim == 4
        assert not points[:, 2:].any()
        assert beyond.contains(points).all()
    low, high = beyond.bounds_.T
    assert not beyond.contains(np.stack([low - 1e-6, high + 1e-6])).any()


def test_the_constraint_holds_beyond_the_plane(plane):
    beyond = BeyondSpace(plane, directions=2)
    far = np.random.default_rng(0).uniform(*beyond.bounds_.T, size=(200, 4))
    expected = np.all(np.abs(beyond.decode(far)) < 5, axis=1)
    np.testing.assert_array_equal(beyond.contains(far), expected)


@pytest.mark.parametrize("directions", [0, 40])
def test_refuses_other_numbers_of_directions(plane, directions):
    with pytest.raises(InputError, match="directions"):
        BeyondSpace(plane, directions)


@pytest.mark.parametrize("latent", [1, 3, 4])
def test_a_space_of_other_dimensions(latent):
    space = TrajectorySpace([damped_sine_family()], latent=latent, grid=6, **QUICK).fit(0)
    assert space.dim == latent
    assert space.candidates().shape == (36, latent)
    assert space.contains(space.sample(7, np.random.default_rng(0))).all()
    assert space.decode(space.candidates()[:3]).shape == (3, 40)
    with pytest.raises(InputError, match=rf"points \(n, {latent}\)"):
        space.decode(np.zeros((2, latent + 1)))


def test_joined_families_are_drawn_on_their_own():
    both = joint_family(damped_sine_family(), damped_sine_family(offset=(3.0, 3.0)))
    drawn = both(2000, 10, np.random.default_rng(0))
    assert drawn.shape == (2000, 10)
    np.testing.assert_allclose(drawn[:, 5], 3.0)  # sin(0) = 0: the second begins at its offset
    assert abs(np.corrcoef(drawn[:, 1], drawn[:, 6])[0, 1]) < 0.1
    with pytest.raises(InputError, match="length that 2 families"):
        both(3, 11, np.random.default_rng(0))


def test_recorded_trajectories_come_as_often_as_they_weigh():
    rows = np.arange(8.0).reshape(4, 2)
    drawn = recorded_family(rows, [0, 1, 3, 0])(4000, 2, np.random.default_rng(0))
    assert (drawn == rows[2]).all(axis=1).mean() == pytest.approx(0.75, abs=0.03)
    np.testing.assert_array_equal(recorded_family(rows)(3, 2, np.random.default_rng(0)), rows[:3])


@pytest.mark.parametrize("weights", [[1, 1], [0, 0, 0, 0], [1, -1, 1, 1], [np.inf, 1, 1, 1]])
def test_refuses_weights_that_are_none(weights):
    with pytest.raises(InputError, match="weights"):
        recorded_family(np.zeros((4, 2)), weights)
