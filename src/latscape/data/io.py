"""Stacks of images from the user's own files: npy, npz, HDF5 and TIFF."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.data.check import check_images
from latscape.data.dataset import Dataset
from latscape.data.formats import Stack, read_hdf5, read_npy, read_npz, read_tiff
from latscape.errors import InputError

_READERS: dict[str, Callable[[Path], Stack]] = {
    ".npy": read_npy,
    ".npz": read_npz,
    ".h5": read_hdf5,
    ".hdf5": read_hdf5,
    ".tif": read_tiff,
    ".tiff": read_tiff,
}
_KNOWN = ", ".join(_READERS)
_INSIDE_HDF5 = re.compile(r"(?P<file>.+\.(?:h5|hdf5)):(?P<inside>/.+)", re.IGNORECASE)


def load_images(path: str | Path) -> Dataset:
    """Read a stack of images, and its labels if the file has them.

    npz: the array named images, X or data, else the only one of 3 or 4 axes; labels or y are the labels. HDF5: the data
    set named so, else the first of 3 or 4 axes; `file.h5:/path/in/file` names another one. TIFF: the pages of the first
    series. Nothing is ever unpickled.

    Parameters
    ----------
    path
        A .npy, .npz, .h5, .hdf5, .tif or .tiff file that holds (n, h, w) or (n, h, w, c) numbers.

    Returns
    -------
    Dataset
        images float32. Booleans and integers of 8 or 16 bits are scaled so that the range of their type becomes [0, 1]
        (uint8: x / 255; int16: (x + 32768) / 65535). Floats keep their values: `check_images(..., unit_interval=True)`
        tells whether they fit a Bernoulli likelihood. Integers of 32 or 64 bits are refused, because the range of their
        type says nothing about the image.

    Raises
    ------
    InputError
        No such file, a folder, an unknown extension, a corrupt or too large file, nothing usable inside, labels that
        do not fit, or images that `check_images` refuses.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "patches.npz")
    >>> np.savez(path, images=np.arange(32, dtype=np.uint8).reshape(2, 4, 4), labels=[0, 1])
    >>> load_images(path).labels
    array([0, 1])
    """
    file, reader = _choose(str(path))
    try:
        stack = reader(file)
    except InputError:
        raise
    except Exception as error:  # a parser that meets a hostile file may raise anything, and all of it is bad input
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise InputError(f"a readable {file.suffix} file", f"{path}: {reason}", "writing the file anew") from error
    images = check_images(_to_unit(stack.images), unit_interval=False)
    labels = None if stack.labels is None else _check_labels(stack.labels, len(images))
    return Dataset(images, labels, name=file.stem, source=str(path), licence="the user's own")


def stack_file(path: str | Path) -> Path:
    """The existing file that `path` names, less what stands behind a colon; or the error `load_images` would raise."""
    return _choose(str(path))[0]


def _choose(text: str) -> tuple[Path, Callable[[Path], Stack]]:
    """The file that `text` names, and the reader for it."""
    inside = _INSIDE_HDF5.fullmatch(text)
    file = Path(inside["file"] if inside else text).expanduser()
    if file.is_dir():
        raise InputError("a file with a stack of images", f"the folder {file}", f"one file of {_KNOWN}")
    if not file.is_file():
        raise InputError("an existing file", str(file), "another path: nothing is there")
    if file.suffix.lower() not in _READERS:
        raise InputError(f"a file of {_KNOWN}", f"{file.name}", 'np.save("images.npy", images)')
    if inside:
        return file, lambda path: read_hdf5(path, inside["inside"])
    return file, _READERS[file.suffix.lower()]


def _to_unit(images: NDArray[Any]) -> NDArray[Any]:
    """Booleans and short integers as float32 in [0, 1]; everything else as it is."""
    if images.dtype.kind == "b":
        return images.astype(np.float32)
    if images.dtype.kind not in "iu":
        return images
    if images.dtype.itemsize > 2:
        expected = "floats, or integers of 8 or 16 bits, whose range is scaled to [0, 1]"
        raise InputError(expected, f"{images.dtype}, whose range says nothing", "saving x / x.max() as float32")
    limits = np.iinfo(images.dtype)
    scaled = images.astype(np.float32)
    scaled -= limits.min
    scaled /= limits.max - limits.min
    return scaled


def _check_labels(labels: NDArray[Any], n: int) -> NDArray[np.int64]:
    if labels.shape != (n,):
        raise InputError(f"labels of shape ({n},), one per image", f"shape {labels.shape}", "labels[:len(images)]")
    if labels.dtype.kind not in "buif" or not _integral(labels):
        hint = "np.unique(labels, return_inverse=True)[1]"
        raise InputError("integer labels, -1 where unknown", f"labels of {labels.dtype}", hint)
    return labels.astype(np.int64)


def _integral(values: NDArray[Any]) -> bool:
    return bool(np.isfinite(values).all() and (values == np.trunc(values)).all())
