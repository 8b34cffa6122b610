import numpy as np
import pytest

from latscape.data.spectra import noisy, shifted_spectra
from latscape.errors import InputError


def test_the_peaks_stand_where_the_shift_says():
    made = shifted_spectra(200, length=512, noise=0.0)
    middle = np.abs(made.x - made.shift[:, None]) < 0.08  # around the peak that stands at the shift
    found = np.array([made.x[keep][np.argmax(y[keep])] for y, keep in zip(made.spectra, middle, strict=True)])
    assert np.abs(found - made.shift).max() < 0.012


def test_outer_peaks_trade_their_heights_and_the_area_stays():
    made = shifted_spectra(100, length=512, shift=0.0, noise=0.0)
    left, right = (made.spectra[:, np.argmin(np.abs(made.x - at))] for at in (-0.25, 0.3))
    assert np.corrcoef(left, made.ratio)[0, 1] > 0.999
    assert np.corrcoef(right, made.ratio)[0, 1] < -0.999


def test_noise_has_its_deviation_and_stays_in_range():
    quiet, loud = (shifted_spectra(300, noise=noise, seed=2) for noise in (0.0, 0.05))
    np.testing.assert_array_equal(quiet.shift, loud.shift)
    away = quiet.spectra > 0.2  # nothing is clipped there
    assert np.std((loud.spectra - quiet.spectra)[away]) == pytest.approx(0.05, rel=0.03)
    assert 0.0 <= loud.spectra.min() <= loud.spectra.max() <= 1.0
    assert loud.spectra.dtype == np.float32


def test_the_same_seed_is_the_same_set_and_another_is_not():
    np.testing.assert_array_equal(shifted_spectra(5, seed=1).spectra, shifted_spectra(5, seed=1).spectra)
    assert (shifted_spectra(5, seed=1).shift != shifted_spectra(5, seed=2).shift).all()


def test_noise_on_images_is_seeded():
    clean = np.full((3, 4, 4), 0.5)
    np.testing.assert_array_equal(*(noisy(clean, 0.1, np.random.default_rng(0)) for _ in range(2)))


@pytest.mark.parametrize("bad", [{"n": 0}, {"length": 1}, {"shift": -0.1}, {"noise": float("nan")}])
def test_bad_options(bad):
    with pytest.raises(InputError, match="Expected"):
        shifted_spectra(**bad)
