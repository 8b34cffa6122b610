"""What a model says of patches, and what it decodes to over the part of its latent plane that is in use."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders.estimator import VAE
from latscape.patches import PatchSet

#: Points along each axis of the plane.
_SIDE = 7


def patch_latents(model: VAE, patches: PatchSet) -> dict[str, NDArray[Any]]:
    """What a fitted model says of every patch, and what it decodes to over its latent plane."""
    encoded: dict[str, Any] = dict(model.encode(patches.patches))
    return {
        "angle": encoded["rotation"].mean[:, 0],
        "offset": encoded["translation"].mean,
        "content": encoded["content"].mean,
        "content_std": encoded["content"].std,
        "manifold": decoded_plane(model, encoded["content"].mean),
    }


def decoded_plane(model: VAE, content: NDArray[np.floating]) -> NDArray[np.float64]:
    """What is decoded over the part of the latent plane that holds patches, (classes, 49, h, w).

    Of one content number, its line of 7; of more than two, all but the first two are as on average.
    """
    low, high = np.quantile(content, [0.02, 0.98], axis=0)
    steps = [np.linspace(low[k], high[k], _SIDE) for k in range(min(2, content.shape[1]))]
    points = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, len(steps))
    grid = np.tile(content.mean(axis=0), (len(points), 1))
    grid[:, : len(steps)] = points
    return np.moveaxis(model.decode(grid), 1, 0).astype(np.float64)
