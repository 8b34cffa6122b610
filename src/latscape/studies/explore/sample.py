"""The sample that `explore` looks at: a scene of the registry, or an image and spectra of the user's own."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latscape import parts
from latscape.data import load
from latscape.errors import InputError
from latscape.lab import Axis, Scan
from latscape.lab.scenes import known
from latscape.studies.explore.spec import ExploreSpec

WINDOW = 8  # side of the patches of an image nobody knows [pixel]


def usual_scalarizer(spec: ExploreSpec) -> str:
    """The scalarizer in words: the one that was chosen, or the usual one of the scene."""
    if spec.scalarizer is not None:
        return spec.scalarizer
    if spec.scene is not None:
        return known(spec.scene).scalarizers[0]
    raise InputError("a scalarizer, which says what is interesting", "none", "--scalarizer integral:LOW,HIGH")


def window(spec: ExploreSpec) -> int:
    """Side of the patches [pixel]."""
    usual = known(spec.scene).window if spec.scene is not None else WINDOW
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
        return known(scene).load()
    picture = np.asarray(load(image or ""), dtype=np.float64)
    if picture.ndim not in (2, 3) or min(picture.shape[:2]) < 4:
        raise InputError("an image (h, w) or (h, w, c)", f"shape {picture.shape} in {image}", "one image, not a stack")
    if spectra is None:
        return _unmeasured(picture, Path(image or "").stem, spec.step)
    found = load(spectra)
    values, axes = np.asarray(found, dtype=np.float64), [Axis(one.name, one.units, one.positions) for one in found.axes]
    if spec.coordinates is not None:
        places, shape, axes = np.asarray(load(spec.coordinates), dtype=np.float64), (), axes[1:]
    elif values.ndim >= 3:
        shape, axes = values.shape[:2], axes[2:]
        places = (np.argwhere(np.ones(shape)) + 0.5) * (np.array(picture.shape[:2]) / shape) - 0.5
        values = values.reshape(math.prod(shape), *values.shape[2:])
    else:
        hint = "--coordinates FILE for (m, ...) spectra"
        raise InputError("spectra (rows, columns, ...) over the area of the image", f"shape {values.shape}", hint)
    if values.ndim < 2 or places.shape != (len(values), 2):
        got = f"spectra {values.shape}, coordinates {places.shape}"
        raise InputError("one spectrum for each place (m, 2)", got, "files that belong together")
    if axis is not None:
        axes[0] = _labelled(spec.axis_label, np.asarray(load(axis), dtype=np.float64))
    if len(axes[0].x) != values.shape[1]:
        raise InputError(f"an axis of {values.shape[1]} values", f"{len(axes[0].x)} in {axis}", "--axis FILE that fits")
    about = f"{Path(spectra).name} over {Path(image or '').name}"
    return Scan(picture, places, values, axes, shape, Path(spectra).stem, about)


def _unmeasured(picture: NDArray[np.float64], name: str, step: int) -> Scan:
    rows, columns = (np.arange((n - 1) % step // 2, n, step) for n in picture.shape[:2])
    places = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.float64)
    values = np.full((len(places), 1), np.nan)
    return Scan(picture, places, values, [Axis("nothing", "", [0.0])], (len(rows), len(columns)), name, "measured live")


def _labelled(label: str, values: NDArray[np.float64]) -> Axis:
    name, bracket, unit = label.partition(" [")
    return Axis(name, unit.removesuffix("]") if bracket else "", values)
