import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latscape.errors import InputError
from latscape.metrics.probes import circular_correlation, knn_probe, linear_probe

ANGLES = arrays(float, 12, elements=st.floats(-10, 10, allow_nan=False))
PROBES = (linear_probe, knn_probe)


def over_all_pairs(a, b):
    """Fisher and Lee's coefficient by its definition."""
    p, q = (np.sin(x[:, None] - x[None, :]) for x in (a, b))
    return (p * q).sum() / np.sqrt((p**2).sum() * (q**2).sum())


@given(a=ANGLES, b=ANGLES)
def test_circular_correlation_is_the_sum_over_all_pairs(a, b):
    if min(np.abs(np.sin(x - x[0])).max() for x in (a, b)) > 1e-3:
        assert circular_correlation(a, b) == pytest.approx(over_all_pairs(a, b), abs=1e-6)


@given(a=ANGLES, offset=st.floats(-10, 10), turns=arrays(int, 12, elements=st.integers(-2, 2)))
def test_offsets_and_whole_turns_do_not_matter_and_mirroring_changes_the_sign(a, offset, turns):
    if np.abs(np.sin(a - a[0])).max() > 1e-3:
        assert circular_correlation(a, a + offset + 2 * np.pi * turns) == pytest.approx(1.0, abs=1e-6)
        assert circular_correlation(a, offset - a) == pytest.approx(-1.0, abs=1e-6)


def test_independent_angles_and_small_angles():
    generator = np.random.default_rng(0)
    a, b = generator.uniform(-np.pi, np.pi, size=(2, 5000))
    assert abs(circular_correlation(a, b)) < 0.03
    # Of small angles the coefficient is the linear one.
    narrow = 1e-3 * generator.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=500).T
    assert circular_correlation(*narrow) == pytest.approx(np.corrcoef(*narrow)[0, 1], abs=1e-4)


def test_a_twofold_symmetry_is_a_factor_of_two():
    a = np.random.default_rng(0).uniform(-2, 2, 200)
    flipped = a + np.pi * (np.arange(200) % 2)
    assert abs(circular_correlation(a, flipped)) < 0.2
    assert circular_correlation(2 * a, 2 * flipped) == pytest.approx(1.0)


def test_angles_that_do_not_vary_have_no_correlation():
    assert np.isnan(circular_correlation(np.zeros(5), np.arange(5.0)))


@pytest.mark.parametrize("pair", [([0.0, 1.0], [0.0]), ([[0.0]], [[0.0]]), ([0.0, np.nan], [0.0, 1.0])])
def test_no_angles(pair):
    with pytest.raises(InputError, match="two finite vectors"):
        circular_correlation(*pair)


@pytest.fixture(scope="module")
def latents():
    return np.random.default_rng(1).normal(size=(600, 2))


def test_what_the_noise_leaves_is_what_the_linear_probe_finds(latents):
    noise = np.random.default_rng(2).normal(size=600)
    # Signal and noise of equal variance: R2 = 1/2.
    assert linear_probe(latents, latents[:, 0] + noise) == pytest.approx(0.5, abs=0.06)
    assert linear_probe(latents, noise) == pytest.approx(0.0, abs=0.03)


def test_only_the_nearest_neighbours_see_a_curved_relation(latents):
    radius = np.hypot(*latents.T)
    assert abs(linear_probe(latents, radius)) < 0.05
    assert knn_probe(latents, radius) > 0.9
    assert linear_probe(latents, (radius > 1).astype(int)) < 0.7
    assert knn_probe(latents, (radius > 1).astype(int)) > 0.9


def test_labels_are_counted(latents):
    assert linear_probe(latents, (latents[:, 0] > 0).astype(int)) > 0.97
    # Labels that the latents know nothing of: as good as the largest class.
    chance = (np.arange(600) % 4 == 0).astype(int)
    assert linear_probe(latents, chance) == pytest.approx(0.75, abs=0.02)


def test_columns_count_as_much_as_they_vary(latents):
    known, unknown = latents[:, 0], np.random.default_rng(3).normal(size=600)
    both = linear_probe(latents, np.stack([3 * known, unknown], axis=1))
    assert both == pytest.approx(9 / 10, abs=0.03)


@pytest.mark.parametrize("probe", PROBES)
def test_units_of_the_latents_do_not_matter(probe, latents):
    assert probe(latents * [1e-3, 50.0], latents[:, 0]) == pytest.approx(probe(latents, latents[:, 0]), abs=1e-6)


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize(
    ("target", "message"),
    [
        (np.zeros(600), "differs somewhere"),
        (np.zeros(5), "one target each"),
        (np.array(["a"] * 600), "finite numbers"),
        (np.full(600, np.nan), "finite numbers"),
    ],
)
def test_bad_targets(probe, latents, target, message):
    with pytest.raises(InputError, match=message):
        probe(latents, target)


def test_bad_options(latents):
    with pytest.raises(InputError, match="folds between 2"):
        linear_probe(latents, latents[:, 0], folds=1)
    with pytest.raises(InputError, match="at least one neighbour"):
        knn_probe(latents, latents[:, 0], neighbours=0)
