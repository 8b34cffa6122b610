"""The sample that `explore` looks at: a scene of the registry, or an image and spectra of the user's own."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latscape.data import load
from latscape.errors import InputError
from latscape.lab.measurement import Axis, Scan
from latscape.lab.scenes import known
from latscape.signals.axis import Axis as SignalAxis


def sample(
    scene: str | None = None,
    image: str | None = None,
    spectra: str | None = None,
    coordinates: str | None = None,
    axis: str | None = None,
    axis_label: str = "channel",
    step: int = 1,
) -> Scan:
    """A scene by name, or what files hold.

    Parameters
    ----------
    scene
        Name in the registry; nothing else is given then.
    image
        File of an image (h, w) or (h, w, c), in any format of `latscape.data.load`.
    spectra
        File of (rows, columns, ...) measurements that cover the area of the image, or (m, ...) with `coordinates`.
        None: nothing is recorded, somebody will measure.
    coordinates
        File of the rows and columns of the spectra in the image, (m, 2) [pixel].
    axis
        File of the values along the first axis of a spectrum; default what the file of the spectra says of it.
    axis_label
        Such as "bias [V]".
    step
        Without spectra: a place every so many pixels.

    Raises
    ------
    InputError
        For files that are missing or do not fit each other.
    """
    if (scene is None) == (image is None):
        raise InputError("a scene, or --image FILE", "both" if scene else "neither", "latscape explore switching")
    if scene is not None:
        return known(scene).load()
    picture = np.asarray(load(image or ""), dtype=np.float64)
    if picture.ndim not in (2, 3) or min(picture.shape[:2]) < 4:
        raise InputError("an image (h, w) or (h, w, c)", f"shape {picture.shape} in {image}", "one image, not a stack")
    if spectra is None:
        return _unmeasured(picture, Path(image or "").stem, step)
    found = load(spectra)
    values, axes = np.asarray(found, dtype=np.float64), [_lab_axis(one) for one in found.axes]
    if coordinates is not None:
        places, shape, axes = np.asarray(load(coordinates), dtype=np.float64), (), axes[1:]
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
        axes[0] = _labelled(axis_label, np.asarray(load(axis), dtype=np.float64))
    if len(axes[0].x) != values.shape[1]:
        raise InputError(f"an axis of {values.shape[1]} values", f"{len(axes[0].x)} in {axis}", "--axis FILE that fits")
    about = f"{Path(spectra).name} over {Path(image or '').name}"
    return Scan(picture, places, values, axes, shape, Path(spectra).stem, about)


def _unmeasured(picture: NDArray[np.float64], name: str, step: int) -> Scan:
    if step < 1:
        raise InputError("a step of at least one pixel", step, "--step 4")
    rows, columns = (np.arange((n - 1) % step // 2, n, step) for n in picture.shape[:2])
    places = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.float64)
    values = np.full((len(places), 1), np.nan)
    return Scan(picture, places, values, [Axis("nothing", "", [0.0])], (len(rows), len(columns)), name, "measured live")


def _labelled(label: str, values: NDArray[np.float64]) -> Axis:
    name, bracket, unit = label.partition(" [")
    return Axis(name, unit.removesuffix("]") if bracket else "", values)


def _lab_axis(found: SignalAxis) -> Axis:
    """The axis of a file as one of a measurement."""
    return Axis(found.name, found.units, found.positions)
