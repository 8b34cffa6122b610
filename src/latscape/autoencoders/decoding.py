"""From latents to samples."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy.stats import norm
from torch import Tensor

from latscape.autoencoders import samples
from latscape.autoencoders.encoding import Encoding, FloatArray
from latscape.autoencoders.output import CLASS, CONDITION, CONTENT
from latscape.errors import InputError
from latscape.latent.blocks import CategoricalPosterior
from latscape.latent.space import mean_sample


class Decoding(Encoding):
    """What a fitted autoencoder makes of latents."""

    def reconstruct(self, X: ArrayLike, y: ArrayLike | None = None) -> FloatArray:
        """Decode the posterior means, in their pose and most probable class; the shape of what is decoded."""
        parts = []
        with torch.inference_mode():
            for x, told in self._flat_parts(X, y):
                posterior = self._model.infer(x, told)
                latents = mean_sample(posterior) | ({} if told is None else {CONDITION: told})
                means = self._model.likelihood.mean(self._model.decode(latents))
                label = posterior.get(CLASS)
                best = label.classes.argmax(dim=1) if isinstance(label, CategoricalPosterior) else 0
                parts.append(means[torch.arange(len(x), device=x.device), best])
        return samples.unflatten(torch.cat(parts), self.statistics_.output)

    def decode(
        self, content: ArrayLike, pose: Mapping[str, ArrayLike] | None = None, y: ArrayLike | None = None
    ) -> FloatArray:
        """Mean samples of every class, in canonical or given pose.

        Parameters
        ----------
        content : array, shape (n, latent)
        pose : mapping of name to array, shape (n, width), optional
            Factors that are left out are zero.
        y : array, length n, optional
            The condition, which a model that has one needs; or factors, else at their mean.

        Returns
        -------
        ndarray, shape (n, classes, *sample shape)
            One class for a model that finds none: what is known is not enumerated.
        """
        model = self._model
        values = {CONTENT: self._tensor("content", content, model.content)}
        n = len(values[CONTENT])
        values |= self._posed(pose, n)
        values |= {name: value.to(self._place) for name, value in self._known.latents(y, n, self.statistics_).items()}
        with torch.inference_mode():
            means = model.likelihood.mean(model.decode(values))
        stacked = samples.unflatten(means.flatten(0, 1), self.statistics_.output)
        return stacked.reshape(n, -1, *self.statistics_.output)

    def manifold(self, size: int = 5, span: float = 0.95, y: ArrayLike | None = None) -> FloatArray:
        """Canonical samples over a grid of content, (rows, size^2, *sample shape).

        The first two content numbers run over the central `span` of their prior at equal probability, the first
        downwards and the second to the right; any others are zero. A model without a prior takes the mean and
        deviation that content had in the fit. There is a row for each class; with a condition or known factors, one
        for each entry of `y`: by default all known classes, or the mean of the factors.
        """
        content = self._grid(size, span)
        shown = self._known.shown(self.statistics_) if y is None else np.asarray(y)
        if shown is None:
            return np.moveaxis(self.decode(content), 1, 0)
        rows = [self.decode(content, y=np.repeat(one[None], len(content), axis=0)) for one in shown]
        return np.concatenate([np.moveaxis(row, 1, 0) for row in rows])

    def _grid(self, size: int, span: float) -> FloatArray:
        content = grid(size, span, self._model.content)
        return content if self.statistics_.content is None else self.statistics_.content.undo(content)

    def _posed(self, pose: Mapping[str, ArrayLike] | None, n: int) -> dict[str, Tensor]:
        known = {factor.name: factor.width for factor in self._model.pose}
        for name in pose or {}:
            if name not in known:
                among = ", ".join(known) or "none"
                raise InputError(f"pose factors among {among}", repr(name), "the names in encode(X)")
        if not pose:
            return {}
        return {
            name: self._tensor(name, pose[name] if name in pose else np.zeros((n, width)), width, n)
            for name, width in known.items()
        }


def grid(size: int, span: float, width: int) -> FloatArray:
    """Content (size^2, width) whose first two numbers run over the central `span` of N(0, 1) at equal probability."""
    if size < 1 or not 0 < span < 1:
        raise InputError("size >= 1 and 0 < span < 1", f"size={size}, span={span}", "manifold(size=5, span=0.95)")
    quantile = norm.ppf(np.linspace(0.5 - span / 2, 0.5 + span / 2, size)) if size > 1 else np.zeros(1)
    first, second = np.meshgrid(quantile, quantile, indexing="ij")
    content = np.zeros((size * size, width))
    content[:, 0] = first.ravel()
    if width > 1:
        content[:, 1] = second.ravel()
    return content
