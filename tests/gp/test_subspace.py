"""The plane of a surrogate that has none of its own."""

import numpy as np
import pytest
import torch
from scipy.linalg import subspace_angles

from latscape.gp import DeepKernel, ExactGP, predict
from latscape.gp.subspace import active_subspace


@pytest.fixture(scope="module")
def ridge():
    """A function of two directions of five inputs."""
    generator = np.random.default_rng(0)
    x = generator.uniform(size=(200, 5))
    directions = np.array([[1.0, 1.0, 0, 0, 0], [0, 0, 1.0, -1.0, 0]]).T / np.sqrt(2)
    return x, directions, np.sin(4 * x @ directions[:, 0]) + 0.3 * (x @ directions[:, 1])


def test_it_finds_the_directions_on_which_a_function_depends(ridge):
    x, directions, y = ridge
    plane = active_subspace(ExactGP(noise="none").fit(x, y, [(0, 1)] * 5), x)
    assert plane.shape == (200, 2)
    found = np.linalg.lstsq(x - x.mean(0), plane - plane.mean(0), rcond=None)[0]
    assert np.rad2deg(subspace_angles(found, directions)).max() < 6


def test_slopes_are_those_of_finite_differences(ridge):
    x, _, y = ridge
    model = ExactGP().fit(x[:40], y[:40], [(0, 1)] * 5)
    from latscape.gp.subspace import _slope

    slope = _slope(model, torch.from_numpy(x[50:53])).numpy()
    for k in range(5):
        away = np.eye(5)[k] * 1e-4
        difference = (predict(model, x[50:53] + away)[0] - predict(model, x[50:53] - away)[0]) / 2e-4
        np.testing.assert_allclose(slope[:, k], difference, rtol=1e-3, atol=1e-4)


def test_units_of_the_inputs_do_not_matter(ridge):
    x, _, y = ridge
    unit = np.array([1.0, 1e3, 1e-3, 1.0, 7.0])
    planes = [active_subspace(ExactGP().fit(x[:60] * u, y[:60]), x * u) for u in (1.0, unit)]
    np.testing.assert_allclose(planes[0], planes[1], atol=0.02)


def test_one_input_and_a_constant_one_have_a_plane():
    x = np.linspace(0, 1, 20)[:, None]
    plane = active_subspace(ExactGP().fit(x, x[:, 0]), x)
    assert plane.shape == (20, 2)
    assert np.ptp(plane[:, 0]) == pytest.approx(1.0)
    assert (plane[:, 1] == 0).all()
    constant = np.concatenate([x, np.ones_like(x)], axis=1)
    assert np.isfinite(active_subspace(ExactGP().fit(constant, x[:, 0]), constant)).all()


def test_directions_may_be_made_of_some_inputs_alone(ridge):
    x, _, y = ridge
    model = ExactGP(noise="none").fit(x, y, [(0, 1)] * 5)
    planes = [active_subspace(model, x, columns=(2, 3, 4)), active_subspace(model, x)]
    left = np.linalg.lstsq(np.c_[x[:, 2:] - 0.5, np.ones(200)], planes[0], rcond=None)[1]
    assert left.max(initial=0.0) < 1e-9 * len(x)  # a function of the others alone
    assert np.corrcoef(planes[0][:, 0], x[:, 2] - x[:, 3])[0, 1] ** 2 > 0.95
    assert np.linalg.lstsq(np.c_[x[:, 2:] - 0.5, np.ones(200)], planes[1], rcond=None)[1].max() > 1.0


def test_a_deep_kernel_has_one_too(ridge):
    x, _, y = ridge
    assert active_subspace(DeepKernel(steps=5).fit(x[:40], y[:40]), x).shape == (200, 2)
