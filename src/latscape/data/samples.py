"""Samples to learn from, and labels, out of the user's own files."""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.data.check import check_images, check_rows, check_samples
from latscape.data.dataset import Dataset
from latscape.data.reading import choose, contents, everything, in_memory, listing, numbers, one_line, split
from latscape.errors import InputError
from latscape.signals.signal import Signal
from latscape.signals.stored import Rows, unit_scaled

_LABELS = ("labels", "y")


def load_images(path: str | Path) -> Dataset:
    """Read a stack of images, and its labels if the file has them.

    The array is found as `latscape.data.load` finds it, one named images, X or data before all others; labels are an
    array beside it that is named labels or y.

    Parameters
    ----------
    path
        Any file that `latscape.data.load` reads, with (n, h, w) or (n, h, w, c) numbers.

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
        As `latscape.data.load` does; also for labels that do not fit, or images that `check_images` refuses.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "patches.npz")
    >>> np.savez(path, images=np.arange(32, dtype=np.uint8).reshape(2, 4, 4), labels=[0, 1])
    >>> load_images(path).labels
    array([0, 1])
    """
    signal, labels = _read(path, None)
    with one_line(Path(signal.source)):
        images = check_images(_unit(signal.samples), unit_interval=False)
        return _dataset(images, labels, signal, path)


def load_samples(path: str | Path, *, axes: str | None = None, scaled: bool = True, finite: bool = False) -> Dataset:
    """Read samples of any kind: images, curves (n, length), or what was measured at each place of a map.

    Parameters
    ----------
    axes
        Names for the axes, such as "y, x | energy [eV]", where a bar stands after those that count the samples.
    scaled
        Whether short integers become [0, 1]; False keeps the values of integers of any length, such as counts.
    finite
        Leave out samples that hold NaN or infinite values, as those of an unfinished grid do.

    Returns
    -------
    Dataset
        Its `images` are the samples: an array, or `latscape.signals.Rows` where the values stay in their file, which
        is read through once to check them.

    Raises
    ------
    InputError
        As in `load_images`, and for a grid that was not finished, unless `finite` leaves its empty places out.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "curves.npy")
    >>> np.save(path, np.arange(12).reshape(3, 4))
    >>> load_samples(path, scaled=False).images[1]
    array([4., 5., 6., 7.], dtype=float32)
    """
    signal, labels = _read(path, axes)
    with one_line(Path(signal.source)):
        places = None
        if finite:
            places = np.flatnonzero(signal.complete())
            if not len(places):
                got = f"{path}, in which every sample has NaN"
                raise InputError("samples without NaN", got, "a part of its axes: signal.part('z', 0, 100)")
            labels = None if labels is None else labels[places]
            signal = signal.only(places)
        elif signal.missing:
            total = math.prod(axis.size for axis in signal.navigation)
            got = f"{path} with {total - signal.missing} of {total} places measured"
            raise InputError("a grid that was finished", got, "finite=True, or --finite, which leave the others out")
        taken = _unit(signal.samples) if scaled else signal.samples
        samples: Any = check_rows(taken) if isinstance(taken, Rows) else check_samples(taken)
        return replace(_dataset(samples, labels, signal, path), places=places)


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
    readers: dict[str, Callable[[Path], NDArray[Any]]] = {".npy": _vector, ".npz": _vector, ".csv": _numbers}
    if file.suffix.lower() not in readers:
        raise InputError(f"labels in a file of {', '.join(readers)}", file.name, 'np.save("labels.npy", labels)')
    with one_line(file):
        labels = readers[file.suffix.lower()](file)
    return _check_labels(labels, n)


def sample_file(path: str | Path) -> Path:
    """The existing file that `path` names, less what stands behind a colon; or the error `load_samples` would raise."""
    return split(path)[0]


def _read(path: str | Path, axes: str | None) -> tuple[Signal, NDArray[Any] | None]:
    """The signal that holds the samples, and the labels beside it."""
    file, inside = split(path)
    found = everything(file)
    with one_line(file):
        name = choose(numbers(found, file), inside, file.name)
        group = re.sub(r"[^/]*$", "", name)
        labels = next((found[group + key] for key in _LABELS if group + key in found and group + key != name), None)
        signal = in_memory(found[name], None)
        told = None if labels is None else np.asarray(in_memory(labels, False))
    return signal if axes is None else signal.named(axes), told


def _dataset(samples: Any, labels: NDArray[Any] | None, signal: Signal, path: str | Path) -> Dataset:
    checked = None if labels is None else _check_labels(labels, len(samples))
    return Dataset(samples, checked, name=Path(signal.source).stem, source=str(path), licence="the user's own")


def _vector(path: Path) -> NDArray[Any]:
    found = {name: signal for name, signal in contents(path).items() if signal.ndim == 1}
    named = [name for name in _LABELS if name in found] or list(found)
    if not named or (len(named) > 1 and named == list(found)):
        raise InputError("one vector of labels", f"{path} with {listing(found) or 'none'}", "naming it 'labels'")
    return np.asarray(in_memory(found[named[0]], False))


def _numbers(path: Path) -> NDArray[Any]:
    words = path.read_text(encoding="utf-8").replace(",", " ").split()
    try:
        float(words[0])
    except ValueError:  # a line of words above the numbers
        words = words[1:]
    return np.array(words, dtype=float)


def _unit(samples: Any) -> Any:
    """Booleans and short integers as float32 in [0, 1]; everything else as it is."""
    kind, width = samples.dtype.kind, samples.dtype.itemsize
    if kind not in "biu":
        return samples
    if width > 2:
        expected = "floats, or integers of 8 or 16 bits, whose range is scaled to [0, 1]"
        hint = "--normalize, or saving x / x.max() as float32"
        raise InputError(expected, f"{samples.dtype}, whose range says nothing", hint)
    low, high = (0, 1) if kind == "b" else (np.iinfo(samples.dtype).min, np.iinfo(samples.dtype).max)
    return samples.scaled(low, high) if isinstance(samples, Rows) else unit_scaled(samples, low, high)


def _check_labels(labels: NDArray[Any], n: int) -> NDArray[np.int64]:
    if labels.shape != (n,):
        raise InputError(f"labels of shape ({n},), one per image", f"shape {labels.shape}", "labels[:len(images)]")
    if labels.dtype.kind not in "buif" or not np.isfinite(labels).all() or (labels != np.trunc(labels)).any():
        hint = "np.unique(labels, return_inverse=True)[1]"
        raise InputError("integer labels, -1 where unknown", f"labels of {labels.dtype}", hint)
    return labels.astype(np.int64)
