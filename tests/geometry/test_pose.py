"""The algebra of poses."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from latscape.geometry.pose import Rotation, Scale, Shear, Shift, Translation, check_pose, compose, invert

POSE = (Rotation(), Translation(), Scale(), Shear())
SMALL = st.floats(-1, 1)


@st.composite
def values(draw, batch: int = 3) -> dict[str, torch.Tensor]:
    """Pose values in double precision, angles all around the circle."""

    def column(numbers: st.SearchStrategy[float], width: int) -> torch.Tensor:
        rows = st.lists(st.lists(numbers, min_size=width, max_size=width), min_size=batch, max_size=batch)
        return torch.tensor(draw(rows), dtype=torch.float64)

    angle = st.floats(-np.pi, np.pi)
    return {
        "rotation": column(angle, 1),
        "translation": column(SMALL, 2),
        "scale": column(SMALL, 1),
        "shear": column(SMALL, 1),
    }


def square(affine: torch.Tensor) -> torch.Tensor:
    """Homogeneous form of (batch, 2, 3)."""
    return torch.cat([affine, torch.tensor([[[0.0, 0.0, 1.0]]], dtype=affine.dtype).expand(len(affine), 1, 3)], dim=1)


@given(values())
def test_inverting_a_composed_pose_and_applying_both_gives_the_identity(given_values):
    forward = compose(POSE, given_values)
    identity = torch.eye(3, dtype=torch.float64).expand_as(forward)
    torch.testing.assert_close(square(invert(forward)) @ forward, identity, atol=1e-9, rtol=0)
    torch.testing.assert_close(forward @ square(invert(forward)), identity, atol=1e-9, rtol=0)


@given(values())
def test_the_order_in_which_a_pose_is_written_is_irrelevant(given_values):
    first = compose(POSE, given_values)
    for pose in itertools.permutations(POSE):
        assert torch.equal(compose(pose, given_values), first)


@given(values())
def test_content_is_scaled_then_sheared_then_rotated_then_translated(given_values):
    part = {block.name: block.matrix(given_values[block.name]) for block in POSE}
    expected = part["translation"] @ part["rotation"] @ part["shear"] @ part["scale"]
    torch.testing.assert_close(compose(POSE, given_values), expected)


@given(values())
def test_rotations_are_orthogonal_add_up_and_keep_orientation(given_values):
    angle = given_values["rotation"]
    turn = Rotation().matrix(angle)
    torch.testing.assert_close(
        turn @ turn.transpose(1, 2), torch.eye(3, dtype=torch.float64).expand_as(turn), atol=1e-12, rtol=0
    )
    torch.testing.assert_close(torch.linalg.det(turn), torch.ones(3, dtype=torch.float64))
    torch.testing.assert_close(turn @ turn, Rotation().matrix(2 * angle), atol=1e-12, rtol=0)


@given(values())
def test_areas_grow_by_the_squared_magnification_and_by_nothing_else(given_values):
    one = torch.ones(3, dtype=torch.float64)
    torch.testing.assert_close(torch.linalg.det(Translation().matrix(given_values["translation"])), one)
    torch.testing.assert_close(torch.linalg.det(Shear().matrix(given_values["shear"])), one)
    growth = (2 * given_values["scale"][:, 0]).exp()
    torch.testing.assert_close(torch.linalg.det(Scale().matrix(given_values["scale"])), growth)
    torch.testing.assert_close(torch.linalg.det(compose(POSE, given_values)), growth)


def test_each_transform_moves_a_point_as_its_docstring_says():
    point = torch.tensor([1.0, 0.5, 1.0])
    turned = Rotation().matrix(torch.tensor([[torch.pi / 2]])) @ point
    torch.testing.assert_close(turned[0], torch.tensor([-0.5, 1.0, 1.0]))
    torch.testing.assert_close(
        (Translation().matrix(torch.tensor([[0.2, -0.1]])) @ point)[0], torch.tensor([1.2, 0.4, 1.0])
    )
    torch.testing.assert_close((Scale().matrix(torch.tensor([[2.0]]).log()) @ point)[0], torch.tensor([2.0, 1.0, 1.0]))
    torch.testing.assert_close(
        (Shear().matrix(torch.tensor([[torch.pi / 4]])) @ point)[0], torch.tensor([1.5, 0.5, 1.0])
    )


def test_a_value_of_zero_leaves_content_where_it_is():
    for block in (*POSE, Shift()):
        torch.testing.assert_close(block.matrix(torch.zeros(2, block.width)), torch.eye(3).expand(2, 3, 3))


def test_a_shift_moves_a_curve_to_the_right_whatever_its_magnification():
    values = {"shift": torch.tensor([[0.3]]), "scale": torch.tensor([[2.0]]).log()}
    moved = compose((Shift(), Scale()), values) @ torch.tensor([0.1, 0.0, 1.0])
    torch.testing.assert_close(moved[0], torch.tensor([0.5, 0.0, 1.0]))


@pytest.mark.parametrize("part", [Rotation(), Translation(), Shear()], ids=str)
def test_curves_are_neither_turned_nor_sheared_nor_moved_in_the_plane(part, refused):
    assert check_pose([Shift(), Scale()], 1) == (Shift(), Scale())
    with refused():
        check_pose([Scale(), part], 1)


def test_images_have_a_translation_and_no_shift(refused):
    assert check_pose(POSE, 2) == POSE
    with refused():
        check_pose([Shift()], 2)


@pytest.mark.parametrize("part", [Rotation, Translation, Shift, Scale, Shear])
@pytest.mark.parametrize("prior", [0.0, -1.0, math.nan, math.inf])
def test_only_an_angle_of_the_full_turn_may_have_an_infinite_prior(part, prior, refused):
    if part is Rotation and prior == math.inf:
        assert part(prior).prior == math.inf
        return
    with refused():
        part(prior)
