"""The sample that `explore` looks at: a scene of the registry, or an image and spectra of the user's own."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latscape import parts
from latscape.data import load
from latscape.data.catalogue import find_scene
from latscape.errors import InputError
from latscape.lab import Scan, over_places
from latscape.lab.scenes import scene as scan_of
from latscape.signals import Axis, Signal
from latscape.studies.explore.spec import ExploreSpec

WINDOW = 8  # side of the patches of an image nobody knows [pixel]


def usual_scalarizer(spec: ExploreSpec) -> str:
    """The scalarizer in words: the one that was chosen, or the usual one of the scene."""
    if spec.scalarizer is not None:
        return spec.scalarizer
    if spec.scene is not None:
        return find_scene("explore", spec.scene).scalarizers[0]
    raise InputError("a scalarizer, which says what is interesting", "none", "--scalarizer integral:LOW,HIGH")


def window(spec: ExploreSpec) -> int:
    """Side of the patches [pixel]."""
    usual = find_scene("explore", spec.scene).window if spec.scene is not None else WINDOW
    descriptor = parts.find_part("descriptor", spec.descriptor.partition(":")[0]).load()
    return spec.window or getattr(descriptor, "WINDOWS", 1) * usual


def sample(spec: ExploreSpec) -> Scan:
    """A scene by name, or what files hold.

    Raises
    ------
    InputError
        For files that are missing or do not fit each other.
    """
    scene, image, spectra, axis = spec.scene, spec.image, spec.spectra, spec.axis
    if (scene is None) == (image is None):
        raise InputError("a scene, or --image FILE", "both" if scene else "neither", "latscape explore switching")
    if scene is not None:
        return scan_of(scene)
    picture = load(image or "")
    picture = replace(picture, values=np.asarray(picture, dtype=np.float64), mask=None)
    if picture.ndim not in (2, 3) or min(picture.shape[:2]) < 4:
        raise InputError("an image (h, w) or (h, w, c)", f"shape {picture.shape} in {image}", "one image, not a stack")
    if spectra is None:
        return _unmeasured(picture, Path(image or "").stem, spec.step)
    found = load(spectra)
    found = replace(found, values=np.asarray(found, dtype=np.float64))
    if spec.coordinates is not None:
        places, over = np.asarray(load(spec.coordinates), dtype=np.float64), 1
    elif found.ndim >= 3:
        over, shape = 2, found.shape[:2]
        places = (np.argwhere(np.ones(shape)) + 0.5) * (np.array(picture.shape[:2]) / shape) - 0.5
    else:
        hint = "--coordinates FILE for (m, ...) spectra"
        raise InputError("spectra (rows, columns, ...) over the area of the image", f"shape {found.shape}", hint)
    if found.ndim < 2 or places.shape != (math.prod(found.shape[:over]), 2):
        got = f"spectra {found.shape}, coordinates {places.shape}"
        raise InputError("one spectrum for each place (m, 2)", got, "files that belong together")
    axes = [replace(one, navigate=index < over) for index, one in enumerate(found.axes)]
    if axis is not None:
        axes[over] = _labelled(spec.axis_label, np.asarray(load(axis), dtype=np.float64))
    if axes[over].size != found.shape[over]:
        got = f"{axes[over].size} in {axis}"
        raise InputError(f"an axis of {found.shape[over]} values", got, "--axis FILE that fits")
    about = f"{Path(spectra).name} over {Path(image or '').name}"
    return Scan(picture, replace(found, axes=tuple(axes)), places, Path(spectra).stem, about)


def _unmeasured(picture: Signal, name: str, step: int) -> Scan:
    rows, columns = (np.arange((n - 1) % step // 2, n, step) for n in picture.shape[:2])
    places = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.float64)
    nothing = over_places(np.full((len(rows), len(columns), 1), np.nan), [Axis("nothing", 1)])
    unseen = np.zeros((len(rows), len(columns)), bool)
    return Scan(picture, replace(nothing, mask=unseen), places, name, "measured live")


def _labelled(label: str, values: NDArray[np.float64]) -> Axis:
    name, bracket, unit = label.partition(" [")
    return Axis.at(name, values, unit.removesuffix("]") if bracket else "")
