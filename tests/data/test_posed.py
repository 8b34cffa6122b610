import numpy as np
import pytest

from latscape.data.digits import mnist
from latscape.data.posed import rotated
from latscape.errors import InputError


class Chosen:
    """Stands for a generator: draws these fractions of the largest angle."""

    def __init__(self, *fractions):
        self.fractions = np.array(fractions)

    def uniform(self, low, high, size):
        return self.fractions


def test_quarter_turns_are_those_of_numpy():
    images = np.random.default_rng(0).uniform(size=(4, 9, 9))
    turned, angle = rotated(images, 180, Chosen(0.0, 0.5, -0.5, 1.0))
    # np.rot90 turns counter-clockwise as displayed.
    expected = [np.rot90(image, quarters) for image, quarters in zip(images, (0, 1, -1, 2), strict=True)]
    np.testing.assert_allclose(turned, expected, atol=1e-5)
    np.testing.assert_allclose(angle, np.array([0, 0.5, -0.5, 1]) * np.pi, rtol=1e-6)


def test_a_turn_and_its_inverse_give_smooth_images_back():
    digits = mnist(n=20).images
    smooth = (digits + np.roll(digits, 1, 1) + np.roll(digits, 1, 2) + np.roll(digits, (1, 1), (1, 2))) / 4
    there, _ = rotated(smooth, 50, Chosen(*np.full(20, 0.7)))
    back, _ = rotated(there, 50, Chosen(*np.full(20, -0.7)))
    assert np.mean((back - smooth) ** 2) < 0.02 * np.var(smooth)
    assert np.mean((there - smooth) ** 2) > 0.3 * np.var(smooth)


def test_channels_turn_together_and_angles_are_seeded():
    gray = np.random.default_rng(0).uniform(size=(5, 8, 12)).astype(np.float32)
    one, angle = rotated(gray, 60, np.random.default_rng(3))
    both, again = rotated(np.stack([gray, 2 * gray], axis=-1), 60, np.random.default_rng(3))
    np.testing.assert_array_equal(angle, again)
    np.testing.assert_allclose(both[..., 0], one, atol=1e-6)
    np.testing.assert_allclose(both[..., 1], 2 * one, atol=1e-6)


def test_angles_are_uniform_up_to_the_limit():
    _, angle = rotated(np.random.default_rng(0).uniform(size=(4000, 2, 2)), 60, np.random.default_rng(0))
    assert 0.99 < np.abs(angle).max() / np.radians(60) <= 1.0
    assert np.std(angle) == pytest.approx(np.radians(60) / np.sqrt(3), rel=0.04)


@pytest.mark.parametrize("degrees", [-1.0, float("inf"), float("nan")])
def test_bad_degrees(degrees):
    with pytest.raises(InputError, match="largest angle"):
        rotated(np.random.default_rng(0).uniform(size=(3, 4, 4)), degrees, np.random.default_rng(0))
