import numpy as np
import pytest
from matplotlib.figure import Figure

from latscape.errors import InputError
from latscape.plot import curl_map, hysteresis_loop, polarization_angle, polarization_movie, quiver

STATE = np.stack([np.array([[1.0, 0.0, -1.0], [0.5, 0.0, 0.0]]), np.array([[0.0, 2.0, 0.0], [0.0, 0.0, -1.0]])])


def test_arrows_are_the_vectors_in_units_of_the_longest(ax):
    arrows = quiver(ax, STATE)
    np.testing.assert_allclose(arrows.U, STATE[0].ravel() / 2)
    np.testing.assert_allclose(arrows.V, STATE[1].ravel() / 2)
    np.testing.assert_allclose(arrows.XY[4], [1, 1])  # x along the columns, y along the rows
    assert ax.get_ylim()[0] < ax.get_ylim()[1]


def test_angles_are_those_of_the_vectors(ax):
    image = polarization_angle(ax, STATE)
    np.testing.assert_allclose(image.get_array()[0], [0.0, np.pi / 2, np.pi])
    assert image.origin == "lower"


def test_the_curl_is_on_a_scale_with_zero_in_the_middle(ax):
    image = curl_map(ax, [[1.0, -3.0], [0.0, 2.0]])
    assert image.get_clim() == (-3.0, 3.0)


def test_a_loop_is_polarization_over_field(ax):
    line = hysteresis_loop(ax, [0, 1, 2], [3, 4, 5])
    np.testing.assert_allclose(line.get_xydata(), [[0, 3], [1, 4], [2, 5]])


def test_a_movie_shows_every_state_at_its_step(tmp_path):
    frames = np.random.default_rng(0).normal(size=(3, 2, 4, 5))
    figure = Figure()
    animation = polarization_movie(figure, frames, np.linspace(0, 1, 21), [0, 10, 20])
    arrows, dot = animation._func(2)
    size = np.hypot(frames[:, 0], frames[:, 1]).max()
    np.testing.assert_allclose(arrows.U, frames[2, 0].ravel() / size)
    assert dot.get_xydata().tolist() == [[20.0, 1.0]]
    animation.save(tmp_path / "history.gif", writer="pillow")
    assert (tmp_path / "history.gif").stat().st_size > 1000


@pytest.mark.parametrize("draw", [quiver, polarization_angle])
def test_refuses_what_is_no_state(draw):
    with pytest.raises(InputError, match="a state"):
        draw(Figure().subplots(), np.zeros((4, 4)))
