"""A plane for every surrogate: the directions of its inputs along which its prediction changes most."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from botorch.models.model import Model
from botorch.posteriors import GPyTorchPosterior
from numpy.typing import NDArray
from torch import Tensor

from latscape.gp.surrogate import Data, as_points, private_torch_rng, thinned

PROBES, CHUNK = 512, 64  # places where the slope is looked at, and how many at once


def active_subspace(
    model: Model, X: Data, dim: int = 2, columns: Sequence[int] | None = None
) -> NDArray[np.float64] | None:
    """Inputs projected on the eigenvectors of `E[grad m grad m']`, the mean taken over the inputs, m the prediction.

    The active subspace of Constantine 2015, doi:10.1137/1.9781611973860. Inputs are first scaled to the unit cube. Each
    direction has the sign that makes its largest entry positive.

    `X (m, d)` are all inputs there are; directions are made of those in `columns`, such as what a place looks like and
    not where it is; default: all.

    Returns
    -------
    (m, dim), the direction of the largest slope first, those beyond d zero; None for a model whose posterior has no
    gradient.
    """
    points = as_points(X)
    low, high = points.amin(0), points.amax(0)
    width = torch.where(high > low, high - low, 1.0)
    found = (_slope(model, chunk) for chunk in thinned(points, PROBES).split(CHUNK))
    if not (known := [slope for slope in found if slope is not None]):
        return None
    used = list(range(points.shape[1]) if columns is None else columns)
    slopes = (torch.cat(known) * width)[:, used]  # (probes, d)
    _, _, directions = torch.linalg.svd(slopes, full_matrices=False)  # eigenvectors of the sum of grad grad'
    axes = directions[:dim].T  # (d, at most dim)
    largest = axes.abs().argmax(0)
    axes = axes * torch.where(axes[largest, torch.arange(axes.shape[1])] < 0, -1.0, 1.0)
    plane = ((points - low) / width - 0.5)[:, used] @ axes
    return torch.nn.functional.pad(plane, (0, dim - plane.shape[1])).numpy()


def _slope(model: Model, X: Tensor) -> Tensor | None:
    """Gradient of the prediction at `X (n, d)`: of their sum, since points do not see each other."""
    at = X.clone().requires_grad_()
    with private_torch_rng():
        mean = cast(GPyTorchPosterior, model.posterior(at[:, None])).mean  # (n, 1, 1)
    return torch.autograd.grad(mean.sum(), at)[0] if mean.requires_grad else None
