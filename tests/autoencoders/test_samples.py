"""Flattening puts the channels first and takes nothing away."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from latscape.autoencoders.samples import flatten, unflatten

VALUES = st.floats(-1e6, 1e6, width=32)
IMAGES = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=4, max_dims=4, max_side=4),
    elements=VALUES,
)
PLAIN = hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=3, max_side=5), elements=VALUES)


@given(IMAGES | PLAIN)
def test_unflattening_undoes_flattening(stack):
    np.testing.assert_array_equal(unflatten(flatten(stack, "cpu"), stack.shape[1:]), stack)


@given(IMAGES)
def test_all_pixels_of_the_first_channel_come_first(stack):
    flat = flatten(stack, "cpu").numpy()
    pixels = stack.shape[1] * stack.shape[2]
    np.testing.assert_array_equal(flat[:, :pixels], stack[..., 0].reshape(len(stack), -1))
    np.testing.assert_array_equal(flat[:, -pixels:], stack[..., -1].reshape(len(stack), -1))
