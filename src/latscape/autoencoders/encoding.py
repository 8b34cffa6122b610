"""From samples to posteriors and scores."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import ArrayLike

from latscape.autoencoders.fitted import FittedAutoencoder, FloatArray
from latscape.autoencoders.output import CLASS, CONTENT, FACTOR
from latscape.autoencoders.validation import elbo
from latscape.errors import InputError
from latscape.latent.estimates import ClassEstimate, Estimates, NormalEstimate, estimate
from latscape.latent.space import Posterior
from latscape.random import torch_generator


def encode(fitted: FittedAutoencoder, X: ArrayLike, y: ArrayLike | None = None) -> Estimates:
    """Posteriors by block name ("content", "rotation", "class", ...): arrays `.mean` and `.std`, or `.probs`.

    A model with a condition needs `y`; a "factor" is in the units of the fit.
    """
    parts = []
    for x, condition in fitted.chunks(X, y):
        with torch.inference_mode():
            parts.append(_estimates(fitted, fitted.model.infer(x, condition)))
    return {
        name: type(part)(*(np.concatenate(each) for each in zip(*(one[name] for one in parts), strict=True)))
        for name, part in parts[0].items()
    }


def _estimates(fitted: FittedAutoencoder, posterior: Mapping[str, Posterior]) -> Estimates:
    estimates = {name: estimate(q) for name, q in posterior.items()}
    if not fitted.model.classes:
        estimates.pop(CLASS, None)
    if isinstance(factor := estimates.get(FACTOR), NormalEstimate):
        scaling = fitted.statistics.factor_scaling
        estimates[FACTOR] = NormalEstimate(scaling.undo(factor.mean), factor.std * np.array(scaling.std))
    return estimates


def transform(fitted: FittedAutoencoder, X: ArrayLike, y: ArrayLike | None = None) -> FloatArray:
    """Posterior means of the content z, (n, latent)."""
    q = encode(fitted, X, y)[CONTENT]
    assert isinstance(q, NormalEstimate)
    return q.mean


def predict_proba(fitted: FittedAutoencoder, X: ArrayLike, y: ArrayLike | None = None) -> FloatArray:
    """Class probabilities q(class | x), (n, classes)."""
    if not fitted.model.classes:
        raise InputError("a model with classes", "classes=0", "latscape.jrvae(classes=4)")
    q = encode(fitted, X, y)[CLASS]
    assert isinstance(q, ClassEstimate)
    return q.probs


def score_samples(fitted: FittedAutoencoder, X: ArrayLike, y: ArrayLike | None = None, *, draws: int = 4) -> FloatArray:
    """ELBO of each sample [nat], (n,), all weights one, averaged over `draws` of the noise.

    With a `y` that tells classes or factors, it is the bound on log p(x, y) (Kingma et al. 2014, arXiv:1406.5298,
    eqs. 6 and 7); with one that is decoded or a condition, on log p(y | x) or log p(x | y).
    """
    if draws < 1:
        raise InputError("at least one draw", draws, "draws=4")
    data = fitted.input_data(X, y).source(fitted.statistics, fitted.device)
    generator, shape = torch_generator(fitted.seed, "score"), (len(data), fitted.model.noise_width)
    every = [elbo(fitted.model, data, torch.randn(shape, generator=generator)) for _ in range(draws)]
    return torch.stack(every).mean(dim=0).numpy()


def score(fitted: FittedAutoencoder, X: ArrayLike, y: ArrayLike | None = None) -> float:
    """Mean ELBO [nat per sample]; larger is better. See `score_samples`."""
    return float(score_samples(fitted, X, y).mean())
