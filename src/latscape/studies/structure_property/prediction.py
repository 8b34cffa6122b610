"""One kind of data from another: models and simple baselines, scored by one error and by their deviations."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from latscape.autoencoders import Gaussian, dual_vae, ved
from latscape.curves import cooldown
from latscape.nets import DenseDecoder, DenseEncoder
from latscape.random import numpy_generator

Array = NDArray[np.floating]
Prediction = tuple[Array, Array]  # mean and standard deviation, (n, values)
Arrays = tuple[NDArray[Any], ...]
#: `(name, compute) -> arrays`: computes what is not kept by that name; `compute` takes what `VAE.fit` takes.
Keep = Callable[[str, Callable[..., Arrays]], Arrays]


@dataclass(frozen=True)
class Pairs:
    """Samples of two kinds of the same things, (n, ...) each, and perhaps a class of each, (n,)."""

    x: Array
    y: Array
    labels: NDArray[np.integer] | None = None

    def back(self) -> "Pairs":
        """The other way round."""
        return Pairs(self.y, self.x, self.labels)


@dataclass(frozen=True)
class Training:
    """How the two models learn: `epochs` passes over 2,000 pairs, over fewer so many that the steps are as many."""

    latent: int = 8
    epochs: int = 60
    batch_size: int = 50
    seed: int = 0

    def options(self, pairs: int) -> dict[str, Any]:
        """What both take."""
        return {
            "latent": self.latent,
            "epochs": max(self.epochs, round(self.epochs * 2000 / pairs)),
            "batch": self.batch_size,
            "learning_rate": cooldown(2e-3, 2e-4, start=0.5, end=1.0),
            "seed": self.seed,
        }


def mean_of_all(train: Pairs, test: Pairs) -> Prediction:
    """The mean of the training pairs: the error that 1 stands for."""
    y = _flat(train.y)
    shape = len(test.x), y.shape[1]
    return np.broadcast_to(y.mean(axis=0), shape), np.broadcast_to(y.std(axis=0), shape)


def mean_of_class(train: Pairs, test: Pairs) -> Prediction:
    """The mean of the class, for which both must have labels."""
    assert train.labels is not None
    assert test.labels is not None
    y, mean, std = _flat(train.y), *(array.copy() for array in mean_of_all(train, test))
    for label in np.unique(train.labels):
        here = train.labels == label
        mean[test.labels == label], std[test.labels == label] = y[here].mean(axis=0), y[here].std(axis=0)
    return mean, std


def ridge(train: Pairs, test: Pairs, components: int = 30) -> Prediction:
    """Ridge regression on principal components, its deviation from five-fold cross-validation."""
    x, y = _flat(train.x), _flat(train.y)
    parts = min(components, x.shape[1], len(x) // 2)
    model = make_pipeline(PCA(parts, random_state=0), StandardScaler(), RidgeCV(np.logspace(-2, 4, 13)))
    off = np.asarray(cross_val_predict(model, x, y, cv=5), dtype=float).reshape(y.shape) - y  # pyright: ignore[reportArgumentType]
    mean = model.fit(x, y).predict(_flat(test.x)).reshape(len(test.x), -1)
    return mean, np.broadcast_to(np.sqrt((off**2).mean(axis=0)), mean.shape)


def encoder_decoder(train: Pairs, test: Pairs, training: Training, **fit: Any) -> Prediction:
    """Variational encoder-decoder, its deviations scaled to the errors on a tenth of the pairs it did not learn.

    `fit` takes further options of `VAE.fit`, such as a checkpoint.
    """
    learned, left = _calibration_split(train, training.seed)
    model = ved(encoder=_ENCODER, decoder=_DECODER, likelihood=_NOISE, **training.options(len(learned.x)))
    model.fit(learned.x, learned.y, **fit)
    return _calibrated(model.predict(left.x, return_std=True), left.y, model.predict(test.x, return_std=True))


def dual_model(train: Pairs, test: Pairs, training: Training, **fit: Any) -> tuple[Array, Array, Array, Array]:
    """One dual model: mean and deviation of y from x, and of x from y; otherwise as in `encoder_decoder`."""
    learned, left = _calibration_split(train, training.seed)
    twice = {"encoders": (_ENCODER,) * 2, "decoders": (_DECODER,) * 2, "likelihoods": (_NOISE,) * 2}
    model = dual_vae(**twice, **training.options(len(learned.x))).fit(learned.x, learned.y, **fit)
    there = model.predict(left.x, return_std=True), left.y, model.predict(test.x, return_std=True)
    back = model.predict_back(left.y, return_std=True), left.x, model.predict_back(test.y, return_std=True)
    return *_calibrated(*there), *_calibrated(*back)


def _calibration_split(pairs: Pairs, seed: int) -> tuple[Pairs, Pairs]:
    """Nine tenths and the rest."""
    order = numpy_generator(seed, "calibration").permutation(len(pairs.x))
    middle = len(order) - max(2, len(order) // 10)
    learned, left = (Pairs(pairs.x[part], pairs.y[part]) for part in (order[:middle], order[middle:]))
    return learned, left


def _calibrated(left: Prediction, truth: Array, test: Prediction) -> Prediction:
    """Every value's deviation times the root mean square of its errors in units of the deviation, on pairs kept out."""
    mean, std = (_flat(part) for part in left)
    factor = np.sqrt((((mean - _flat(truth)) / np.maximum(std, np.finfo(np.float32).tiny)) ** 2).mean(axis=0))
    return _flat(test[0]), _flat(test[1]) * factor


_ENCODER, _DECODER = DenseEncoder((256, 256), "gelu"), DenseDecoder((256, 256), "gelu")
_NOISE = Gaussian(0.1, learned=True)


def score_predictions(predictions: dict[str, Prediction], train: Pairs, test: Pairs) -> dict[str, dict[str, float]]:
    """Scores of every prediction of `test`.

    They are {name: {error, within_1, within_2}}: root mean square error over that of the mean of the training pairs;
    share of values within one and two of the predicted standard deviations, for a calibrated normal one 0.68 and 0.95.

    Examples
    --------
    >>> train = Pairs(np.zeros((2, 1)), np.array([[-1.0], [1.0]]))
    >>> score_predictions({"mean": mean_of_all(train, train)}, train, train)
    {'mean': {'error': 1.0, 'within_1': 1.0, 'within_2': 1.0}}
    """
    true = _flat(test.y)
    scale = np.sqrt(np.mean((mean_of_all(train, test)[0] - true) ** 2))
    scores = {}
    for name, (mean, std) in predictions.items():
        off = np.abs(mean - true)
        scores[name] = {
            "error": float(np.sqrt(np.mean(off**2)) / scale),
            "within_1": float((off <= std).mean()),
            "within_2": float((off <= 2 * std).mean()),
        }
    return scores


def predict_forward(train: Pairs, test: Pairs, training: Training, keep: Keep, way: str) -> dict[str, Prediction]:
    """y from x by the mean (of the class too, where there are labels), ridge regression and an encoder-decoder."""
    found = {"mean": mean_of_all(train, test)}
    if train.labels is not None:
        found["class mean"] = mean_of_class(train, test)
    found["ridge"] = _pair(keep(f"ridge-{way}", lambda **fit: ridge(train, test)))
    found["VED"] = _pair(keep(f"VED-{way}", partial(encoder_decoder, train, test, training)))
    return found


def predict_both_ways(train: Pairs, test: Pairs, training: Training, keep: Keep) -> dict[str, dict[str, Prediction]]:
    """All of them, {"there": {name: prediction}, "back": ...}."""
    found = {
        "there": predict_forward(train, test, training, keep, "there"),
        "back": predict_forward(train.back(), test.back(), training, keep, "back"),
    }
    both = keep("dual-VAE", partial(dual_model, train, test, training))
    found["there"]["dual VAE"], found["back"]["dual VAE"] = _pair(both[:2]), _pair(both[2:])
    return found


def _pair(arrays: Arrays) -> Prediction:
    return arrays[0], arrays[1]


def _flat(values: Array) -> Array:
    return np.asarray(values, dtype=float).reshape(len(values), -1)
