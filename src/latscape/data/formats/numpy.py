"""NumPy's own files, and the idx files of MNIST. Nothing is ever unpickled."""

import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from latscape.data.formats.bounds import Unread
from latscape.data.idx import idx_shape, read_idx
from latscape.errors import InputError
from latscape.signals.signal import Signal

_HEADERS = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}


def read_npy(path: Path) -> list[Signal]:
    """The array of a .npy file, as a memory map; its header is checked against the size of the file."""
    with path.open("rb") as stream:
        _, dtype = _header(stream, path.name)
    if dtype.hasobject:
        raise InputError("numbers", f"{path.name} with pickled objects, which are never loaded", "saving an array")
    return [Signal(np.lib.format.open_memmap(path, mode="r"), name=path.stem)]


def read_npz(path: Path) -> list[Signal]:
    """The arrays of a .npz file, known by their headers; pickled objects are not among them."""
    found, pickled = [], ""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            with archive.open(entry) as stream:
                shape, dtype = _header(stream, path.name)
            if dtype.hasobject:
                pickled = entry.filename
                continue
            name = entry.filename.removesuffix(".npy")
            found.append(Signal(Unread(path, partial(_member, path, name), shape, dtype), name=name))
    if pickled and not found:
        got = f"{path.name} with {pickled} of pickled objects, which are never loaded"
        raise InputError("an array of numbers", got, "saving one")
    return found


def read_idx_file(path: Path) -> list[Signal]:
    """An idx file of unsigned bytes, compressed with gzip or not."""
    return [Signal(Unread(path, partial(read_idx, path), idx_shape(path), np.uint8), name=path.name.split(".")[0])]


def _member(path: Path, name: str) -> Any:
    with np.load(path, allow_pickle=False) as archive:
        return archive[name]


def _header(stream: Any, name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    major, _ = np.lib.format.read_magic(stream)
    if major not in _HEADERS:
        raise InputError("a .npy file of version 1 or 2", f"{name} of version {major}", "numpy.save of numbers")
    shape, _, dtype = _HEADERS[major](stream)
    return shape, dtype
