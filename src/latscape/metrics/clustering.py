"""How well clusters found without labels match known classes, use what they may use, and agree with each other.

Clusters have no names: every measure here is the same after any relabelling. A true label of -1 means unlabelled; such
samples are left out.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment
from scipy.special import entr
from sklearn.metrics import normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix

from latscape.errors import InputError

_UNLABELLED = -1
#: Purity above which a class is said to hold a label.
PURE = 0.8


def accuracy(labels: ArrayLike, predicted: ArrayLike) -> float:
    """Share in (0, 1] of samples whose cluster is their class, under the one-to-one assignment that makes it largest.

    Parameters
    ----------
    labels
        (n,) integer classes.
    predicted
        (n,) integer clusters; there may be more or fewer clusters than classes. What is not assigned counts as wrong.

    Raises
    ------
    InputError
        Not two integer vectors of one length, or no labelled sample.

    Examples
    --------
    >>> accuracy([0, 0, 1, 1], [7, 7, 3, 7])
    0.75
    """
    counts = _counts(labels, predicted)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return float(counts[rows, columns].sum() / counts.sum())


def purity(labels: ArrayLike, predicted: ArrayLike) -> float:
    """Share of samples that belong to the most frequent class of their cluster; many clusters make it large.

    Shapes and errors as in `accuracy`.

    Examples
    --------
    >>> purity([0, 0, 1, 1], [0, 1, 2, 2])
    1.0
    """
    counts = _counts(labels, predicted)
    return float(counts.max(axis=0).sum() / counts.sum())


def recovered_classes(labels: ArrayLike, predicted: ArrayLike, pure: float = PURE, share: float = 0.1) -> int:
    """How many labels have a cluster of their own: over `pure` of it is that label, and `share` of the label is in it.

    Both are fractions in [0, 1]; the second keeps crumbs of a few samples from counting. Shapes and errors as in
    `accuracy`.

    Examples
    --------
    >>> recovered_classes([0, 0, 1, 1, 2, 2], [4, 4, 5, 5, 5, 5])
    1
    """
    counts = _counts(labels, predicted)
    main, held = counts.argmax(axis=0), counts.max(axis=0)
    pure_enough = (held > pure * counts.sum(axis=0)) & (held >= share * counts.sum(axis=1)[main])
    return len(set(main[pure_enough].tolist()))


def nmi(labels: ArrayLike, predicted: ArrayLike) -> float:
    """Mutual information of classes and clusters over the mean of their entropies: 0 (independent) to 1 (the same).

    Shapes and errors as in `accuracy`. This is `sklearn.metrics.normalized_mutual_info_score`.

    Examples
    --------
    >>> nmi([0, 0, 1, 1], [5, 5, 2, 2])
    1.0
    """
    known, found = _labelled(labels, predicted)
    return float(normalized_mutual_info_score(known, found))


def used_classes(predicted: ArrayLike, classes: int, share: float = 0.01) -> int:
    """How many of a model's classes hold at least `share` of the samples.

    Parameters
    ----------
    predicted
        (n,) integers in 0...classes - 1.
    share
        Fraction of all samples, in [0, 1].

    Raises
    ------
    InputError
        Predictions that are not such integers, no predictions, or a share outside [0, 1].

    Examples
    --------
    >>> used_classes([0, 0, 0, 2], classes=5, share=0.25)
    2
    """
    found = _vector(predicted)
    if found.min() < 0 or found.max() >= classes:
        raise InputError(f"classes in 0...{classes - 1}", f"{found.min()} to {found.max()}", "the model's own number")
    if not 0.0 <= share <= 1.0:
        raise InputError("a share in [0, 1]", share, "share=0.01")
    return int((np.bincount(found, minlength=classes) >= share * len(found)).sum())


def ensemble_agreement(predictions: Sequence[ArrayLike]) -> float:
    """Mean NMI over all pairs of clusterings of the same samples: how far an ensemble agrees, without any labels.

    From 0 (independent) to 1 (all the same up to names), of at least two vectors (n,) of integers.

    Raises
    ------
    InputError
        Fewer than two clusterings, or clusterings of different lengths.

    Examples
    --------
    >>> ensemble_agreement([[0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1]])
    1.0
    """
    members = [_vector(prediction) for prediction in predictions]
    if len(members) < 2 or len({len(member) for member in members}) > 1:
        got = f"lengths {[len(member) for member in members]}"
        raise InputError("at least two clusterings of the same samples", got, "the predictions of two models")
    return float(np.mean([normalized_mutual_info_score(one, other) for one, other in combinations(members, 2)]))


def class_information(probabilities: ArrayLike) -> float:
    """How much the classes tell of the samples [nat]: mutual information of class and sample, without any labels.

    The entropy of the mean probabilities less the mean of their entropies (Bridle, Heading and MacKay 1991,
    "Unsupervised classifiers, mutual information and phantom targets"). It is largest, log(classes), where every sample
    has its class and all classes are equally large: a class that holds two kinds of sample while two others share one
    has less. So it tells good from bad where kinds are about equally frequent, and misleads where they are not.

    Raises
    ------
    InputError
        Not a matrix (n, classes) with samples, or not probabilities.

    Examples
    --------
    >>> class_information([[1, 0], [0, 1]])  # log 2
    0.693...
    >>> class_information([[0.5, 0.5], [0.5, 0.5]])
    0.0
    """
    probs = np.asarray(probabilities, dtype=float)
    proper = probs.ndim == 2 and probs.size and (probs >= -1e-6).all() and np.allclose(probs.sum(axis=1), 1, atol=1e-3)
    if not proper:
        got = f"shape {probs.shape}"
        raise InputError("probabilities (n, classes), n at least 1", got, "model.predict_proba(images)")
    return float(entr(probs.mean(axis=0).clip(0)).sum() - entr(probs.clip(0)).sum(axis=1).mean())


def match_classes(reference: ArrayLike, other: ArrayLike) -> NDArray[np.int64]:
    """Which class of `other` each class of `reference` is: the one-to-one assignment with the largest overlap.

    Both are probabilities (n, classes) of the same samples; `other[:, match_classes(reference, other)]` is in the
    reference's order. What comes back is a permutation, (classes,) integers (Kuhn 1955, the Hungarian method).

    Raises
    ------
    InputError
        Not two matrices of one shape.

    Examples
    --------
    >>> match_classes([[0.9, 0.1], [0.2, 0.8]], [[0.3, 0.7], [0.9, 0.1]])
    array([1, 0])
    """
    one, two = np.asarray(reference, dtype=float), np.asarray(other, dtype=float)
    if one.ndim != 2 or one.shape != two.shape or one.size == 0:
        got = f"shapes {one.shape} and {two.shape}"
        raise InputError("two (n, classes) arrays of the same samples", got, "model.predict_proba(images) of both")
    return linear_sum_assignment(one.T @ two, maximize=True)[1]


def _counts(labels: ArrayLike, predicted: ArrayLike) -> NDArray[np.int64]:
    return np.asarray(contingency_matrix(*_labelled(labels, predicted)))  # (classes, clusters)


def _labelled(labels: ArrayLike, predicted: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    known, found = _vector(labels), _vector(predicted)
    if len(known) != len(found):
        raise InputError("one cluster per label", f"{len(known)} labels, {len(found)} clusters", "the same samples")
    keep = known != _UNLABELLED
    if not keep.any():
        raise InputError("at least one labelled sample", "only -1", "ensemble_agreement, which needs no labels")
    return known[keep], found[keep]


def _vector(values: ArrayLike) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "biu":
        raise InputError("a vector of integers", f"{array.dtype} of shape {array.shape}", "model.predict(images)")
    return array.astype(np.int64)
