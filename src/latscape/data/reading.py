"""Any file of a microscope as a signal: `load`, and `contents` for what else the file holds."""

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from latscape.data.formats.bounds import Unread, check_shape
from latscape.data.formats.sidecar import described, sidecar
from latscape.data.formats.table import Format
from latscape.errors import InputError
from latscape.parts.registry import registered_parts
from latscape.signals.signal import Signal

#: Bytes up to which values are read at once; larger ones stay in their file, where the format allows it.
WHOLE = 2**28

#: Names that samples go by.
_SAMPLES = ("images", "X", "data")


def file_formats() -> list[Format]:
    """How every kind of file is read, those of plugins among them.

    Examples
    --------
    >>> file_formats()[0].suffixes
    ('.npy',)
    """
    return [entry.load() for entry in registered_parts("format").values()]


def load(path: str | Path, pick: str | None = None, *, axes: str | None = None, lazy: bool | None = None) -> Signal:
    """Read one measured array with its axes, units and metadata; see `file_formats` for what can be read.

    Nothing is ever unpickled, and nothing outside the file is followed.

    Parameters
    ----------
    path
        A file; "file.h5:/path/inside" picks as well.
    pick
        Which of several arrays: its name, the end of its path, or the quantity it holds; default one named images, X or
        data, else the largest with samples, if no other is as large. `contents` lists them.
    axes
        Names for the axes, such as "y, x | energy [eV]", where a bar stands after those of places and times, which
        count the samples. Arrays that say nothing of their axes hold samples along the first.
    lazy
        Whether the values stay in the file until they are asked for; default those of more than `WHOLE` bytes.
        Formats without parts (.npz, pictures) are always read.

    Raises
    ------
    InputError
        No such file, a format that nobody reads or whose reader is not installed (the message names the extra), a
        truncated, foreign, empty or hostile file, several arrays to choose from, or axes that do not fit.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "map.npy")
    >>> np.save(path, np.zeros((5, 4, 64), np.float32))
    >>> load(path, axes="y [nm], x [nm] | bias [V]")
    Signal (y 5 [nm], x 4 [nm] | bias 64 [V]) of float32
    """
    file, inside = split(path)
    found = contents(file)
    with one_line(file):
        signal = found[choose(found, pick or inside, file.name)]
        if 0 in signal.shape:
            raise InputError("an array with values", f"{file.name} of shape {signal.shape}", "another file")
        signal = in_memory(signal, lazy)
    return signal if axes is None else signal.named(axes)


def contents(path: str | Path) -> dict[str, Signal]:
    """All arrays of numbers in a file by their names, their values unread wherever that can be.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "both.npz")
    >>> np.savez(path, image=np.zeros((8, 8)), spectra=np.zeros((5, 100)))
    >>> {name: signal.shape for name, signal in contents(path).items()}
    {'image': (8, 8), 'spectra': (5, 100)}
    """
    file, _ = split(path)
    return numbers(everything(file), file)


def everything(file: Path) -> dict[str, Signal]:
    """All arrays in a file by their names, of whatever they are."""
    how = format_of(file)
    with one_line(file):
        try:
            signals = how.read(file)
        except ImportError as error:
            expected = f"{how.needs or error.name} for {how.name} files"
            raise InputError(expected, f"{file.name}, and it is not installed", "pip install 'latscape[io]'") from error
        found: dict[str, Signal] = {}
        for signal in signals:
            name = signal.name if signal.name not in found else f"{signal.name} ({len(found)})"
            found[name] = replace(signal, name=name, source=str(file))
        beside = sidecar(file)
        return {name: described(signal, beside) for name, signal in found.items()} if beside else found


def numbers(found: Mapping[str, Signal], file: Path) -> dict[str, Signal]:
    """Those that hold numbers, of which there must be one."""
    usable = {name: signal for name, signal in found.items() if signal.dtype.kind in "buifc"}
    if not usable:
        raise InputError("an array of numbers", f"{file.name} without any", "another file")
    return usable


def in_memory(signal: Signal, lazy: bool | None) -> Signal:
    """The signal with its values read, unless they are to stay where they are."""
    if not signal.lazy:
        return signal
    stays = signal.dtype.itemsize * math.prod(signal.shape) > WHOLE if lazy is None else lazy
    if stays and not isinstance(signal.values, Unread):
        return signal
    check_shape(signal.shape, signal.dtype, signal.name)
    values = np.array(signal.values)
    return replace(signal, values=values.astype(values.dtype.newbyteorder("="), copy=False))


def split(path: str | Path) -> tuple[Path, str | None]:
    """The existing file that `path` names, and what stands behind a colon."""
    text, inside = str(path), None
    file = Path(text).expanduser()
    if not file.exists() and ":" in text:
        for at in (index for index, letter in enumerate(text) if letter == ":"):
            before = Path(text[:at]).expanduser()
            if before.exists():
                file, inside = before, text[at + 1 :]
                break
    if file.is_dir() and file.suffix.lower() != ".zspy":
        raise InputError("a file", f"the folder {file}", "one file in it")
    if not file.exists():
        raise InputError("an existing file", text, "another path: nothing is there")
    return file, inside


def format_of(file: Path) -> Format:
    """How a file is read, by what its name ends in."""
    name = file.name.lower()
    for how in file_formats():
        if name.endswith(how.suffixes):
            return how
    expected = "a file of numpy, HDF5, TIFF, Nanonis, Igor, or a microscope's vendor"
    raise InputError(expected, file.name, 'np.save("images.npy", images); docs/data.md lists all formats')


@contextmanager
def one_line(file: Path) -> Iterator[None]:
    """A parser that meets a hostile file may raise anything, and all of it is bad input."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise InputError(f"a readable {file.suffix or file.name} file", f"{file}: {reason}", "a fresh copy") from error


def listing(found: Mapping[str, Signal]) -> str:
    """Names and shapes, of many the first few."""
    shown = [f"{short(found, name)} {found[name].shape}" for name in list(found)[:6]]
    return ", ".join(shown + ([f"{len(found) - 6} more"] if len(found) > 6 else []))


def short(found: Mapping[str, Signal], name: str) -> str:
    """What to pick one of several arrays by: its quantity where no other has it, which says more than a path."""
    quantity = found[name].quantity
    alone = quantity and sum(signal.quantity == quantity for signal in found.values()) == 1
    return quantity if alone and quantity not in found else name


def choose(found: Mapping[str, Signal], pick: str | None, file: str) -> str:
    """The name of one array: what is picked, what is named as samples are, or the largest."""
    if pick is not None:
        return _matching(found, pick, file)
    for key in _SAMPLES:  # a quantity by this name is something else
        named = [name for name in found if name.rpartition("/")[2] == key and not found[name].quantity]
        if named and found[named[0]].ndim > 1:
            return named[0]
    sizes = {name: (_maps(signal), math.prod(signal.shape)) for name, signal in found.items()}
    largest = [name for name, size in sizes.items() if size == max(sizes.values())]
    if len(largest) > 1:
        one = short(found, largest[0])
        raise InputError("one array", f"{file} with {listing(found)}", f"pick={one!r}, or {file}:{one}")
    return largest[0]


def _maps(signal: Signal) -> bool:
    """Whether something was measured at several places: what a file is about, and not a picture beside it."""
    return 0 < len(signal.navigation) < signal.ndim


def _matching(found: Mapping[str, Signal], pick: str, file: str) -> str:
    ways: tuple[Callable[[str, Signal], bool], ...] = (
        lambda name, signal: name == pick,
        lambda name, signal: f"/{name.strip('/')}".endswith(f"/{pick.strip('/')}"),
        lambda name, signal: signal.quantity == pick,
    )
    for way in ways:
        names = [name for name, signal in found.items() if way(name, signal)]
        if len(names) == 1:
            return names[0]
        if names:
            raise InputError(f"one array {pick}", f"{file} with {', '.join(names[:6])}", "the whole path")
    raise InputError(f"an array {pick}", f"{file} with {listing(found)}", "one of these")
