"""From samples to posteriors and scores."""

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.autoencoders import samples
from latscape.autoencoders.base import CHUNK, Estimator
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.facts import Facts
from latscape.autoencoders.known import Known
from latscape.autoencoders.likelihoods import ANYWHERE, Likelihood
from latscape.autoencoders.model import CLASS, CONDITION, CONTENT, FACTOR, Autoencoder, negative_elbo
from latscape.errors import InputError
from latscape.geometry.pose import Rotation
from latscape.latent.blocks import CategoricalPosterior
from latscape.latent.estimates import ClassEstimate, Estimates, NormalEstimate, estimate
from latscape.latent.space import Posterior
from latscape.random import torch_generator

FloatArray = NDArray[np.floating]


class Encoding(Estimator[Autoencoder]):
    """What a fitted autoencoder says of samples; `y` is read as in its fit, and only where it is told more by it."""

    shape_: samples.Shape
    facts_: Facts

    def encode(self, X: ArrayLike, y: ArrayLike | None = None) -> Estimates:
        """Posteriors by block name ("content", "rotation", "class", ...): arrays `.mean` and `.std`, or `.probs`.

        A model with a condition needs `y`; a "factor" is in the units of the fit.
        """
        x = self._flat(X)
        with torch.inference_mode():
            posterior = self._model.encode(x, self._condition(y, len(x)))
        found = {name: estimate(q) for name, q in posterior.items()}
        if self._model.starts > 1:
            found[Rotation.name] = self._turned(found[Rotation.name], posterior[CLASS])
        if not self._model.classes:
            found.pop(CLASS, None)
        if isinstance(factor := found.get(FACTOR), NormalEstimate):
            scaling = self.facts_.known
            found[FACTOR] = NormalEstimate(scaling.undo(factor.mean), factor.std * np.array(scaling.std))
        return found

    def transform(self, X: ArrayLike, y: ArrayLike | None = None) -> FloatArray:
        """Posterior means of the content, (n, latent)."""
        q = self.encode(X, y)[CONTENT]
        assert isinstance(q, NormalEstimate)
        return q.mean

    def score_samples(self, X: ArrayLike, y: ArrayLike | None = None, *, draws: int = 4) -> FloatArray:
        """ELBO of each sample [nat], (n,), all weights one, averaged over `draws` of the noise.

        With a `y` that tells classes or factors, it is the bound on log p(x, y) (Kingma et al. 2014, arXiv:1406.5298,
        eqs. 6 and 7); with one that is decoded or a condition, on log p(y | x) or log p(x | y).
        """
        if draws < 1:
            raise InputError("at least one draw", draws, "draws=4")
        data = batch_of(self._flat(X), y, self._model.likelihood, self._known, self.facts_)
        generator = torch_generator(self.seed, "score")
        total = torch.zeros(len(data), dtype=torch.float64)
        with torch.inference_mode():
            for _ in range(draws):
                for part in torch.arange(len(data)).split(CHUNK):
                    noise = torch.randn(len(part), self._model.noise_width, generator=generator).to(data.x.device)
                    output = self._model(data.take(part.to(data.x.device)), noise)
                    total[part] -= negative_elbo(output).double().cpu()
        return (total / draws).numpy()

    def score(self, X: ArrayLike, y: ArrayLike | None = None) -> float:
        """Mean ELBO [nat per sample]; larger is better. See `score_samples`."""
        return float(self.score_samples(X, y).mean())

    def _turned(self, angle: NormalEstimate | ClassEstimate, q: Posterior) -> NormalEstimate:
        """The angle with that of its most probable start added, in [-pi, pi]."""
        assert isinstance(angle, NormalEstimate)
        assert isinstance(q, CategoricalPosterior)
        start = (q.best % q.starts).cpu().numpy()[:, None]
        total = angle.mean + 2.0 * np.pi / q.starts * start
        return NormalEstimate(np.arctan2(np.sin(total), np.cos(total)).astype(angle.mean.dtype), angle.std)

    @property
    def _known(self) -> Known:
        """What y told in the fit, whatever the option says now."""
        _ = self._model
        return self.options_["known"]

    def _condition(self, y: ArrayLike | None, n: int) -> Tensor | None:
        known = self._known
        return known.latents(y, n, self.facts_)[CONDITION].to(self._place) if known.condition else None

    def _flat(self, X: ArrayLike) -> Tensor:
        likelihood, known = self._model.likelihood, self._known
        data = checked(X, likelihood, known, least=1)
        if data.shape[1:] != self.shape_:
            raise InputError(f"samples of shape {self.shape_}", data.shape[1:], "samples as they were in fit")
        return samples.flatten(data, self._place)


def checked(X: ArrayLike, likelihood: Likelihood, known: Known, *, least: int) -> NDArray[np.float32]:
    """Samples to encode; they are what is decoded as well, unless `y` is, so the likelihood must take them."""
    return samples.check(X, support=ANYWHERE if known.paired else likelihood.support, least=least)


def batch_of(x: Tensor, y: ArrayLike | None, likelihood: Likelihood, known: Known, facts: Facts) -> Batch:
    """Flat samples with what `y` tells, which the likelihood must take if it is to be decoded."""
    data = known.batch(x, y, facts)
    if data.other is not None:
        samples.check(data.other.cpu().numpy(), support=likelihood.support, least=1)
    return data
