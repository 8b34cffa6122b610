"""Windows show the same cluster whatever the support, the brightness and the place it lay at."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latscape.data.nanoparticles.population import nanoparticles
from latscape.data.nanoparticles.windows import windows
from latscape.errors import InputError

Y, X = np.mgrid[:32, :32]


def cluster(row=15.5, column=15.5):
    """Two discs side by side."""
    discs = [(X - column - d) ** 2 + (Y - row) ** 2 < 9 for d in (-4, 4)]
    return np.logical_or(*discs).astype(float)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.2, 0.8), st.floats(0.1, 0.4), st.floats(-0.003, 0.003), st.floats(-0.003, 0.003), st.integers(-4, 4))
def test_support_slope_brightness_and_place_do_not_show(height, level, right, down, moved):
    image = level + right * X + down * Y + height * cluster(15.5 + moved, 15.5 - moved)
    np.testing.assert_allclose(windows(image[None], 20), windows(cluster()[None], 20), atol=0.2)


def test_the_cluster_is_in_the_middle_and_its_brightness_is_one():
    seen = windows(nanoparticles(40, counts=3, seed=1000).images, 24)
    assert seen.shape == (40, 24, 24)
    assert seen.dtype == np.float32
    line = np.arange(24) - 11.5
    bright = seen * (seen > 0.5)
    for axis in (1, 2):
        centre = (bright.sum(axis=3 - axis) * line).sum(axis=1) / bright.sum(axis=(1, 2))
        assert np.abs(centre).max() < 0.5
    assert np.median(seen) < 0.1
    assert 0.9 < seen[seen > 0.5].mean() <= 1


def test_every_image_is_seen_on_its_own():
    images = nanoparticles(6, counts=7, seed=1000).images
    np.testing.assert_array_equal(windows(images, 32)[3:4], windows(images[3:4], 32))


def test_windows_that_are_no_windows_are_refused():
    with pytest.raises(InputError, match="no smaller than the window"):
        windows(np.zeros((2, 16, 16)), 20)
    with pytest.raises(InputError, match=r"images \(n, h, w\)"):
        windows(np.zeros((16, 16)), 8)
