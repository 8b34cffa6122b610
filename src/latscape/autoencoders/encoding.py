"""From samples to posteriors and scores."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.autoencoders import samples
from latscape.autoencoders.base import Estimator
from latscape.autoencoders.model import Autoencoder
from latscape.autoencoders.output import CLASS, CONDITION, CONTENT, FACTOR
from latscape.autoencoders.source import InputData
from latscape.autoencoders.statistics import DataStatistics
from latscape.autoencoders.supervision import Supervision
from latscape.autoencoders.validation import CHUNK, elbo
from latscape.errors import InputError
from latscape.latent.estimates import Estimates, NormalEstimate, estimate
from latscape.latent.space import Posterior
from latscape.random import torch_generator

FloatArray = NDArray[np.floating]


class Encoding(Estimator[Autoencoder]):
    """What a fitted autoencoder says of samples; `y` is read as in its fit, and only where it is told more by it."""

    shape_: samples.Shape
    statistics_: DataStatistics

    def encode(self, X: ArrayLike, y: ArrayLike | None = None) -> Estimates:
        """Posteriors by block name ("content", "rotation", "class", ...): arrays `.mean` and `.std`, or `.probs`.

        A model with a condition needs `y`; a "factor" is in the units of the fit.
        """
        parts = []
        for x, condition in self._flat_parts(X, y):
            with torch.inference_mode():
                parts.append(self._estimates(self._model.infer(x, condition)))
        return {
            name: type(part)(*(np.concatenate(each) for each in zip(*(one[name] for one in parts), strict=True)))
            for name, part in parts[0].items()
        }

    def _estimates(self, posterior: Mapping[str, Posterior]) -> Estimates:
        found = {name: estimate(q) for name, q in posterior.items()}
        if not self._model.classes:
            found.pop(CLASS, None)
        if isinstance(factor := found.get(FACTOR), NormalEstimate):
            scaling = self.statistics_.known
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
        data, generator = self._given(X, y).source(self.statistics_, self._place), torch_generator(self.seed, "score")
        width = self._model.noise_width
        every = [elbo(self._model, data, torch.randn(len(data), width, generator=generator)) for _ in range(draws)]
        return torch.stack(every).mean(dim=0).numpy()

    def score(self, X: ArrayLike, y: ArrayLike | None = None) -> float:
        """Mean ELBO [nat per sample]; larger is better. See `score_samples`."""
        return float(self.score_samples(X, y).mean())

    @property
    def _known(self) -> Supervision:
        """What y told in the fit, whatever the option says now."""
        _ = self._model
        return self.options_["known"]

    def _condition(self, y: ArrayLike | None, n: int) -> Tensor | None:
        known = self._known
        return known.latents(y, n, self.statistics_)[CONDITION].to(self._place) if known.condition else None

    def _given(self, X: ArrayLike, y: ArrayLike | None) -> InputData:
        """The samples, checked for their shape."""
        given = InputData.of(X, y, self._model.likelihood, self._known, least=1)
        if given.shape != self.shape_:
            raise InputError(f"samples of shape {self.shape_}", given.shape, "samples as they were in fit")
        return given

    def _flat_parts(self, X: ArrayLike, y: ArrayLike | None = None) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Flat samples and their condition, some at a time."""
        given = self._given(X, None)
        n = len(given.X)
        condition = self._condition(y, n)
        for index in torch.arange(n).split(CHUNK):
            yield given.flat(index, self._place), None if condition is None else condition[index.to(condition.device)]
