"""Predicting what `y` told: classes, factors, or samples of another kind."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from latscape.autoencoders.encoding import encode, predict_proba
from latscape.autoencoders.fitted import FittedAutoencoder, FloatArray
from latscape.autoencoders.likelihoods import Likelihood
from latscape.autoencoders.model import Autoencoder
from latscape.autoencoders.output import CLASS, FACTOR
from latscape.errors import InputError
from latscape.latent.blocks import CategoricalPosterior
from latscape.latent.estimates import NormalEstimate
from latscape.latent.space import Posterior, no_class
from latscape.random import torch_generator


def predict(
    fitted: FittedAutoencoder, X: ArrayLike, y: ArrayLike | None = None, *, return_std: bool = False, draws: int = 32
) -> Any:  # one array or two, as in scikit-learn's regressors
    """What the fit's `y` would be: the most probable class, the mean factor, or the mean decoded sample.

    Parameters
    ----------
    X : array, as in the fit
    y : array, length n, optional
        The condition, for a model that has one.
    return_std : bool
        Also return standard deviations; classes have none, see `predict_proba`.
    draws : int
        Of the latents, all from one seed, over which decoded samples are averaged; the deviation is that of the
        decoded draws and, where the likelihood has one of its own, of it: the law of total variance.

    Returns
    -------
    ndarray, shape (n,), (n, width) or (n, *shape of y), or two such arrays
    """
    if fitted.supervision.paired:
        mean, std = _decoded(fitted, X, draws)
    elif fitted.supervision.inferred:
        q = encode(fitted, X)[FACTOR]
        assert isinstance(q, NormalEstimate)
        mean, std = (part[:, 0] if part.shape[1] == 1 else part for part in q)
    elif return_std:
        raise InputError("a model of continuous y for return_std", "classes", "predict_proba(X)")
    else:
        return predict_proba(fitted, X, y).argmax(axis=1)
    return (mean, std) if return_std else mean


def _decoded(fitted: FittedAutoencoder, X: ArrayLike, draws: int) -> tuple[FloatArray, FloatArray]:
    model = fitted.model
    noise = common_noise(draws, model.noise_width, fitted.seed).to(fitted.device)
    parts = []
    with torch.inference_mode():
        for x, _ in fitted.chunks(X):
            q = model.encode(x)
            label = q.get(CLASS)
            probs = label.probs if isinstance(label, CategoricalPosterior) else no_class(len(x), x)
            draw = partial(_draw, model, q, len(x))
            parts.append(moments(draw, noise, probs, observation_std(model.likelihood)))
    mean, std = (torch.cat(moment) for moment in zip(*parts, strict=True))
    return fitted.unflatten(mean), fitted.unflatten(std)


def _draw(model: Autoencoder, q: Mapping[str, Posterior], n: int, noise: Tensor) -> Tensor:
    return model.likelihood.mean(model.decode(model.latent.sample(q, noise.expand(n, -1))))


def common_noise(draws: int, width: int, seed: int) -> Tensor:
    """Noise (draws, width) that every sample is given alike, so that no prediction depends on its neighbours."""
    if draws < 1:
        raise InputError("at least one draw", draws, "draws=32")
    return torch.randn(draws, width, generator=torch_generator(seed, "predict"))


def moments(
    draw: Callable[[Tensor], Tensor],  # noise (width,) to means (batch, classes, values)
    noise: Tensor,  # (draws, width)
    probs: Tensor,  # (batch, classes)
    sigma: float,  # deviation of the likelihood around each mean
) -> tuple[Tensor, Tensor]:
    """Mean and deviation (batch, values) over draws and classes: the law of total variance."""
    weights = probs[:, :, None].cpu().double() / len(noise)
    mean = square = torch.zeros(1, 1, dtype=torch.float64)
    for row in noise:
        decoded = draw(row).cpu().double()  # squares of float32 would cancel below
        mean = mean + (weights * decoded).sum(dim=1)
        square = square + (weights * decoded.square()).sum(dim=1)
    variance = (square - mean.square()).clamp(min=0.0) + sigma**2
    return mean.float(), variance.sqrt().float()


def observation_std(likelihood: Likelihood) -> float:
    """The deviation a likelihood has beside its mean, in the unit of the samples; zero for those without a sigma."""
    return float(getattr(likelihood, "sigma", 0.0))
