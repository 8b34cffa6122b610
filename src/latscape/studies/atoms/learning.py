"""Patches around atoms, what autoencoders learn of them, and whether there is structure in that, beyond chance."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from skimage.transform import resize

import latscape as ls
from latscape.autoencoders import VAE
from latscape.autoencoders.terms import class_balance
from latscape.patches import PatchSet, cut, moran
from latscape.patches.image import flattened
from latscape.patches.response import filled, noise_of
from latscape.studies.atoms.spec import AtomOptions
from latscape.studies.shared.training import pose_options, training_options


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
    kept = np.flatnonzero(np.isin(at @ [1, 1j], numbered.position @ [1, 1j]))  # a place is one complex number
    return numbered.scaled(0.002, 0.998), kept


def patch_model(patches: PatchSet, spec: AtomOptions, classes: int, name: str) -> VAE:
    """An rVAE of the patches, whose likelihood has the noise of the image, or a jrVAE where there are classes."""
    noise = max(0.05, noise_of(patches.images[0, :, :, 0]))
    options = pose_options(spec) | training_options(spec, noise, name)
    if not classes:
        return ls.rvae(**options)
    # Content costs more than it can gain until the classes have told what they can, the pose never; and all classes are
    # in use until late, for otherwise whichever is ahead after the first steps takes all patches.
    joint: dict[str, Any] = {"beta_c": ls.cooldown(1000.0, 1.0, start=0.4, end=0.8), "beta_pose": 1.0}
    joint |= {
        "terms": {"class_balance": (class_balance, ls.cooldown(200.0, 0.0, start=0.4, end=0.8))},
        "epochs": 2 * spec.epochs,
    }
    joint |= {"encoder": ls.DenseEncoder((256, 256), "gelu")}
    return ls.jrvae(classes, **options | joint)


def structure(
    arrays: Mapping[str, NDArray[Any]],
    patches: PatchSet,
    atoms: Mapping[str, NDArray[Any]],
    kept: NDArray[np.int64],
    spec: AtomOptions,
) -> dict[str, list[float]]:
    """Moran's I, z and p of every map between patches that do not overlap, beside what the sites explain.

    The nearest patches that do not overlap lie mostly on the same site of the unit cell, so what only differs between
    sites, being bright and which way the neighbours lie, would pass for structure of the map. Angles count by the sine
    of so many times them that what looks alike is alike. `kept` are the numbers of the `atoms` that have a patch.
    """
    maps = {"angle": np.sin(spec.site_symmetry * arrays["angle"])}
    maps |= {"offset x": arrays["offset"][:, 0], "offset y": arrays["offset"][:, 1]}
    maps |= {f"content {k + 1}": values for k, values in enumerate(arrays["content"].T)}
    sites = np.column_stack([atoms["bright"], facing(atoms["position"], spec.symmetry)])[kept]
    explaining = np.column_stack([np.ones(len(sites)), sites])
    found = {}
    for name, values in maps.items():
        rest = values - explaining @ np.linalg.lstsq(explaining, values, rcond=None)[0]
        found[name] = [float(one) for one in moran(rest, patches.position, beyond=patches.size)]
    return found


def facing(position: NDArray[np.float64], neighbours: int) -> NDArray[np.float64]:
    """Cosine and sine (n, 2) of `neighbours` times the direction to an atom's so many nearest ones, on average.

    The two sites of a honeycomb face opposite ways: their numbers differ in sign.

    Examples
    --------
    >>> hexagon = np.array([[0.0, 0.0], [-1.0, 0.0], [0.5, 0.866], [0.5, -0.866], [-1.5, 0.866], [-1.5, -0.866]])
    >>> facing(hexagon, 3)[:2].round(1).tolist()
    [[0.0, 1.0], [0.0, -1.0]]
    """
    near = np.asarray(KDTree(position).query(position, neighbours + 1)[1])[:, 1:]
    down, right = np.moveaxis(position[near] - position[:, None], 2, 0)
    mean = np.exp(1j * neighbours * np.arctan2(down, right)).mean(axis=1)
    mean /= np.abs(mean) + 1e-12
    return np.stack([mean.real, mean.imag], axis=1)
