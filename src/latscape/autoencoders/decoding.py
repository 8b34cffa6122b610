"""From latents to samples."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import ArrayLike
from scipy.stats import norm
from torch import Tensor

from latscape.autoencoders import samples
from latscape.autoencoders.fitted import FittedAutoencoder, FloatArray
from latscape.autoencoders.output import CLASS, CONDITION, CONTENT
from latscape.errors import InputError
from latscape.latent.blocks import CategoricalPosterior
from latscape.latent.space import mean_sample


def reconstruct(fitted: FittedAutoencoder, X: ArrayLike, y: ArrayLike | None = None) -> FloatArray:
    """Decode the posterior means, in their pose and most probable class; the shape of what is decoded."""
    model, parts = fitted.model, []
    with torch.inference_mode():
        for x, condition in fitted.chunks(X, y):
            posterior = model.infer(x, condition)
            latents = mean_sample(posterior) | ({} if condition is None else {CONDITION: condition})
            means = model.likelihood.mean(model.decode(latents))
            label = posterior.get(CLASS)
            best = label.classes.argmax(dim=1) if isinstance(label, CategoricalPosterior) else 0
            parts.append(means[torch.arange(len(x), device=x.device), best])
    return fitted.unflatten(torch.cat(parts))


def decode(
    fitted: FittedAutoencoder,
    content: ArrayLike,
    pose: Mapping[str, ArrayLike] | None = None,
    y: ArrayLike | None = None,
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
    model, device = fitted.model, fitted.device
    values = {CONTENT: samples.latent_rows("content", content, model.content, device)}
    n = len(values[CONTENT])
    values |= _pose_values(fitted, pose, n)
    latents = fitted.supervision.latents(y, n, fitted.statistics)
    values |= {name: value.to(device) for name, value in latents.items()}
    with torch.inference_mode():
        means = model.likelihood.mean(model.decode(values))
    return fitted.unflatten(means.flatten(0, 1)).reshape(n, -1, *fitted.statistics.output)


def manifold(fitted: FittedAutoencoder, size: int = 5, span: float = 0.95, y: ArrayLike | None = None) -> FloatArray:
    """Canonical samples over a grid of content, (rows, size^2, *sample shape).

    The first two content numbers run over the central `span` of their prior at equal probability, the first
    downwards and the second to the right; any others are zero. A model without a prior takes the mean and
    deviation that content had in the fit. There is a row for each class; with a condition or known factors, one
    for each entry of `y`: by default all known classes, or the mean of the factors.
    """
    content = grid(size, span, fitted.model.content)
    if fitted.statistics.content is not None:
        content = fitted.statistics.content.undo(content)
    conditions = fitted.supervision.shown(fitted.statistics) if y is None else np.asarray(y)
    if conditions is None:
        return np.moveaxis(decode(fitted, content), 1, 0)
    rows = [decode(fitted, content, y=np.repeat(one[None], len(content), axis=0)) for one in conditions]
    return np.concatenate([np.moveaxis(row, 1, 0) for row in rows])


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


def _pose_values(fitted: FittedAutoencoder, pose: Mapping[str, ArrayLike] | None, n: int) -> dict[str, Tensor]:
    widths = {factor.name: factor.width for factor in fitted.model.pose}
    for name in pose or {}:
        if name not in widths:
            among = ", ".join(widths) or "none"
            raise InputError(f"pose factors among {among}", repr(name), "the names in encode(X)")
    if not pose:
        return {}
    return {
        name: samples.latent_rows(name, pose.get(name, np.zeros((n, width))), width, fitted.device, n)
        for name, width in widths.items()
    }
