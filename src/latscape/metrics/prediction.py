"""Predictions of one kind of data from another: baselines, an error of which 1 is the mean's, calibrated deviations."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

Array = NDArray[np.floating]


class Prediction(NamedTuple):
    """Mean and standard deviation, each (n, values)."""

    mean: Array
    std: Array


def mean_of_all(y: Array, n: int) -> Prediction:
    """The mean of all known samples `y`, for n new ones: the error that 1 stands for."""
    known = as_rows(y)
    shape = n, known.shape[1]
    return Prediction(np.broadcast_to(known.mean(axis=0), shape), np.broadcast_to(known.std(axis=0), shape))


def mean_of_class(y: Array, labels: NDArray[np.integer], new: NDArray[np.integer]) -> Prediction:
    """The mean of the class, for samples of the classes `new`."""
    known, (mean, std) = as_rows(y), (part.copy() for part in mean_of_all(y, len(new)))
    for label in np.unique(labels):
        here = labels == label
        mean[new == label], std[new == label] = known[here].mean(axis=0), known[here].std(axis=0)
    return Prediction(mean, std)


def ridge_prediction(x: Array, y: Array, new: Array, components: int = 30) -> Prediction:
    """Ridge regression of y on principal components of x, its deviation from five-fold cross-validation."""
    x, y = as_rows(x), as_rows(y)
    parts = min(components, x.shape[1], len(x) // 2)
    model = make_pipeline(PCA(parts, random_state=0), StandardScaler(), RidgeCV(np.logspace(-2, 4, 13)))
    off = np.asarray(cross_val_predict(model, x, y, cv=5), dtype=float).reshape(y.shape) - y  # pyright: ignore[reportArgumentType]
    mean = model.fit(x, y).predict(as_rows(new)).reshape(len(new), -1)
    return Prediction(mean, np.broadcast_to(np.sqrt((off**2).mean(axis=0)), mean.shape))


def calibrate_deviations(prediction: tuple[Array, Array], left: tuple[Array, Array], truth: Array) -> Prediction:
    """Deviations times the root mean square of the errors in units of them, of each value, on samples kept out.

    `left` is what was predicted of these, `truth` what they are.
    """
    mean, std = (as_rows(part) for part in left)
    factor = np.sqrt((((mean - as_rows(truth)) / np.maximum(std, np.finfo(np.float32).tiny)) ** 2).mean(axis=0))
    return Prediction(as_rows(prediction[0]), as_rows(prediction[1]) * factor)


def score_predictions(predictions: Mapping[str, Prediction], y: Array, truth: Array) -> dict[str, dict[str, float]]:
    """Scores of every prediction of `truth`, where `y` was known.

    They are {name: {error, within_1, within_2}}: root mean square error over that of the mean of what was known;
    share of values within one and two of the predicted standard deviations, for a calibrated normal one 0.68 and 0.95.

    Examples
    --------
    >>> y = np.array([[-1.0], [1.0]])
    >>> score_predictions({"mean": mean_of_all(y, 2)}, y, y)
    {'mean': {'error': 1.0, 'within_1': 1.0, 'within_2': 1.0}}
    """
    true = as_rows(truth)
    scale = np.sqrt(np.mean((mean_of_all(y, len(true)).mean - true) ** 2))
    scores = {}
    for name, (mean, std) in predictions.items():
        off = np.abs(mean - true)
        scores[name] = {
            "error": float(np.sqrt(np.mean(off**2)) / scale),
            "within_1": float((off <= std).mean()),
            "within_2": float((off <= 2 * std).mean()),
        }
    return scores


def as_rows(values: Array) -> Array:
    """Samples as rows (n, values) in double precision."""
    return np.asarray(values, dtype=float).reshape(len(values), -1)
