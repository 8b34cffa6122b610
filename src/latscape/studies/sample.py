"""The sample that `explore` looks at: a scene of the registry, or an image and spectra of the user's own."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latscape.data.formats import read_hdf5, read_npy, read_npz
from latscape.errors import InputError
from latscape.lab.measurement import Axis, Scan
from latscape.lab.scenes import known

SUFFIXES = (".npy", ".npz", ".h5", ".hdf5")


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
        File of an image (h, w) or (h, w, c).
    spectra
        File of (rows, columns, ...) measurements that cover the area of the image, or (m, ...) with `coordinates`.
        None: nothing is recorded, somebody will measure.
    coordinates
        File of the rows and columns of the spectra in the image, (m, 2) [pixel].
    axis
        File of the values along the first axis of a spectrum; default its channel numbers.
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
        raise InputError("a scene, or --image FILE", "both" if scene else "neither", "latscape explore domains")
    if scene is not None:
        return known(scene).load()
    picture = array(image or "").astype(np.float64)
    if picture.ndim not in (2, 3) or min(picture.shape[:2]) < 4:
        raise InputError("an image (h, w) or (h, w, c)", f"shape {picture.shape} in {image}", "one image, not a stack")
    if spectra is None:
        return _unmeasured(picture, Path(image or "").stem, step)
    values = array(spectra)
    if coordinates is not None:
        places, shape = array(coordinates).astype(np.float64), ()
    elif values.ndim >= 3:
        shape = values.shape[:2]
        per_pixel = np.array(picture.shape[:2]) / shape
        places = (np.argwhere(np.ones(shape)) + 0.5) * per_pixel - 0.5
        values = values.reshape(math.prod(shape), *values.shape[2:])
    else:
        hint = "--coordinates FILE for (m, ...) spectra"
        raise InputError("spectra (rows, columns, ...) over the area of the image", f"shape {values.shape}", hint)
    if values.ndim < 2 or places.shape != (len(values), 2):
        got = f"spectra {values.shape}, coordinates {places.shape}"
        raise InputError("one spectrum for each place (m, 2)", got, "files that belong together")
    axes = [Axis(f"axis {k}", "", np.arange(n)) for k, n in enumerate(values.shape[1:])]
    axes[0] = _labelled(axis_label, array(axis).astype(np.float64) if axis else axes[0].x)
    if len(axes[0].x) != values.shape[1]:
        raise InputError(f"an axis of {values.shape[1]} values", f"{len(axes[0].x)} in {axis}", "--axis FILE that fits")
    about = f"{Path(spectra).name} over {Path(image or '').name}"
    return Scan(picture, places, values, axes, shape, Path(spectra).stem, about)


def array(path: str) -> NDArray:
    """The array of numbers in a .npy file, or the only one of an archive (`file.h5:/inside`); nothing is unpickled."""
    file, _, inside = path.partition(":") if ".h5:" in path or ".hdf5:" in path else (path, "", "")
    place = Path(file).expanduser()
    if place.suffix not in SUFFIXES or not place.is_file():
        got = f"{path}, where nothing is" if place.suffix in SUFFIXES else f"{place.name}"
        raise InputError(f"an existing file of {', '.join(SUFFIXES)}", got, "np.save('image.npy', image)")
    try:
        if place.suffix == ".npy":
            found = read_npy(place).samples
        elif place.suffix == ".npz":
            found = read_npz(place, curves=True).samples
        else:
            found = read_hdf5(place, inside or None, curves=True).samples
    except InputError:
        raise
    except Exception as error:  # a parser that meets a hostile file may raise anything
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise InputError(f"a readable {place.suffix} file", f"{path}: {reason}", "writing the file anew") from error
    if found.dtype.kind not in "buif":
        raise InputError("an array of real numbers", f"{found.dtype} in {path}", "saving numbers")
    return found


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
