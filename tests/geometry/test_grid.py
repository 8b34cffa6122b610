"""Pixel coordinates and sampling, against what numpy does to arrays."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import Rotation, Scale, Shift, Translation, compose, invert

SIDE = st.integers(1, 12)


def image(height: int, width: int, channels: int = 2) -> torch.Tensor:
    return torch.rand(
        1, channels, height, width, generator=torch.Generator().manual_seed(height * 100 + width), dtype=torch.float64
    )


def posed(picture: torch.Tensor, **values: list[float]) -> torch.Tensor:
    """The picture under the pose that the values name."""
    blocks = [block for block in (Rotation(), Translation(), Scale()) if block.name in values]
    inverse = invert(
        compose(blocks, {name: torch.tensor([value], dtype=picture.dtype) for name, value in values.items()})
    )
    return sample(picture, transform(inverse, pixel_grid(*picture.shape[2:]).to(picture.dtype)))


@given(height=SIDE, width=SIDE)
def test_the_grid_runs_row_by_row_from_the_top_left_and_spans_the_longer_side(height, width):
    grid = pixel_grid(height, width).view(height, width, 2)
    step = 2 / max(height, width)
    rows, columns = np.mgrid[:height, :width]
    torch.testing.assert_close(
        grid[..., 0], torch.tensor((columns - (width - 1) / 2) * step, dtype=torch.float32), atol=1e-6, rtol=0
    )
    torch.testing.assert_close(
        grid[..., 1], torch.tensor(((height - 1) / 2 - rows) * step, dtype=torch.float32), atol=1e-6, rtol=0
    )


@given(height=SIDE, width=SIDE)
def test_sampling_at_the_grid_itself_gives_the_image_back(height, width):
    picture = image(height, width)
    torch.testing.assert_close(sample(picture, pixel_grid(height, width).double()[None]), picture, atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", [5, 8])
@pytest.mark.parametrize("quarters", [-1, 1, 2, 3])
def test_quarter_turns_are_those_of_numpy_counter_clockwise_as_displayed(size, quarters):
    picture = image(size, size)
    got = posed(picture, rotation=[quarters * np.pi / 2])
    np.testing.assert_allclose(got.numpy(), np.rot90(picture.numpy(), quarters, axes=(2, 3)), atol=1e-5)


@pytest.mark.parametrize("shape", [(6, 10), (9, 5)])
def test_a_half_turn_of_an_image_that_is_not_square_is_that_of_numpy(shape):
    picture = image(*shape)
    np.testing.assert_allclose(
        posed(picture, rotation=[np.pi]).numpy(), np.rot90(picture.numpy(), 2, axes=(2, 3)), atol=1e-5
    )


def test_a_quarter_turn_of_an_image_that_is_not_square_turns_its_middle_without_stretching_it():
    picture = image(6, 10)
    middle = np.s_[:, :, :, 2:8]
    got = posed(picture, rotation=[np.pi / 2]).numpy()[middle]
    np.testing.assert_allclose(got, np.rot90(picture.numpy()[middle], 1, axes=(2, 3)), atol=1e-5)


@pytest.mark.parametrize("shape", [(8, 8), (6, 10), (11, 7)])
@pytest.mark.parametrize(("right", "up"), [(1, 0), (0, 2), (-2, 1), (1, -1)])
def test_a_shift_by_whole_pixels_is_numpys_roll_inside(shape, right, up):
    picture = image(*shape)
    half = max(shape) / 2
    got = posed(picture, translation=[right / half, up / half]).numpy()
    expected = np.roll(picture.numpy(), (-up, right), axis=(2, 3))
    inside = np.s_[:, :, 2:-2, 2:-2]
    np.testing.assert_allclose(got[inside], expected[inside], atol=1e-5)


def test_beyond_the_edge_the_edges_value_holds():
    picture = image(6, 6)
    got = posed(picture, translation=[10.0, 0.0])
    torch.testing.assert_close(got, picture[..., :1].expand_as(picture))


def test_a_magnification_of_two_shows_the_middle_twice_as_large():
    columns = pixel_grid(8, 8).view(1, 8, 8, 2)[..., 0][:, None].double()
    torch.testing.assert_close(posed(columns, scale=[np.log(2)]), columns / 2, atol=1e-6, rtol=0)


@pytest.mark.parametrize("angle", [-2.0, 0.1, 0.7])
def test_the_gradient_by_the_angle_is_that_of_finite_differences(angle):
    grid = pixel_grid(12, 16).double()
    smooth = torch.exp(-((grid[:, 0] - 0.3) ** 2 / 0.2 + (grid[:, 1] - 0.1) ** 2 / 0.05)).view(1, 1, 12, 16)
    weight = torch.sin(3 * grid[:, 0] + grid[:, 1]).view(1, 1, 12, 16)

    def objective(turn: torch.Tensor) -> torch.Tensor:
        inverse = invert(compose((Rotation(),), {"rotation": turn.view(1, 1)}))
        return (weight * sample(smooth, transform(inverse, grid))).sum()

    turn = torch.tensor(angle, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(objective(turn), turn)
    step = 1e-6
    difference = (objective(turn.detach() + step) - objective(turn.detach() - step)) / (2 * step)
    assert abs(float(gradient)) > 0.1
    torch.testing.assert_close(gradient, difference, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("length", [1, 2, 7, 8])
def test_a_curve_has_the_abscissae_of_an_image_of_one_row_and_sampling_there_gives_it_back(length):
    grid = pixel_grid(length)
    torch.testing.assert_close(grid, pixel_grid(1, length)[:, :1])
    curves = image(3, length)[0].transpose(0, 1)
    torch.testing.assert_close(sample(curves, grid.double().expand(3, -1, -1)), curves, atol=1e-6, rtol=0)


@given(
    shift=st.floats(-1.5, 1.5),
    scale=st.floats(-1, 1),
    length=st.integers(2, 12),
)
def test_a_posed_curve_is_the_linear_interpolation_of_numpy(shift, scale, length):
    curve = image(1, length)[0]  # (channels, 1, length)
    values = {"shift": torch.tensor([[shift]]).double(), "scale": torch.tensor([[scale]]).double()}
    grid = pixel_grid(length).double()
    got = sample(curve.transpose(0, 1), transform(invert(compose((Shift(), Scale()), values)), grid))[0]
    where = (grid[:, 0].numpy() - shift) / np.exp(scale)
    for channel in range(2):
        expected = np.interp(where, grid[:, 0].numpy(), curve[channel, 0].numpy())
        np.testing.assert_allclose(got[channel].numpy(), expected, atol=1e-6)


def test_a_curve_is_moved_as_the_image_of_one_row_is():
    values = {"shift": torch.tensor([[0.13]]).double(), "scale": torch.tensor([[-0.4]]).double()}
    inverse = invert(compose((Shift(), Scale()), values))
    row = image(1, 9)
    as_image = sample(row, transform(inverse, pixel_grid(1, 9).double()))
    as_curve = sample(row[:, :, 0], transform(inverse, pixel_grid(9).double()))
    torch.testing.assert_close(as_curve, as_image[:, :, 0])
