import numpy as np
import pytest
from matplotlib.figure import Figure

from latscape.errors import InputError
from latscape.plot import class_count_curve, curve_reconstructions, curve_traversals, reconstructions, traversal


def numbered(*shape, h=2, w=3):
    count = int(np.prod(shape))
    return np.broadcast_to(np.arange(count, dtype=float).reshape(*shape, 1, 1), (*shape, h, w))


def test_a_traversal_has_a_row_for_each_class_and_a_column_for_each_value(ax):
    artist = traversal(ax, numbered(2, 4), [-1.0, -0.5, 0.0, 0.5], low=0.0, high=7.0)
    shown = np.asarray(artist.get_array())
    np.testing.assert_array_equal(shown[::3, ::4], [[0, 1, 2, 3], [4, 5, 6, 7]])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["class 1", "class 2"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["−1.0", "−0.5", "0.0", "0.5"]
    rows = [shown[round(place), 0] for place in ax.get_yticks()]
    assert rows == [0, 4]  # each name stands beside its row


def test_values_close_to_each_other_are_told_apart_and_zero_has_no_sign(ax):
    traversal(ax, numbered(1, 3), [-0.012, -0.0004, 0.011])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["−0.01", "0.00", "0.01"]
    assert [text.get_text() for text in ax.get_yticklabels()] == [""]


def test_each_row_of_data_stands_above_that_of_the_model(ax):
    data = numbered(5)
    shown = np.asarray(reconstructions(ax, data, data + 10, columns=3, high=20.0).get_array())
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == ["data", "model", "data", "model"]
    places = [round(place) for place in ax.get_yticks()]
    np.testing.assert_array_equal(shown[places][:, ::4], [[0, 1, 2], [10, 11, 12], [3, 4, 20], [13, 14, 20]])


def test_curves_of_a_traversal_are_coloured_by_value():
    figure = Figure()
    curves = np.random.default_rng(0).normal(size=(3, 5, 9))
    axes = curve_traversals(figure, curves, np.linspace(-1, 1, 5), columns=2, label="content 2")
    assert [ax.get_title() for ax in axes] == ["class 1", "class 2", "class 3"]
    np.testing.assert_array_equal(axes[2].lines[4].get_ydata(), curves[2, 4])
    assert axes[0].lines[1].get_color() == axes[2].lines[1].get_color() != axes[0].lines[2].get_color()
    assert figure.axes[-1].get_ylabel() == "content 2"


def test_curves_are_drawn_over_their_data():
    figure = Figure(layout="constrained")
    data = np.random.default_rng(0).normal(size=(5, 9))
    axes = curve_reconstructions(figure, data, data + 1, columns=4)
    figure.canvas.draw()
    for ax, curve in zip(axes, data, strict=True):
        np.testing.assert_array_equal(ax.lines[0].get_ydata(), curve)
        np.testing.assert_array_equal(ax.lines[1].get_ydata(), curve + 1)
    labelled = [any(text.get_visible() and text.get_text() for text in ax.get_xticklabels()) for ax in axes]
    assert labelled == [False, True, True, True, True]  # where nothing stands below
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["data", "model"]


def test_what_does_not_match_is_refused(ax):
    with pytest.raises(InputError, match="one value for each step"):
        traversal(ax, numbered(2, 4), [0.0, 1.0])
    with pytest.raises(InputError, match="of one shape"):
        reconstructions(ax, numbered(3), numbered(2))
    with pytest.raises(InputError, match="of one shape"):
        curve_reconstructions(Figure(), np.zeros((2, 3)), np.zeros((2, 4)))
    with pytest.raises(InputError, match="one value for each step"):
        curve_traversals(Figure(), np.zeros((2, 3)), [0.0])


def test_over_classes_a_dot_for_each_member_and_a_line_through_the_mean(ax):
    line = class_count_curve(ax, [2, 3], [[1.0, 3.0], [4.0, 4.0, 7.0]], label="used", limit=True)
    np.testing.assert_allclose(line.get_xydata(), [[2, 2], [3, 5]])
    np.testing.assert_allclose(ax.collections[1].get_offsets(), [[3, 4], [3, 4], [3, 7]])
    (limit,) = [one for one in ax.lines if one is not line]
    np.testing.assert_allclose(limit.get_xydata(), [[2, 2], [3, 3]])


def test_over_classes_a_band_around_a_given_middle(ax):
    line = class_count_curve(ax, [2, 3], [[], []], label="x", middle=[5, 6], band=([4, 4], [7, 9]), band_name="half")
    np.testing.assert_allclose(line.get_ydata(), [5, 6])
    corners = ax.collections[0].get_paths()[0].vertices
    assert {tuple(corner) for corner in corners} >= {(2.0, 4.0), (2.0, 7.0), (3.0, 4.0), (3.0, 9.0)}
    with pytest.raises(InputError, match="each number of classes"):
        class_count_curve(ax, [2, 3], [[1.0]], label="x")
