"""Stacks of images, curves and labels from the user's own files: npy, npz, HDF5 and TIFF."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.data.check import check_images, check_samples
from latscape.data.dataset import Dataset
from latscape.data.formats import LABEL_READERS, Stack, read_hdf5, read_npy, read_npz, read_tiff
from latscape.errors import InputError

_READERS: dict[str, Callable[..., Stack]] = {
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
    file, stack = _read(path)
    images = check_images(_to_unit(stack.samples), unit_interval=False)
    return _dataset(images, stack, file, path)


def load_samples(path: str | Path, *, scaled: bool = True) -> Dataset:
    """Read images as `load_images` does, or curves (n, length), which are found where there are no images.

    Parameters
    ----------
    path
        As in `load_images`; an array of two axes holds curves.
    scaled
        Whether short integers become [0, 1]; False keeps the values of integers of any length, such as counts.

    Returns
    -------
    Dataset
        Its `images` are the samples.

    Raises
    ------
    InputError
        As in `load_images`.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "curves.npy")
    >>> np.save(path, np.arange(12).reshape(3, 4))
    >>> load_samples(path, scaled=False).images[1]
    array([4., 5., 6., 7.], dtype=float32)
    """
    file, stack = _read(path, curves=True)
    samples = check_samples(_to_unit(stack.samples) if scaled else stack.samples)
    return _dataset(samples, stack, file, path)


def load_labels(path: str | Path, n: int) -> NDArray[np.int64]:
    """Read the labels of `n` samples: whole numbers, -1 where unknown.

    Parameters
    ----------
    path
        A .npy file of a vector, a .npz file with one (named labels or y, if there are several), or a .csv file with
        one number per line and at most one line of words above them.
    n
        How many there must be.

    Raises
    ------
    InputError
        No such file, another format, another length, or anything but whole numbers.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "labels.csv")
    >>> _ = path.write_text("class\\n0\\n2\\n-1\\n")
    >>> load_labels(path, 3)
    array([ 0,  2, -1])
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise InputError("an existing file of labels", str(file), "another path: nothing is there")
    if file.suffix.lower() not in LABEL_READERS:
        raise InputError(f"labels in a file of {', '.join(LABEL_READERS)}", file.name, 'np.save("labels.npy", labels)')
    with _one_line(file, path):
        labels = LABEL_READERS[file.suffix.lower()](file)
    return _check_labels(labels, n)


def stack_file(path: str | Path) -> Path:
    """The existing file that `path` names, less what stands behind a colon; or the error `load_images` would raise."""
    return _choose(str(path))[0]


def _read(path: str | Path, *, curves: bool = False) -> tuple[Path, Stack]:
    file, reader = _choose(str(path))
    with _one_line(file, path):
        return file, reader(file, curves=curves)


@contextmanager
def _one_line(file: Path, path: str | Path) -> Iterator[None]:
    """A parser that meets a hostile file may raise anything, and all of it is bad input."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise InputError(f"a readable {file.suffix} file", f"{path}: {reason}", "writing the file anew") from error


def _dataset(samples: NDArray[np.float32], stack: Stack, file: Path, path: str | Path) -> Dataset:
    labels = None if stack.labels is None else _check_labels(stack.labels, len(samples))
    return Dataset(samples, labels, name=file.stem, source=str(path), licence="the user's own")


def _choose(text: str) -> tuple[Path, Callable[..., Stack]]:
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
        return file, partial(read_hdf5, inside=inside["inside"])
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
