"""What can be read from latents: cross-validated probes, and the correlation of angles."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from latscape.errors import InputError


def linear_probe(latents: ArrayLike, target: ArrayLike, *, folds: int = 5, seed: int = 0) -> float:
    """How well the target is a linear function of the latents, on samples the function was not fitted to.

    Parameters
    ----------
    latents
        (n, width) real numbers, standardized before the fit.
    target
        (n,) integers are labels; (n,) or (n, k) other numbers are quantities, such as the cosine and sine of an angle.
    folds
        Of the cross-validation; all its predictions together are scored once.
    seed
        Of the split.

    Returns
    -------
    float
        Accuracy of a logistic regression for labels; R2 of a linear one for quantities, of which those that vary most
        count most (explained over total sum of squares of all columns). R2 of no knowledge is 0 or slightly below.

    Raises
    ------
    InputError
        For arrays of other shapes or lengths, not finite, fewer samples than folds, or a target that is constant.

    Examples
    --------
    >>> latents = np.random.default_rng(0).normal(size=(200, 2))
    >>> round(linear_probe(latents, latents @ [1.0, -2.0]), 3)
    1.0
    """
    return _probe(LogisticRegression(), LinearRegression(), latents, target, folds, seed)


def knn_probe(latents: ArrayLike, target: ArrayLike, *, neighbours: int = 10, folds: int = 5, seed: int = 0) -> float:
    """How well the nearest latents tell the target: as `linear_probe`, for any smooth function of the latents.

    Examples
    --------
    >>> latents = np.random.default_rng(0).normal(size=(1000, 2))
    >>> round(knn_probe(latents, (latents**2).sum(axis=1)), 1)
    0.9
    """
    if neighbours < 1:
        raise InputError("at least one neighbour", neighbours, "neighbours=10")
    return _probe(KNeighborsClassifier(neighbours), KNeighborsRegressor(neighbours), latents, target, folds, seed)


def circular_correlation(a: ArrayLike, b: ArrayLike) -> float:
    """Correlation of angles (n,) [rad] that neither an offset nor the choice of zero changes.

    1 if b = a + constant, -1 if b = constant - a, near 0 for independent angles; NaN if one of the two does not vary.
    Fisher and Lee's coefficient (doi:10.1093/biomet/70.2.327) is the sum of sin(a_i - a_j) sin(b_i - b_j) over all
    pairs, divided by the geometric mean of the same sums for a with a and for b with b. For what looks the same after a
    turn by 2 pi / m, give m times the angles.

    Raises
    ------
    InputError
        Not two finite vectors of one length.

    Examples
    --------
    >>> a = np.linspace(-2, 2, 50)
    >>> circular_correlation(a, a + 3.0), circular_correlation(a, -a)
    (1.0, -1.0)
    """
    x, y = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if x.ndim != 1 or x.shape != y.shape or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("two finite vectors of one length", f"shapes {x.shape} and {y.shape}", "angles [rad], (n,)")
    # sin(a_i - a_j) is the determinant of two unit vectors, and by Cauchy and Binet the sum over all pairs of products
    # of such determinants is the determinant of the 2 x 2 moments: no pair has to be visited.
    u, v = np.stack([np.cos(x), np.sin(x)]), np.stack([np.cos(y), np.sin(y)])
    both, first, second = (np.linalg.det(p @ q.T) for p, q in ((u, v), (u, u), (v, v)))
    return float(np.clip(both / np.sqrt(first * second), -1.0, 1.0)) if first > 0 < second else float("nan")


def _probe(
    classifier: BaseEstimator, regressor: BaseEstimator, latents: ArrayLike, target: ArrayLike, folds: int, seed: int
) -> float:
    features, wanted = _check(latents, target, folds)
    labels = wanted.dtype.kind in "biu"
    model = make_pipeline(StandardScaler(), classifier if labels else regressor)
    found = cross_val_predict(model, features, wanted, cv=KFold(folds, shuffle=True, random_state=seed))
    return float(accuracy_score(wanted, found) if labels else r2_score(wanted, found, multioutput="variance_weighted"))


def _check(latents: ArrayLike, target: ArrayLike, folds: int) -> tuple[NDArray[np.float64], NDArray]:
    features, wanted = np.asarray(latents, dtype=float), np.asarray(target)
    if features.ndim != 2 or wanted.ndim not in (1, 2) or len(features) != len(wanted):
        got = f"shapes {features.shape} and {wanted.shape}"
        raise InputError("latents (n, width) with one target each", got, "linear_probe(model.transform(x), y)")
    if not 2 <= folds <= len(features):
        raise InputError(f"folds between 2 and the {len(features)} samples", folds, "folds=5")
    if wanted.dtype.kind not in "biuf" or not (np.isfinite(features).all() and np.isfinite(wanted).all()):
        got = f"latents, and a target of dtype {wanted.dtype}"
        raise InputError("finite numbers", got, "leave out what is unknown")
    if np.ptp(wanted, axis=0).max() == 0:
        raise InputError("a target that differs somewhere", "the same value for every sample", "another target")
    return features, wanted
