"""One reader per file format. Each returns arrays as stored, or raises; `latscape.data.io` makes one line of it."""

import logging
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.errors import InputError

# A small file can declare a huge array: refuse what would not fit 8 GiB of float32.
MAX_VALUES = 2**31

_SAMPLES = ("images", "X", "data")
_LABELS = ("labels", "y")

#: Axes of a stack of images, (n, h, w) or (n, h, w, c), and of curves, (n, length).
IMAGES, CURVES = (3, 4), (2,)


@dataclass(frozen=True, eq=False)
class Stack:
    """Arrays as they are stored: images (n, h, w) or (n, h, w, c) or curves (n, length), and labels (n,) or None."""

    samples: NDArray[Any]
    labels: NDArray[Any] | None = None


def read_npy(path: Path, *, curves: bool = False) -> Stack:
    """The array of a .npy file; the header is checked against the size of the file before memory is taken."""
    mapped = np.lib.format.open_memmap(path, mode="r")
    _check_size(mapped.shape, path)
    return Stack(np.array(mapped))


def read_npz(path: Path, *, curves: bool = False) -> Stack:
    """The samples of a .npz file, and its labels."""
    shapes = _npz_shapes(path)
    name = _sample_name(shapes, path, curves, only=True)
    labels = next((key for key in _LABELS if key in shapes), None)
    for key in (name, labels):
        _check_size(shapes[key] if key else None, path)
    with np.load(path, allow_pickle=False) as archive:
        return Stack(archive[name], archive[labels] if labels else None)


def read_hdf5(path: Path, inside: str | None = None, *, curves: bool = False) -> Stack:
    """The data set `inside` a HDF5 file, or the one that looks like samples, and the labels beside it."""
    import h5py

    with h5py.File(path, "r") as file:
        shapes = _numeric_datasets(file)
        name = _sample_name(shapes, path, curves) if inside is None else inside
        images = file.get(name)
        if not isinstance(images, h5py.Dataset):
            raise InputError(f"a data set at {name}", f"{path} with {_listing(shapes)}", "one of these")
        _check_size(images.shape, path)
        group: Any = images.parent
        labels = next((group[key] for key in _LABELS if isinstance(group.get(key), h5py.Dataset)), None)
        if labels is None:
            return Stack(np.asarray(images))
        _check_size(labels.shape, path)
        return Stack(np.asarray(images), np.asarray(labels))


def read_tiff(path: Path, *, curves: bool = False) -> Stack:
    """The pages of the first series of a TIFF file."""
    import tifffile

    with _errors_logged_by("tifffile") as errors, tifffile.TiffFile(path) as file:
        series = file.series[0]
        _check_size(series.shape, path)
        if series.ndim == 3 and series.axes.endswith("S"):  # its axes are (h, w, colour), not (n, h, w)
            raise InputError("a stack of pages", f"{path} with one colour image", "a TIFF of several pages")
        stack = Stack(series.asarray())
    if errors:  # tifffile logs a broken chain of pages and goes on without the lost ones
        raise ValueError(errors[0])
    return stack


def _labels_of_npy(path: Path) -> NDArray[Any]:
    return read_npy(path).samples


def _labels_of_npz(path: Path) -> NDArray[Any]:
    shapes = _npz_shapes(path)
    vectors = [name for name, shape in shapes.items() if len(shape) == 1]
    named = [name for name in _LABELS if name in vectors] or vectors
    if not named or (len(named) > 1 and named == vectors):
        raise InputError("one vector of labels", f"{path} with {_listing(shapes)}", "naming one of them 'labels'")
    with np.load(path, allow_pickle=False) as archive:
        return archive[named[0]]


def _labels_of_csv(path: Path) -> NDArray[Any]:
    first, *rest = path.read_text(encoding="utf-8").replace(",", " ").split()
    try:
        float(first)
    except ValueError:  # a line of words above the numbers
        return np.array(rest, dtype=float)
    return np.array([first, *rest], dtype=float)


LABEL_READERS = {".npy": _labels_of_npy, ".npz": _labels_of_npz, ".csv": _labels_of_csv}


@contextmanager
def _errors_logged_by(name: str) -> Iterator[list[str]]:
    """The messages of level ERROR that the logger `name` gets meanwhile."""
    messages: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: messages.append(record.getMessage())
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        yield messages
    finally:
        logger.removeHandler(handler)


def _sample_name(shapes: Mapping[str, tuple[int, ...]], path: Path, curves: bool, *, only: bool = False) -> str:
    """The array that holds the samples: by its name, else the only (or the first) one that looks like them."""
    usable = [name for name, shape in shapes.items() if len(shape) in IMAGES]
    if curves and not usable:
        usable = [name for name, shape in shapes.items() if len(shape) in CURVES]
    named = [name for key in _SAMPLES for name in usable if name.rpartition("/")[2] == key]
    if named:
        return named[0]
    what = "2, 3 or 4 axes" if curves else "3 or 4 axes"
    if not usable:
        raise InputError(f"an array of {what}", f"{path} with {_listing(shapes)}", "storing one named 'images'")
    if only and len(usable) > 1:
        raise InputError(f"one array of {what}", f"{path} with {_listing(shapes)}", "naming one of them 'images'")
    return usable[0]


def _npz_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Shapes of the arrays of a .npz file, from their headers alone; pickled objects are not among them."""
    shapes: dict[str, tuple[int, ...]] = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.namelist():
            with archive.open(entry) as stream:
                version = np.lib.format.read_magic(stream)
                read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
                shape, _, dtype = read(stream)
            if not dtype.hasobject:
                shapes[entry.removesuffix(".npy")] = shape
    return shapes


def _numeric_datasets(file: Any) -> dict[str, tuple[int, ...]]:
    import h5py

    shapes: dict[str, tuple[int, ...]] = {}

    def visit(name: str, item: object) -> None:  # visits no external link, so nothing outside the file is read
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "buif" and item.shape is not None:
            shapes[f"/{name}"] = item.shape

    file.visititems(visit)
    return shapes


def _listing(shapes: Mapping[str, tuple[int, ...]]) -> str:
    shown = [f"{name} {shape}" for name, shape in list(shapes.items())[:5]]
    more = [f"{len(shapes) - 5} more"] if len(shapes) > 5 else []
    return ", ".join(shown + more) or "no arrays of numbers"


def _check_size(shape: tuple[int, ...] | None, path: Path) -> None:
    if shape is not None and math.prod(shape) > MAX_VALUES:
        raise InputError(f"at most {MAX_VALUES} values", f"{path} with {math.prod(shape)}", "a part of the stack")
