"""One kind of data from another, by our models and by simple baselines."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders import Gaussian, dual_vae, ved
from latscape.curves import cooldown
from latscape.metrics.prediction import (
    Array,
    Prediction,
    calibrate_deviations,
    mean_of_all,
    mean_of_class,
    ridge_prediction,
)
from latscape.nets import DenseDecoder, DenseEncoder
from latscape.random import numpy_generator
from latscape.studies.structure_property.spec import StructurePropertySpec

Arrays = tuple[NDArray[Any], ...]
#: `(name, compute, training=False) -> arrays`: computes what is not kept by that name; `compute` of a training takes
#: what `VAE.fit` takes.
Keep = Callable[..., Arrays]


class Pairs(NamedTuple):
    """Samples of two kinds of the same things, (n, ...) each, and perhaps a class of each, (n,)."""

    x: Array
    y: Array
    labels: NDArray[np.integer] | None = None

    def back(self) -> "Pairs":
        """The other way round."""
        return Pairs(self.y, self.x, self.labels)


def training_options(spec: StructurePropertySpec, pairs: int) -> dict[str, Any]:
    """How both models learn: `epochs` passes over 2,000 pairs, over fewer so many that the steps are as many."""
    return {
        "latent": spec.latent,
        "epochs": max(spec.epochs, round(spec.epochs * 2000 / pairs)),
        "batch": 50,
        "learning_rate": cooldown(2e-3, 2e-4, start=0.5, end=1.0),
        "seed": spec.seed,
    }


_ENCODER, _DECODER = DenseEncoder((256, 256), "gelu"), DenseDecoder((256, 256), "gelu")
_NOISE = Gaussian(0.1, learned=True)


def encoder_decoder(train: Pairs, test: Pairs, spec: StructurePropertySpec, **fit: Any) -> Prediction:
    """Variational encoder-decoder, its deviations scaled to the errors on a tenth of the pairs it did not learn.

    `fit` takes further options of `VAE.fit`, such as a checkpoint.
    """
    learned, left = _calibration_split(train, spec.seed)
    model = ved(encoder=_ENCODER, decoder=_DECODER, likelihood=_NOISE, **training_options(spec, len(learned.x)))
    model.fit(learned.x, learned.y, **fit)
    predict = partial(model.predict, return_std=True)
    return calibrate_deviations(predict(test.x), predict(left.x), left.y)


def dual_model(train: Pairs, test: Pairs, spec: StructurePropertySpec, **fit: Any) -> Arrays:
    """One dual model: mean and deviation of y from x, and of x from y; otherwise as in `encoder_decoder`."""
    learned, left = _calibration_split(train, spec.seed)
    twice = {"encoders": (_ENCODER,) * 2, "decoders": (_DECODER,) * 2, "likelihoods": (_NOISE,) * 2}
    model = dual_vae(**twice, **training_options(spec, len(learned.x))).fit(learned.x, learned.y, **fit)
    there, back = (partial(one, return_std=True) for one in (model.predict, model.predict_back))
    return *calibrate_deviations(there(test.x), there(left.x), left.y), *calibrate_deviations(
        back(test.y), back(left.y), left.x
    )


def _calibration_split(pairs: Pairs, seed: int) -> tuple[Pairs, Pairs]:
    """Nine tenths and the rest."""
    order = numpy_generator(seed, "calibration").permutation(len(pairs.x))
    middle = len(order) - max(2, len(order) // 10)
    learned, left = (Pairs(pairs.x[part], pairs.y[part]) for part in (order[:middle], order[middle:]))
    return learned, left


def predict_forward(
    train: Pairs, test: Pairs, spec: StructurePropertySpec, keep: Keep, way: str
) -> dict[str, Prediction]:
    """y from x by the mean (of the class too, where there are labels), ridge regression and an encoder-decoder."""
    found = {"mean": mean_of_all(train.y, len(test.x))}
    if train.labels is not None and test.labels is not None:
        found["class mean"] = mean_of_class(train.y, train.labels, test.labels)
    found["ridge"] = Prediction(*keep(f"ridge-{way}", partial(ridge_prediction, train.x, train.y, test.x)))
    found["VED"] = Prediction(*keep(f"VED-{way}", partial(encoder_decoder, train, test, spec), training=True))
    return found


def predict_both_ways(
    train: Pairs, test: Pairs, spec: StructurePropertySpec, keep: Keep
) -> dict[str, dict[str, Prediction]]:
    """All of them, {"there": {name: prediction}, "back": ...}."""
    there = predict_forward(train, test, spec, keep, "there")
    back = predict_forward(train.back(), test.back(), spec, keep, "back")
    both = keep("dual-VAE", partial(dual_model, train, test, spec), training=True)
    return {
        "there": there | {"dual VAE": Prediction(*both[:2])},
        "back": back | {"dual VAE": Prediction(*both[2:])},
    }
