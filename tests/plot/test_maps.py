import numpy as np
import pytest

from latscape.errors import InputError
from latscape.plot import latent_map, objective_landscape
from latscape.plot.maps import lattice


def disc(n=9):
    axes = np.linspace(-1, 1, n)
    points = np.stack(np.meshgrid(axes, axes, indexing="ij"), axis=-1).reshape(-1, 2)
    return points[(points**2).sum(axis=1) < 0.9]


def test_every_value_of_the_lattice_stands_where_its_point_is():
    points = disc()
    values = 10 * points[:, 0] + points[:, 1]
    x, y, cells = lattice(points, values)
    columns, rows = np.meshgrid(x, y)
    known = np.isfinite(cells)
    assert known.sum() == len(points)
    np.testing.assert_allclose(cells[known], (10 * columns + rows)[known])


def test_a_column_without_feasible_points_stays_a_gap():
    points = np.array([[0.0, 0.0], [0.1, 0.0], [0.3, 0.0], [0.4, 0.0]])  # 0.2 is infeasible
    x, _, cells = lattice(points, np.arange(4.0))
    np.testing.assert_allclose(x, [0.0, 0.1, 0.2, 0.3, 0.4])
    np.testing.assert_array_equal(cells[0], [0, 1, np.nan, 2, 3])


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_lattice_is_found_at_any_scale(scale):
    points = scale * (disc() + 3.0)
    x, y, cells = lattice(points, np.ones(len(points)))
    assert np.isfinite(cells).sum() == len(points)
    assert (x[0], y[-1]) == (points[:, 0].min(), points[:, 1].max())


def test_scattered_candidates_are_refused():
    points = np.random.default_rng(0).uniform(size=(50, 2))
    with pytest.raises(InputError, match="lattice"):
        lattice(points, np.ones(50))


@pytest.mark.parametrize("candidates", [np.zeros((0, 2)), np.zeros((3, 1)), np.zeros(3)])
def test_candidates_of_another_shape_are_refused(ax, candidates):
    with pytest.raises(InputError, match="candidates"):
        objective_landscape(ax, candidates, np.ones(len(candidates)))


def test_the_landscape_holds_values_evaluations_and_both_optima(ax, evaluations):
    points = disc()
    values = points.sum(axis=1)
    mesh = objective_landscape(ax, points, values, evaluations, optimum=points[3], best=points[7], label="mean of l1")
    shown = np.ma.compressed(np.ma.masked_invalid(mesh.get_array()))
    np.testing.assert_allclose(np.sort(shown), np.sort(values))
    drawn = {artist.get_label(): artist.get_offsets() for artist in ax.collections[1:]}
    np.testing.assert_allclose(drawn["evaluated"], [e.point for e in evaluations if e.status == "done"])
    np.testing.assert_allclose(drawn["failed"], [e.point for e in evaluations if e.status == "failed"])
    np.testing.assert_allclose(drawn["max of GP mean"], [points[3]])
    np.testing.assert_allclose(drawn["best evaluated"], [points[7]])
    assert ax.child_axes[0].get_ylabel() == "mean of l1"
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == ["evaluated", "failed", "best evaluated", "max of GP mean"]


def test_a_landscape_without_marks_has_no_legend(ax):
    objective_landscape(ax, disc(), np.ones(len(disc())))
    assert ax.get_legend() is None


def test_corners_are_no_bounds(ax):
    with pytest.raises(InputError, match=r"a row \[low, high\] per dimension"):
        latent_map(ax, disc(), [[2, 3], [-2, -3]])


def test_the_map_reaches_to_the_bounds_and_is_dark_where_nothing_is_feasible(ax):
    points = disc()
    mesh = latent_map(ax, points, [[-2, 2], [-3, 3]], points[:4], [0, 0, 1, 1], ["a", "b"], marks={"c": points[0]})
    assert ax.get_xlim() == (-2, 2)
    assert ax.get_ylim() == (-3, 3)
    assert np.isfinite(np.ma.filled(mesh.get_array(), np.nan)).sum() == len(points)
    light, dark = mesh.cmap(0.5)[:3], ax.get_facecolor()[:3]
    assert sum(light) - sum(dark) > 1.0
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert "c" in [text.get_text() for text in ax.texts]
