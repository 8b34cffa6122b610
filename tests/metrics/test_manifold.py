from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from latscape.errors import InputError
from latscape.metrics.manifold import between_classes, draw_pairs, within_classes
from latscape.random import numpy_generator

MANIFOLD = np.random.default_rng(0).uniform(size=(4, 6, 9, 8))


def loss(a, b):
    return 1 - structural_similarity(a, b, data_range=1.0)


def test_between_classes_is_the_sum_over_pairs_of_mean_losses():
    expected = 0.0
    for i in range(4):
        for j in range(i + 1, 4):
            expected += sum(loss(MANIFOLD[i, cell], MANIFOLD[j, cell]) for cell in range(6)) / 6
    assert between_classes(MANIFOLD) == pytest.approx(expected, abs=1e-10)
    assert between_classes(torch.from_numpy(MANIFOLD).float()) == pytest.approx(expected, abs=1e-4)


def test_within_classes_is_the_sum_over_classes_of_mean_losses():
    pairs = [[0, 1], [5, 2], [3, 4]]
    expected = 0.0
    for one in MANIFOLD:
        expected += sum(loss(one[i], one[j]) for i, j in pairs) / 3
    assert within_classes(MANIFOLD, pairs) == pytest.approx(expected, abs=1e-10)


def test_extremes():
    image = torch.rand(1, 1, 8, 8, dtype=torch.float64)
    other = torch.rand(1, 6, 8, 8, dtype=torch.float64)
    pairs = list(combinations(range(6), 2))
    same = image.expand(3, 6, 8, 8)
    assert between_classes(same) == pytest.approx(0, abs=1e-10)
    assert within_classes(same, pairs) == pytest.approx(0, abs=1e-10)
    # Classes that are equal to each other but vary inside, and the reverse.
    assert between_classes(other.expand(3, 6, 8, 8)) == pytest.approx(0, abs=1e-10)
    assert within_classes(other.expand(3, 6, 8, 8), pairs) > 1
    assert between_classes(other.transpose(0, 1).expand(6, 4, 8, 8)) > 1
    assert within_classes(other.transpose(0, 1).expand(6, 4, 8, 8), [[0, 3]]) == pytest.approx(0, abs=1e-10)


@settings(max_examples=10)
@given(order=st.permutations(range(4)), cells=st.permutations(range(6)))
def test_the_order_of_classes_and_cells_does_not_matter(order, cells):
    pairs = np.array([[0, 1], [2, 5]])
    place = np.argsort(cells)  # cell i of the original is cell place[i] of the shuffled manifold
    shuffled = MANIFOLD[order][:, cells]
    assert between_classes(shuffled) == pytest.approx(between_classes(MANIFOLD), abs=1e-10)
    assert within_classes(shuffled, place[pairs]) == pytest.approx(within_classes(MANIFOLD, pairs), abs=1e-10)


def test_a_manifold_with_a_gradient_or_a_nan():
    leaf = torch.from_numpy(MANIFOLD).requires_grad_()
    assert between_classes(leaf) == between_classes(MANIFOLD)
    broken = MANIFOLD.copy()
    broken[0, 0, 0, 0] = np.nan
    assert np.isnan(between_classes(broken))


@given(cells=st.integers(2, 40), seed=st.integers(0, 1000), data=st.data())
def test_pairs_are_unique_ordered_and_inside(cells, seed, data):
    n = data.draw(st.integers(1, cells * (cells - 1) // 2))
    pairs = draw_pairs(cells, n, numpy_generator(seed, "pairs"))
    assert pairs.shape == (n, 2)
    assert len({tuple(pair) for pair in pairs.tolist()}) == n
    assert ((pairs[:, 0] >= 0) & (pairs[:, 0] < pairs[:, 1]) & (pairs[:, 1] < cells)).all()
    np.testing.assert_array_equal(pairs, draw_pairs(cells, n, numpy_generator(seed, "pairs")))


@pytest.mark.parametrize("cells", [2, 3, 7, 30])
def test_all_pairs_can_be_drawn(cells):
    total = cells * (cells - 1) // 2
    pairs = draw_pairs(cells, total, np.random.default_rng(0))
    assert sorted(map(tuple, pairs.tolist())) == list(combinations(range(cells), 2))


def test_every_pair_is_equally_likely():
    generator = np.random.default_rng(0)
    draws = [tuple(pair) for _ in range(3000) for pair in draw_pairs(5, 2, generator).tolist()]
    counts = [draws.count(pair) for pair in combinations(range(5), 2)]
    # 6000 draws over 10 pairs: 600 each, standard deviation about 22
    assert min(counts) > 500
    assert max(counts) < 700


@pytest.mark.parametrize(("cells", "n"), [(4, 7), (4, 0), (1, 1), (0, 1), (4, -1)])
def test_impossible_numbers_of_pairs(cells, n):
    with pytest.raises(InputError, match=f"Got {n}"):
        draw_pairs(cells, n, np.random.default_rng(0))


@pytest.mark.parametrize(
    "pairs", [[], [[0, 0]], [[0, 6]], [[-1, 2]], [[0, 1], [1, 0]], [[0, 1, 2]], [0, 1], [[0.0, 1.0]]]
)
def test_within_classes_refuses_pairs(pairs):
    with pytest.raises(InputError, match="draw_pairs"):
        within_classes(MANIFOLD, pairs)


@pytest.mark.parametrize("manifold", [MANIFOLD[0], MANIFOLD[:1], MANIFOLD[:, :0], MANIFOLD[..., :5]])
def test_between_classes_refuses_manifolds(manifold):
    with pytest.raises(InputError):
        between_classes(manifold)
