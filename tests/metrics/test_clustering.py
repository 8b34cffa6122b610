from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latscape.errors import InputError
from latscape.metrics.clustering import (
    accuracy,
    ensemble_agreement,
    match_classes,
    nmi,
    purity,
    recovered_classes,
    used_classes,
)

CLASSES = 4


@st.composite
def labellings(draw, members=2):
    n = draw(st.integers(1, 30))
    return [draw(st.lists(st.integers(0, CLASSES - 1), min_size=n, max_size=n)) for _ in range(members)]


def entropy(*columns):
    _, counts = np.unique(np.stack(columns), axis=1, return_counts=True)
    p = counts / counts.sum()
    return float(-(p * np.log(p)).sum())


@given(both=labellings())
def test_accuracy_is_the_best_of_all_permutations(both):
    labels, predicted = map(np.asarray, both)
    best = max(np.mean(np.asarray(names)[predicted] == labels) for names in permutations(range(CLASSES)))
    assert accuracy(labels, predicted) == pytest.approx(best)


def test_more_or_fewer_clusters_than_classes():
    labels = np.repeat([0, 1, 2], 4)
    assert accuracy(labels, np.arange(12)) == pytest.approx(3 / 12)
    assert accuracy(labels, np.zeros(12, int)) == pytest.approx(4 / 12)
    assert accuracy(labels, np.repeat([0, 1, 2, 3, 4, 5], 2)) == pytest.approx(6 / 12)
    assert purity(labels, np.arange(12)) == 1.0
    assert purity(labels, np.zeros(12, int)) == pytest.approx(4 / 12)


@given(both=labellings())
def test_purity_and_nmi_by_their_definitions(both):
    labels, predicted = map(np.asarray, both)
    majority = sum(np.bincount(labels[predicted == cluster]).max() for cluster in np.unique(predicted))
    assert purity(labels, predicted) == pytest.approx(majority / len(labels))
    h, k, both_h = entropy(labels), entropy(predicted), entropy(labels, predicted)
    expected = 1.0 if h + k == 0 else 2 * (h + k - both_h) / (h + k)
    assert nmi(labels, predicted) == pytest.approx(expected, abs=1e-9)


@given(both=labellings(), one=st.permutations([0, 11, 5, 7]), other=st.permutations([3, 2, 1, 100]))
def test_names_do_not_matter(both, one, other):
    labels, predicted = map(np.asarray, both)
    renamed = np.asarray(one)[labels], np.asarray(other)[predicted]
    for measure in (accuracy, purity, nmi):
        assert measure(*renamed) == pytest.approx(measure(labels, predicted), abs=1e-12)
    assert accuracy(labels, predicted) == pytest.approx(accuracy(predicted, labels))
    assert ensemble_agreement([labels, predicted]) == pytest.approx(
        ensemble_agreement([renamed[1], renamed[0]]), abs=1e-12
    )


@given(both=labellings())
def test_bounds_and_order_of_the_measures(both):
    labels, predicted = both
    assert 0 < accuracy(labels, predicted) <= purity(labels, predicted) <= 1
    assert -1e-12 <= nmi(labels, predicted) <= 1 + 1e-12
    assert accuracy(labels, labels) == purity(labels, labels) == 1.0


@given(members=labellings(members=3))
def test_agreement_is_the_mean_over_pairs(members):
    a, b, c = members
    assert ensemble_agreement(members) == pytest.approx((nmi(a, b) + nmi(a, c) + nmi(b, c)) / 3)


def test_unlabelled_samples_are_left_out():
    labels, predicted = np.array([0, -1, 0, 1, -1]), np.array([2, 0, 2, 0, 0])
    known = labels != -1
    for measure in (accuracy, purity, nmi):
        assert measure(labels, predicted) == measure(labels[known], predicted[known])


def test_used_classes():
    predicted = [0] * 980 + [1] * 10 + [4] * 9 + [3]
    assert used_classes(predicted, classes=6) == 2
    assert used_classes(predicted, classes=6, share=0.001) == 4
    assert used_classes(predicted, classes=6, share=0.0) == 6
    assert used_classes(predicted, classes=6, share=1.0) == 0


@pytest.mark.parametrize("measure", [accuracy, purity, nmi])
@pytest.mark.parametrize(
    ("labels", "predicted"),
    [([], []), ([0, 1], [0]), ([[0, 1]], [[0, 1]]), ([0.5, 1.0], [0, 1]), ([-1, -1], [0, 1]), (["a", "b"], [0, 1])],
)
def test_bad_input(measure, labels, predicted):
    with pytest.raises(InputError, match="Expected"):
        measure(labels, predicted)


@pytest.mark.parametrize(
    ("predicted", "classes", "share"), [([0, 3], 3, 0.1), ([-1, 0], 3, 0.1), ([0, 1], 3, 1.5), ([], 3, 0.1)]
)
def test_used_classes_refuses(predicted, classes, share):
    with pytest.raises(InputError, match="Expected"):
        used_classes(predicted, classes, share)


@pytest.mark.parametrize("predictions", [[], [[0, 1]], [[0, 1], [0, 1, 2]]])
def test_agreement_refuses(predictions):
    with pytest.raises(InputError, match="two clusterings"):
        ensemble_agreement(predictions)


def test_the_matching_is_the_best_of_all_permutations():
    generator = np.random.default_rng(0)
    for _ in range(20):
        one, other = generator.dirichlet(np.ones(4), 30), generator.dirichlet(np.ones(4), 30)
        best = max(permutations(range(4)), key=lambda order: (one * other[:, list(order)]).sum())
        np.testing.assert_array_equal(match_classes(one, other), best)


@pytest.mark.parametrize(("one", "other"), [(np.ones((3, 2)), np.ones((3, 3))), (np.ones(3), np.ones(3))])
def test_a_matching_of_different_samples_is_refused(one, other, refused):
    with refused():
        match_classes(one, other)


def test_a_label_is_extracted_if_a_cluster_is_nearly_its_own():
    labels = np.repeat([0, 1, 2], 100)
    split = labels.copy()
    split[:50] = 3  # a label in two clusters counts once
    assert recovered_classes(labels, split) == 3
    mixed = np.where(labels == 2, 1, labels)
    assert recovered_classes(labels, mixed) == 1
    crumbs = np.zeros(300, dtype=int)
    crumbs[250:255] = 1  # pure, but hardly anything of its label
    assert recovered_classes(labels, crumbs) == 0
    assert (
        recovered_classes(np.where(np.arange(200) < 80, 0, 1), np.repeat([0, 1], [100, 100])) == 1
    )  # 0.8 is not more than 0.8
