"""Streams are pure functions of a seed and a path."""

import random
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from latscape.random import derive_seed, numpy_generator, torch_generator

PART = st.one_of(st.integers(0, 50), st.text("abc", min_size=1, max_size=3))
PATH = st.lists(PART, max_size=4).map(tuple)
SEED = st.integers(0, 2**40)


@given(seed=SEED, path=PATH)
def test_a_derived_seed_is_a_non_negative_63_bit_number(seed, path):
    assert 0 <= derive_seed(seed, *path) < 2**63


@given(seed=SEED, paths=st.lists(PATH, min_size=2, max_size=5), order=st.randoms(use_true_random=False))
def test_the_order_of_the_calls_does_not_matter(seed, paths, order):
    first = {path: derive_seed(seed, *path) for path in paths}
    order.shuffle(paths)
    assert {path: derive_seed(seed, *path) for path in paths} == first


@given(seed=SEED, one=PATH, other=PATH)
def test_different_paths_give_different_seeds(seed, one, other):
    same = [str(part) for part in one] == [str(part) for part in other]
    assert (derive_seed(seed, *one) == derive_seed(seed, *other)) == same


@given(one=SEED, other=SEED, path=PATH)
def test_different_seeds_give_different_streams(one, other, path):
    assert (derive_seed(one, *path) == derive_seed(other, *path)) == (one == other)


def test_a_name_with_a_slash_is_not_a_path_of_two_names():
    assert derive_seed(0, "a/b") != derive_seed(0, "a", "b")


def test_numbers_of_numpy_name_the_same_stream_as_those_of_python():
    assert derive_seed(np.int64(7), "train", np.int64(3)) == derive_seed(7, "train", 3)


def test_a_stream_is_the_same_in_another_process():
    code = "from latscape.random import derive_seed; print(derive_seed(7, 'train', 3))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == derive_seed(7, "train", 3)


@pytest.mark.parametrize(
    "draw",
    [
        lambda *path: numpy_generator(3, *path).uniform(size=4),
        lambda *path: torch.rand(4, generator=torch_generator(3, *path)).numpy(),
    ],
)
def test_generators_of_one_path_agree_and_of_two_paths_differ(draw):
    np.testing.assert_array_equal(draw("noise", 1), draw("noise", 1))
    assert not np.allclose(draw("noise", 1), draw("noise", 2))


def test_making_generators_leaves_the_global_states_alone():
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    numpy_generator(0, "a").normal()
    torch.randn(3, generator=torch_generator(0, "a"))
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    assert random.getstate() == before[2]
