import numpy as np
import pytest

from latscape.errors import InputError
from latscape.metrics.calibration import coverage


def test_coverage_counts_what_lies_within():
    y, mean, std = [0.0, 1.0, 2.0, 3.0], np.zeros(4), np.ones(4)
    # half widths of 0.674, 1.282 and 1.960 standard deviations
    np.testing.assert_allclose(coverage(y, mean, std), [0.25, 0.5, 0.5])
    np.testing.assert_allclose(coverage(y, mean, std, levels=0.99), [0.75])


def test_noise_adds_to_the_variance():
    rng = np.random.default_rng(0)
    f, std = rng.normal(size=20000), 0.5
    y = f + 0.3 * rng.normal(size=20000)
    shares = coverage(y, f + std * rng.normal(size=20000), np.full(20000, std), noise=0.3)
    np.testing.assert_allclose(shares, [0.5, 0.8, 0.95], atol=0.015)


@pytest.mark.parametrize(
    "arguments",
    [
        ([1.0], [1.0, 2.0], [1.0, 1.0]),
        ([np.nan], [1.0], [1.0]),
        ([1.0], [1.0], [-1.0]),
        ([1.0], [1.0], [1.0], [1.0]),
        ([], [], []),
    ],
)
def test_bad_input_is_refused(arguments):
    with pytest.raises(InputError, match=r"Expected .* Got .* Try"):
        coverage(*arguments)
