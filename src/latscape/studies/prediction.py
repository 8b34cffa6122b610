"""One kind of data from another: models and simple baselines, judged by one error and by their deviations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from latscape.autoencoders.likelihoods import Gaussian
from latscape.autoencoders.presets import dual_vae, ved
from latscape.curves import cooldown
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import DenseEncoder
from latscape.random import numpy_generator

Array = NDArray[np.floating]
Prediction = tuple[Array, Array]  # mean and standard deviation, (n, values)


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
    """How the two models learn: `cycles` passes over 2,000 pairs, over fewer so many that the steps are as many."""

    latent: int = 8
    cycles: int = 60
    batch: int = 50
    seed: int = 0

    def options(self, pairs: int) -> dict[str, Any]:
        """What both take."""
        return {
            "latent": self.latent,
            "cycles": max(self.cycles, round(self.cycles * 2000 / pairs)),
            "batch": self.batch,
            "learning_rate": cooldown(2e-3, 2e-4, start=0.5, end=1.0),
            "seed": self.seed,
        }


def mean_of_all(known: Pairs, new: Pairs) -> Prediction:
    """The mean of what is known: the error that 1 stands for.

    Examples
    --------
    >>> known = Pairs(np.zeros((3, 2)), np.array([[0.0], [1.0], [2.0]]))
    >>> mean_of_all(known, Pairs(np.zeros((1, 2)), np.zeros((1, 1))))[0]
    array([[1.]])
    """
    y = _flat(known.y)
    shape = len(new.x), y.shape[1]
    return np.broadcast_to(y.mean(axis=0), shape), np.broadcast_to(y.std(axis=0), shape)


def mean_of_class(known: Pairs, new: Pairs) -> Prediction:
    """The mean of the class, which somebody must have told."""
    assert known.labels is not None
    assert new.labels is not None
    y, mean, std = _flat(known.y), *(array.copy() for array in mean_of_all(known, new))
    for label in np.unique(known.labels):
        here = known.labels == label
        mean[new.labels == label], std[new.labels == label] = y[here].mean(axis=0), y[here].std(axis=0)
    return mean, std


def ridge(known: Pairs, new: Pairs, components: int = 30) -> Prediction:
    """Ridge regression on principal components, its deviation from five-fold cross-validation."""
    x, y = _flat(known.x), _flat(known.y)
    parts = min(components, x.shape[1], len(x) // 2)
    model = make_pipeline(PCA(parts, random_state=0), StandardScaler(), RidgeCV(np.logspace(-2, 4, 13)))
    off = np.asarray(cross_val_predict(model, x, y, cv=5), dtype=float).reshape(y.shape) - y  # pyright: ignore[reportArgumentType]
    mean = model.fit(x, y).predict(_flat(new.x)).reshape(len(new.x), -1)
    return mean, np.broadcast_to(np.sqrt((off**2).mean(axis=0)), mean.shape)


def encoder_decoder(known: Pairs, new: Pairs, training: Training) -> Prediction:
    """Variational encoder-decoder, its deviations scaled to the errors on a tenth of the pairs it did not learn."""
    learned, kept = _parted(known, training.seed)
    model = ved(encoder=_ENCODER, decoder=_DECODER, likelihood=_NOISE, **training.options(len(learned.x)))
    model.fit(learned.x, learned.y)
    return _calibrated(model.predict(kept.x, return_std=True), kept.y, model.predict(new.x, return_std=True))


def both_ways(known: Pairs, new: Pairs, training: Training) -> tuple[Prediction, Prediction]:
    """One dual model: y from x, and x from y; deviations as in `encoder_decoder`."""
    learned, kept = _parted(known, training.seed)
    model = dual_vae(
        encoders=(_ENCODER, _ENCODER),
        decoders=(_DECODER, _DECODER),
        likelihoods=(_NOISE, _NOISE),
        **training.options(len(learned.x)),
    ).fit(learned.x, learned.y)
    there = model.predict(kept.x, return_std=True), kept.y, model.predict(new.x, return_std=True)
    back = model.predict_back(kept.y, return_std=True), kept.x, model.predict_back(new.y, return_std=True)
    return _calibrated(*there), _calibrated(*back)


def _parted(known: Pairs, seed: int) -> tuple[Pairs, Pairs]:
    """Nine tenths and the rest."""
    order = numpy_generator(seed, "calibration").permutation(len(known.x))
    middle = len(order) - max(2, len(order) // 10)
    learned, kept = (Pairs(known.x[part], known.y[part]) for part in (order[:middle], order[middle:]))
    return learned, kept


def _calibrated(kept: Prediction, truth: Array, new: Prediction) -> Prediction:
    """Every value's deviation times the root mean square of its errors in units of the deviation, on pairs kept out."""
    mean, std = (_flat(part) for part in kept)
    factor = np.sqrt((((mean - _flat(truth)) / np.maximum(std, np.finfo(np.float32).tiny)) ** 2).mean(axis=0))
    return _flat(new[0]), _flat(new[1]) * factor


_ENCODER, _DECODER = DenseEncoder((256, 256), "gelu"), DenseDecoder((256, 256), "gelu")
_NOISE = Gaussian(0.1, learned=True)


def judged(predictions: dict[str, Prediction], known: Pairs, new: Pairs) -> dict[str, dict[str, float]]:
    """Scores of every prediction.

    Returns
    -------
    dict
        {name: {error, within_1, within_2}}: root mean square error over that of the mean of what is known; the share of
        values within one and two of the predicted standard deviations, for a calibrated normal one 0.68 and 0.95.

    Examples
    --------
    >>> known = Pairs(np.zeros((2, 1)), np.array([[-1.0], [1.0]]))
    >>> judged({"mean": mean_of_all(known, known)}, known, known)
    {'mean': {'error': 1.0, 'within_1': 1.0, 'within_2': 1.0}}
    """
    true = _flat(new.y)
    scale = np.sqrt(np.mean((mean_of_all(known, new)[0] - true) ** 2))
    scores = {}
    for name, (mean, std) in predictions.items():
        off = np.abs(mean - true)
        scores[name] = {
            "error": float(np.sqrt(np.mean(off**2)) / scale),
            "within_1": float((off <= std).mean()),
            "within_2": float((off <= 2 * std).mean()),
        }
    return scores


def predictions(
    known: Pairs, new: Pairs, training: Training, note: Callable[[str], None] = lambda text: None
) -> dict[str, dict[str, Prediction]]:
    """All of them, {"there": {name: prediction}, "back": ...}."""
    found: dict[str, dict[str, Prediction]] = {"there": {}, "back": {}}
    for way, one, other in (("there", known, new), ("back", known.back(), new.back())):
        found[way]["mean"] = mean_of_all(one, other)
        if known.labels is not None:
            found[way]["class mean"] = mean_of_class(one, other)
        note(f"ridge, {way}")
        found[way]["ridge"] = ridge(one, other)
        note(f"VED, {way}")
        found[way]["VED"] = encoder_decoder(one, other, training)
    note("dual VAE")
    found["there"]["dual VAE"], found["back"]["dual VAE"] = both_ways(known, new, training)
    return found


def _flat(values: Array) -> Array:
    return np.asarray(values, dtype=float).reshape(len(values), -1)
