import numpy as np
import pytest
from matplotlib.figure import Figure

from latscape.errors import InputError
from latscape.plot import image_grid, manifold, manifolds, model_comparison, objective_correlation
from latscape.plot.images import tile


def numbered(n, h=2, w=3):
    return np.broadcast_to(np.arange(n, dtype=float)[:, None, None], (n, h, w))


def test_cells_of_a_manifold_are_tiled_in_rows(ax):
    artist = manifold(ax, numbered(9), high=8.0)
    shown = np.asarray(artist.get_array())
    assert shown.shape == (6, 9)
    np.testing.assert_array_equal(shown[::2, ::3], [[0, 1, 2], [3, 4, 5], [6, 7, 8]])
    assert artist.get_clim() == (0.0, 8.0)


def test_colours_keep_their_channels(ax):
    images = np.zeros((4, 2, 2, 3))
    images[1, ..., 2] = 1.0
    shown = np.asarray(manifold(ax, images).get_array())
    np.testing.assert_array_equal(shown[0, 2], [0, 0, 1])
    np.testing.assert_array_equal(shown[0, 0], [0, 0, 0])


def test_samples_stand_apart_and_the_last_row_may_be_short(ax):
    shown = np.asarray(image_grid(ax, numbered(3), columns=2).get_array())
    assert shown.shape == (2 * 2 + 1, 2 * 3 + 1)
    np.testing.assert_array_equal(shown[:, 3], np.ones(5))  # the gap
    assert shown[3, 0] == 2.0


@pytest.mark.parametrize("shape", [(4, 4), (0, 4, 4), (3, 4, 4, 2), (1, 1, 1, 1, 1)])
def test_what_is_no_stack_of_images_is_refused(shape):
    with pytest.raises(InputError, match="images"):
        tile(np.zeros(shape))


def test_one_panel_per_class_in_order():
    classes = np.stack([np.full((4, 2, 2), k / 6) for k in range(6)])
    figure = Figure()
    axes = manifolds(figure, classes, columns=4)
    assert [ax.get_title() for ax in axes] == [f"class {k + 1}" for k in range(6)]
    assert [float(np.asarray(ax.images[0].get_array()).mean()) for ax in axes] == [k / 6 for k in range(6)]
    assert len(figure.axes) == 8  # two of them blank
    assert not any(ax.has_data() for ax in figure.axes[6:])


def test_bars_are_means_and_dots_are_seeds(ax):
    table = {"a": [{"nmi": 0.2}, {"nmi": 0.4}], "b": [{"nmi": 0.5}, {"nmi": 0.7}], "none": [{"elbo": 1.0}]}
    bars = model_comparison(ax, table, score="nmi", label="NMI", titles={"a": "Model A"})
    np.testing.assert_allclose([bar.get_width() for bar in bars], [0.3, 0.6])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["Model A", "b"]
    assert [text.get_text() for text in ax.texts] == ["30%", "60%"]
    np.testing.assert_allclose(ax.collections[0].get_offsets()[:, 0], [0.2, 0.4])
    assert bars[0].get_facecolor() != bars[1].get_facecolor()
    assert "2 seeds" in ax.get_xlabel()
    assert ax.get_xlim() == (0, 1)


def test_scores_outside_the_unit_interval_are_no_percentages(ax):
    bars = model_comparison(ax, {"a": [{"elbo": -120.0}], "b": [{"elbo": -100.0}]}, score="elbo")
    np.testing.assert_allclose([bar.get_width() for bar in bars], [-120, -100])
    assert [text.get_text() for text in ax.texts] == ["-120", "-100"]
    assert "one seed" in ax.get_xlabel()


def test_a_score_nobody_has_is_refused(ax):
    with pytest.raises(InputError, match="accuracy"):
        model_comparison(ax, {"a": [{"elbo": 1.0}]})


def test_trust_draws_what_it_is_given(ax):
    dots = objective_correlation(ax, [1, 2, 3], [0.1, 0.3, 0.2], rho=0.5, name="l1", label="NMI")
    np.testing.assert_allclose(dots.get_offsets(), [[1, 0.1], [2, 0.3], [3, 0.2]])
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("l1", "NMI", "ρ = +0.50")


def test_trust_refuses_vectors_of_different_lengths(ax):
    with pytest.raises(InputError, match="length"):
        objective_correlation(ax, [1, 2], [0.1])
