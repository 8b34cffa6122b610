import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.stats import norm

from latscape.errors import InputError
from latscape.plot import latent_scatter, pose_histogram
from latscape.plot.latents import MOST_DOTS


def test_every_group_has_its_dots_its_name_and_a_look_of_its_own(ax):
    generator = np.random.default_rng(0)
    points, groups = generator.normal(size=(90, 2)), np.arange(90) % 9 - 1
    drawn = latent_scatter(ax, points, groups, names=[f"kind {k}" for k in range(8)], title="label")
    assert [dots.get_label() for dots in drawn] == ["unknown", *(f"kind {k}" for k in range(8))]
    np.testing.assert_allclose(drawn[3].get_offsets(), points[groups == 2])
    looks = {(dots.get_facecolor()[0, :3].tobytes(), dots.get_paths()[0].vertices.tobytes()) for dots in drawn}
    assert len(looks) == 9  # more groups than colours: the marker tells
    assert ax.get_legend().get_title().get_text() == "label"


def test_densities_stand_above_and_beside_what_they_are_of(ax):
    generator = np.random.default_rng(1)
    points = np.column_stack([generator.normal(3.0, 0.1, size=400), generator.normal(-7.0, 0.1, size=400)])
    latent_scatter(ax, points)
    top, side = ax.child_axes
    along, height = top.lines[0].get_data()
    assert along[np.argmax(height)] == pytest.approx(3.0, abs=0.1)
    assert trapezoid(height, along) == pytest.approx(1.0, abs=0.02)
    height, along = side.lines[0].get_data()
    assert along[np.argmax(height)] == pytest.approx(-7.0, abs=0.1)
    assert top.get_xlim() == ax.get_xlim()
    assert side.get_ylim() == ax.get_ylim()
    assert ax.get_legend() is None


def test_the_density_of_a_group_is_as_high_as_its_share(ax):
    x = np.random.default_rng(2).normal(size=(400, 2))
    latent_scatter(ax, x, np.repeat([0, 1], [300, 100]))
    areas = [trapezoid(line.get_ydata(), line.get_xdata()) for line in ax.child_axes[0].lines]
    np.testing.assert_allclose(areas, [0.75, 0.25], rtol=0.05)


def test_groups_without_a_density_and_very_many_samples_are_drawn(ax):
    points = np.random.default_rng(3).normal(size=(3 * MOST_DOTS, 2))
    points[:2] = 0.0
    drawn = latent_scatter(ax, points, np.r_[0, 0, np.ones(len(points) - 2, dtype=int)])
    assert sum(len(dots.get_offsets()) for dots in drawn) <= MOST_DOTS
    assert len(ax.child_axes[0].lines) == 1


@pytest.mark.parametrize(
    ("points", "groups"),
    [(np.zeros((3, 3)), None), (np.zeros((0, 2)), None), (np.zeros(4), None), (np.zeros((3, 2)), [0])],
)
def test_other_shapes_are_refused(ax, points, groups):
    with pytest.raises(InputError, match=r"points \(n, 2\)"):
        latent_scatter(ax, points, groups)


def test_bars_are_shares_and_the_prior_is_on_their_scale(ax):
    values = np.random.default_rng(4).normal(0.0, 20.0, size=20_000)
    bars = pose_histogram(ax, values, label="rotation [degrees]", prior=lambda x: norm.pdf(x, scale=20.0))
    heights = np.array([bar.get_height() for bar in bars])
    assert heights.sum() == pytest.approx(1.0)
    (line,) = ax.lines
    centres = [bar.get_x() + bar.get_width() / 2 for bar in bars]
    np.testing.assert_allclose(heights, np.interp(centres, *line.get_data()), atol=0.01)  # drawn from that prior
    assert ax.get_xlabel() == "rotation [degrees]"


def test_values_that_hardly_differ_look_so(ax):
    bars = pose_histogram(ax, np.full(50, 0.2), label="shift", span=(-1.0, 1.0))
    assert ax.get_xlim()[0] < -1.0 < 1.0 < ax.get_xlim()[1]
    assert sum(bar.get_width() for bar in bars) < 0.05
    assert sum(bar.get_height() for bar in bars) == pytest.approx(1.0)


@pytest.mark.parametrize("values", [[], [np.nan], [[1.0]]])
def test_what_is_no_vector_of_numbers_is_refused(ax, values):
    with pytest.raises(InputError, match="finite values"):
        pose_histogram(ax, values, label="angle")
