"""Predicting what `y` told: classes, factors, or samples of another kind."""

from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from latscape.autoencoders import samples
from latscape.autoencoders.base import CHUNK
from latscape.autoencoders.decoding import Decoding
from latscape.autoencoders.encoding import FloatArray
from latscape.autoencoders.likelihoods import Likelihood
from latscape.autoencoders.model import CLASS, FACTOR, Autoencoder
from latscape.errors import InputError
from latscape.latent.blocks import CategoricalPosterior
from latscape.latent.estimates import ClassEstimate, NormalEstimate
from latscape.latent.space import no_class
from latscape.random import torch_generator


class Prediction(Decoding):
    """What a fitted autoencoder infers of samples whose `y` nobody knows."""

    def predict_proba(self, X: ArrayLike, y: ArrayLike | None = None) -> FloatArray:
        """Class probabilities, (n, classes)."""
        if not self._model.classes:
            raise InputError("a model with classes", "classes=0", "latscape.jrvae(classes=4)")
        q = self.encode(X, y)[CLASS]
        assert isinstance(q, ClassEstimate)
        return q.probs

    def predict(
        self, X: ArrayLike, y: ArrayLike | None = None, *, return_std: bool = False, draws: int = 32
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
        if self._known.paired:
            mean, std = self._decoded(X, draws)
        elif self._known.inferred:
            q = self.encode(X)[FACTOR]
            assert isinstance(q, NormalEstimate)
            mean, std = (part[:, 0] if part.shape[1] == 1 else part for part in q)
        elif return_std:
            raise InputError("a model of continuous y for return_std", "classes", "predict_proba(X)")
        else:
            return self.predict_proba(X, y).argmax(axis=1)
        return (mean, std) if return_std else mean

    def _decoded(self, X: ArrayLike, draws: int) -> tuple[FloatArray, FloatArray]:
        if draws < 1:
            raise InputError("at least one draw", draws, "draws=32")
        model, x = self._model, self._flat(X)
        # Every sample is given the same noise, so that its prediction does not depend on its neighbours.
        noise = torch.randn(draws, model.noise_width, generator=torch_generator(self.seed, "predict")).to(x.device)
        with torch.inference_mode():
            parts = [decoded_moments(model, part, noise) for part in x.split(CHUNK)]
        mean, std = (torch.cat(moment).float() for moment in zip(*parts, strict=True))
        return samples.unflatten(mean, self.facts_.output), samples.unflatten(std, self.facts_.output)


def decoded_moments(model: Autoencoder, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation (batch, values) of what is decoded from q(z, class | x), by draws of noise (draws, width)."""
    posterior = model.encode(x)
    label = posterior.get(CLASS)
    probs = label.probs if isinstance(label, CategoricalPosterior) else no_class(len(x), x)
    first, second = [], []
    for row in noise:
        means = model.likelihood.mean(model.decode(model.latent.sample(posterior, row.expand(len(x), -1)))).double()
        first.append((probs[:, :, None] * means).sum(dim=1))
        second.append((probs[:, :, None] * means.square()).sum(dim=1))
    mean = torch.stack(first).mean(dim=0)
    return mean, (torch.stack(second).mean(dim=0) - mean.square()).clamp(min=0.0).add(own(model.likelihood) ** 2).sqrt()


def own(likelihood: Likelihood) -> float:
    """The deviation a likelihood has beside its mean, in the unit of the samples; zero for those without a sigma."""
    return float(getattr(likelihood, "sigma", 0.0))
