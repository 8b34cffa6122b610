import numpy as np
import pytest
from matplotlib.figure import Figure

from latscape.errors import InputError
from latscape.plot import convergence, training_curves, trajectory, trajectory_families
from latscape.plot.styling import PALETTE, name_ends, report_style, spread


def test_families_draw_the_given_trajectories_in_one_colour_each(ax):
    values = np.arange(12.0).reshape(4, 3)
    strong = trajectory_families(ax, values, [0, 1, 0, 1], ["cooldown", "segments"])
    assert [line.get_label() for line in strong] == ["cooldown", "segments"]
    np.testing.assert_allclose(strong[1].get_ydata(), values[1])
    np.testing.assert_allclose(strong[1].get_xdata(), [1, 2, 3])
    same = [line for line in ax.lines if line.get_color() == strong[0].get_color()]
    np.testing.assert_allclose(sorted(line.get_ydata()[0] for line in same), [0.0, 6.0])


def test_families_draw_no_more_than_asked_for(ax):
    trajectory_families(ax, np.ones((50, 3)), np.zeros(50, dtype=int), ["one"], most=7)
    assert len(ax.lines) == 7


@pytest.mark.parametrize("shape", [(3,), (3, 4, 5)])
def test_families_refuse_other_shapes(ax, shape):
    with pytest.raises(InputError, match="family"):
        trajectory_families(ax, np.ones(shape), [0, 0, 0], ["one"])


def test_a_trajectory_its_overlays_and_its_band(ax):
    beta = np.array([4.0, 2.0, 1.0])
    line = trajectory(ax, beta, label="zBO", overlays={"hand-made": [9, 5, 1]}, band=(beta - 1, beta + 1))
    np.testing.assert_allclose(line.get_ydata(), beta)
    assert ax.get_xlim() == (1, 3)
    assert ax.get_ylim()[1] > 9
    assert [text.get_text() for text in ax.texts] == ["zBO", "hand-made"]
    np.testing.assert_allclose([text.xy[0] for text in ax.texts], 1)  # named where the lines end, at the right edge
    assert abs(ax.texts[0].xy[1] - ax.texts[1].xy[1]) > 0.06  # both end at 1, their names do not overlap


@pytest.mark.parametrize("overlay", [[1, 2], [[1, 2, 3]]])
def test_an_overlay_of_another_length_is_refused(ax, overlay):
    with pytest.raises(InputError, match="3 values"):
        trajectory(ax, [1, 2, 3], overlays={"other": overlay})


def test_convergence_tells_roles_failures_and_the_best_so_far(ax, evaluations):
    line = convergence(ax, evaluations, label="l1")
    np.testing.assert_allclose(line.get_xdata(), [1, 2, 4, 5, 6])
    np.testing.assert_allclose(line.get_ydata(), [1, 3, 3, 5, 5])
    drawn = {artist.get_label(): artist.get_offsets() for artist in ax.collections}
    np.testing.assert_allclose(drawn["random start"], [[1, 1], [2, 3]])
    np.testing.assert_allclose(drawn["acquired"], [[4, 2], [5, 5]])
    np.testing.assert_allclose(drawn["max of GP mean"], [[6, 4]])
    np.testing.assert_allclose(drawn["failed"][:, 0], [3])
    assert ax.get_ylabel() == "l1"


def test_convergence_of_failures_alone_is_refused(ax, evaluations):
    with pytest.raises(InputError, match="value"):
        convergence(ax, [e for e in evaluations if e.status == "failed"])


def test_training_draws_every_term_under_its_name(ax):
    lines = training_curves(ax, {"loss": [3.0, 2.0], "kl_discrete": [0.0, 1.0]}, names={"loss": "weighted loss"})
    np.testing.assert_allclose(lines[0].get_ydata(), [3, 2])
    assert [text.get_text() for text in ax.texts] == ["weighted loss", "kl discrete"]
    assert ax.texts[0].xy[1] > ax.texts[1].xy[1]  # the names stand in the order of the ends


@pytest.mark.parametrize("history", [{}, {"loss": []}, {"loss": [1.0], "kl": [1.0, 2.0]}])
def test_training_refuses_lists_that_do_not_belong_together(ax, history):
    with pytest.raises(InputError, match="length"):
        training_curves(ax, history)


def test_labels_are_spread_no_further_than_needed():
    assert spread([], 1.0) == []
    assert spread([5.0, 1.0], 1.0) == [5.0, 1.0]
    assert spread([1.0, 1.0, 1.0], 1.0) == [0.0, 1.0, 2.0]
    placed = spread([0.3, 0.1, 0.2, 7.0], 0.5)
    assert np.argsort(placed).tolist() == [1, 2, 0, 3]
    assert np.diff(np.sort(placed)).min() >= 0.5 - 1e-12


def test_the_palette_is_told_apart_without_colours():
    luminance = [
        sum(w * int(c[i : i + 2], 16) for w, i in zip((0.2126, 0.7152, 0.0722), (1, 3, 5), strict=True))
        for c in PALETTE
    ]
    assert abs(luminance[0] - luminance[1]) > 40  # the two families of the paper


def test_the_style_ends_with_its_block():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    with report_style():
        assert dict(mpl.rcParams) != before
    assert dict(mpl.rcParams) == before


def test_names_of_lines_that_end_low_stay_beside_the_axes():
    ax = Figure().subplots()
    ax.set_ylim(0.0, 100.0)
    name_ends(ax, [("a", 0.5, "k"), ("b", 1.0, "k"), ("c", 0.0, "k"), ("d", 100.0, "k")], gap=0.07)
    heights = sorted(text.xy[1] for text in ax.texts)
    assert heights[0] >= 0.0
    assert heights[-1] <= 1.0
    assert np.diff(heights).min() >= 0.07 - 1e-12
