"""Patches around atoms, and what autoencoders learn of them."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.transform import resize

import latscape as ls
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.terms import in_use
from latscape.patches import PatchSet, cut, flattened
from latscape.patches.response import filled, noise_of
from latscape.random import derive_seed
from latscape.studies.atoms.spec import AtomOptions
from latscape.studies.shared.latent_plane import decoded_plane


def patches_around(
    image: NDArray[np.float32], position: NDArray[np.float64], spacing: float, spec: AtomOptions
) -> tuple[PatchSet, NDArray[np.int64]]:
    """Patches around the atoms, in [0, 1], and the numbers of the atoms that have one.

    The image is flattened, and made smaller where its pixels are finer than the patches need.
    """
    side = spec.patch_width * spacing
    scale = min(1.0, spec.window / side)
    flat = flattened(image, 2.0 * spacing)
    shape = tuple(round(length * scale) for length in image.shape)
    small = flat if scale == 1.0 else resize(filled(flat), shape, order=1, anti_aliasing=True, preserve_range=True)
    ratio = np.array(shape) / np.array(image.shape)
    at = (position + 0.5) * ratio - 0.5
    numbered = cut(np.asarray(small), at, size=max(4, round(side * scale)))
    kept = np.flatnonzero(np.isin(_keys(at), _keys(numbered.position)))
    return numbered.scaled(0.002, 0.998), kept


def patch_model(patches: PatchSet, spec: AtomOptions, classes: int, name: str) -> VAE:
    """An rVAE of the patches, whose likelihood has the noise of the image, or a jrVAE where there are classes.

    Parameters
    ----------
    patches
    spec
    classes
        0: an rVAE.
    name
        From which its seed is derived.
    """
    noise = max(0.05, noise_of(patches.images[0, :, :, 0]))
    pose: dict[str, Any] = {"starts": spec.n_orientations, "turn": 2.0 * math.pi / spec.symmetry, "shift": spec.shift}
    options: dict[str, Any] = {"latent": spec.latent, "cycles": spec.cycles, "batch": 50, "learning_rate": 3e-3}
    options |= {"likelihood": ls.Gaussian(noise), "seed": derive_seed(spec.seed, name)}
    if not classes:
        return ls.rvae(**pose, **options)
    # Content costs more than it can gain until the classes have told what they can, the pose never; and all classes are
    # in use until late, for otherwise whichever is ahead after the first steps takes all patches.
    joint: dict[str, Any] = {"beta_c": ls.cooldown(1000.0, 1.0, start=0.4, end=0.8), "beta_pose": 1.0}
    joint |= {"terms": {"in_use": (in_use, ls.cooldown(200.0, 0.0, start=0.4, end=0.8))}, "cycles": 2 * spec.cycles}
    joint |= {"encoder": ls.DenseEncoder((256, 256), "gelu")}
    return ls.jrvae(classes, **pose, **{**options, **joint})


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


def _keys(position: NDArray[np.float64]) -> NDArray[np.complex128]:
    return position[:, 0] + 1j * position[:, 1]
