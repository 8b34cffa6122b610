import numpy as np
import pytest

from latscape.data import domain_movie, domains
from latscape.errors import InputError
from latscape.patches import cut, cut_movie, find_walls, wall_traits

Y, X = np.mgrid[:128, :128] - 63.7


def disc(radius, noise=0.1):
    return np.tanh((radius - np.hypot(Y, X)) / 1.5) + noise * np.random.default_rng(0).normal(size=X.shape)


@pytest.mark.parametrize("method", ["canny", "level", "unet"])
@pytest.mark.parametrize("radius", [15.0, 30.0])
def test_length_and_curvature_of_a_circle(method, radius):
    walls = find_walls(disc(radius), method=method)
    assert walls.length == pytest.approx(2 * np.pi * radius, rel=0.05)
    curvature = (walls.density * walls.curvature).sum() / walls.length
    assert curvature == pytest.approx(1 / radius, rel=0.05)


def test_curvature_changes_its_sign_when_dark_and_bright_are_exchanged():
    bright, dark = (find_walls(image) for image in (disc(20.0), -disc(20.0)))
    means = [(walls.density * walls.curvature).sum() / walls.length for walls in (bright, dark)]
    assert means[0] == pytest.approx(-means[1], rel=0.02)


@pytest.mark.parametrize("method", ["canny", "unet"])
def test_walls_run_where_the_truth_says(method):
    made = domains(128, scale=14.0, noise=0.3, seed=4)
    line = find_walls(made.image, method=method).line
    assert np.mean(np.abs(made.distance[line]) < 2.5) > 0.9  # what was found is a wall
    true = np.argwhere(np.abs(made.distance) <= 0.5)
    found = np.argwhere(line)
    apart = np.array([np.hypot(*(found - at).T).min() for at in true])
    assert np.mean(apart < 3.0) > 0.9  # what is a wall was found


def test_noise_alone_has_no_walls():
    assert find_walls(np.random.default_rng(0).normal(size=(96, 96))).length < 20


def test_straight_walls_are_counted_and_measured_in_each_patch():
    image = np.where(np.arange(96) // 16 % 2, 1.0, -1.0) * np.ones((96, 1))  # walls at 16, 32, ..., 80
    traits = wall_traits(cut(image, [[48.0, 48.0], [48.0, 40.0], [48.0, 24.0]], size=24))
    np.testing.assert_array_equal(traits.count, [1, 2, 2])
    np.testing.assert_allclose(traits.length, [24.0, 48.0, 48.0], rtol=0.05)
    assert np.nanmax(traits.curvature) < 0.01


def test_sums_over_windows_are_those_of_the_windows():
    image = domains(96, seed=2).image
    patches = cut(image, size=20, stride=11)
    walls = find_walls(image)
    expected = [walls.density[r : r + 20, c : c + 20].sum() for r, c in patches.corner]
    np.testing.assert_allclose(wall_traits(patches).length, np.where(np.array(expected) > 1, expected, 0), atol=1e-9)


def test_a_bulge_of_the_bright_domain_is_convex():
    patches = cut(disc(24.0), [[64.0, 40.0], [64.0, 88.0]], size=20)
    assert (wall_traits(patches).convexity > 0.02).all()
    assert (wall_traits(cut(-disc(24.0), [[64.0, 40.0]], size=20)).convexity < -0.02).all()


def test_switching_is_the_share_of_the_patch_that_changed():
    edge = [np.where(np.arange(64) < at, 1.0, -1.0) * np.ones((64, 1)) for at in (24, 24, 32)]
    traits = wall_traits(cut_movie(np.stack(edge), [[32.0, 28.0]], size=32), method="level")
    assert np.isnan(traits.switching[0])
    np.testing.assert_allclose(traits.switching[1:], [0.0, 8 / 32], atol=0.01)


@pytest.mark.parametrize("bad", [{"method": "sobel"}, {"sigma": 0.0}])
def test_bad_options(bad):
    with pytest.raises(InputError, match="Expected"):
        find_walls(disc(20.0), **bad)


@pytest.mark.parametrize("image", [np.zeros((20, 20)), np.zeros((20, 20, 3)), np.zeros(20)])
def test_bad_images(image):
    with pytest.raises(InputError, match="Expected"):
        find_walls(image)


def test_a_flat_wall_far_from_pins_moves_as_fast_as_the_field_says():
    from latscape.data.domain_frames import _step

    width, field, share = 2.0, 0.03, []
    p = np.tanh((30.0 - np.abs(np.arange(128) - 64.0)) / width)[None] * np.ones((4, 1))
    for step in range(1001):
        if step in (200, 1000):
            share.append(float(p.mean()))
        p = _step(p, np.ones_like(p), width, field)
    grown = (share[1] - share[0]) / 2.0 * 128.0 / 2.0  # of each of two walls [pixels]
    assert grown / (800 * 0.07) == pytest.approx(1.5 * width * field, rel=0.05)


def test_a_circle_shrinks_by_its_curvature():
    from latscape.data.domain_frames import _step

    width, p, areas = 2.0, np.tanh((30.0 - np.hypot(Y, X)) / 2.0), []
    for step in range(601):
        if step in (100, 600):
            areas.append(float((p > 0).sum()))
        p = _step(p, np.ones_like(p), width, 0.0)
    # v = -w^2 kappa / 2: the area falls by pi w^2 per time, whatever the radius.
    assert (areas[0] - areas[1]) / (500 * 0.07) == pytest.approx(np.pi * width**2, rel=0.05)


def test_truth_of_a_movie_without_pins_obeys_the_law_of_motion():
    made = domain_movie(6, size=96, pins=0, noise=0.0, every=10, seed=1)
    walls = made.walls(3)
    expected = (1.5 * 2.0 * made.field - 2.0 * walls.curvature) * 10 * 0.07  # per frame
    gentle = np.abs(walls.curvature) < 0.08
    assert np.corrcoef(walls.velocity[gentle], expected[gentle])[0, 1] > 0.9
    assert np.median(np.abs(walls.velocity - expected)[gentle]) < 0.05
    assert np.isinf(walls.pinned).all()


def test_pins_hold_walls():
    free, held = (domain_movie(8, size=96, pins=pins, noise=0.0, seed=3) for pins in (0, 80))
    grown = [movie.order[-1].mean() - movie.order[0].mean() for movie in (free, held)]
    assert 0.0 < grown[1] < 0.8 * grown[0]


def test_movies_follow_from_their_seed():
    first, again, other = (domain_movie(3, size=32, scale=8.0, seed=seed).movie for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("bad", [{"frames": 2}, {"width": 5.0}, {"field": 0.5}, {"strength": 6.0}, {"noise": -1.0}])
def test_bad_movies(bad):
    with pytest.raises(InputError, match="Expected"):
        domain_movie(**bad)


@pytest.mark.parametrize("bad", [{"size": 4}, {"scale": 0.0}, {"share": 1.0}, {"noise": -0.1}, {"stripes": 2.0}])
def test_bad_domains(bad):
    with pytest.raises(InputError, match="Expected"):
        domains(**bad)


def test_domains_have_their_share_and_the_distance_of_their_walls():
    made = domains(96, share=0.3, noise=0.0, width=1.0, seed=5)
    assert made.up.mean() == pytest.approx(0.3, abs=0.01)
    np.testing.assert_array_equal(made.image > 0, made.up)
    np.testing.assert_allclose(made.image, np.tanh(made.distance), atol=1e-6)
