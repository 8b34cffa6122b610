"""The formats of vendors, by RosettaSciIO, which is no part of this package: the extra `io` brings it.

Its licence is GPL-3. Left out are netCDF, whose reader runs text of the file as code, and formats that have a reader of
their own here.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from latscape.errors import InputError
from latscape.signals.axis import Axis
from latscape.signals.foreign import quantity_of, uncoloured
from latscape.signals.signal import Signal

#: What its files end in.
_ENDINGS = """
ali app5 asw bcf blo csv de5 dens dm3 dm4 eds elid emd emi ems emsa img lsd map mas mib mrc mrcz msa nxs pro prz pts rpl
sac sbc ser spc spd spx sur tvf tvips unf wdf xml zspy
"""
SUFFIXES = tuple(f".{ending}" for ending in _ENDINGS.split())
REFUSED = ("netCDF", "numpy", "HSPY", "TIFF", "Image")
BRUKER = "rsciio.bruker"
_WORDS = 2000  # of metadata


def read_vendor(path: Path) -> list[Signal]:
    """All signals of a vendor's file, by the first reader that takes it."""
    plugins = _plugins(path.suffix.lower())
    if path.suffix.lower() == ".zspy":
        _refuse_pickles(path)
    problems = []
    for name, module in plugins:
        with _quiet(), _bounded() if module == BRUKER else nullcontext():
            try:
                found = _read(import_module(module).file_reader, str(path))
                return [_signal(one, index) for index, one in enumerate(found)]
            except ImportError as error:
                problems.append(f"{name} needs {error.name}")
            except Exception as error:  # a parser that meets another format may raise anything
                problems.append(f"{name}: {' '.join(str(error).split())[:100] or type(error).__name__}")
    raise ValueError("; ".join(problems))


def _plugins(suffix: str) -> list[tuple[str, str]]:
    try:
        from rsciio import IO_PLUGINS
    except ImportError as error:
        raise InputError("RosettaSciIO for vendors' files", f"a {suffix} file", "pip install 'latscape[io]'") from error
    word = suffix[1:]
    return [
        (one["name"], one["api"])
        for one in IO_PLUGINS
        if one["name"] not in REFUSED and word in (ending.lower() for ending in one["file_extensions"])
    ]


def _read(file_reader: Any, path: str) -> Sequence[Mapping[str, Any]]:
    try:
        return file_reader(path, lazy=True)
    except NotImplementedError:
        return file_reader(path)


def _signal(found: Mapping[str, Any], index: int) -> Signal:
    values, axes = found["data"], [_axis(axis) for axis in found["axes"]]
    if values.dtype.names is None and len(axes) != values.ndim:
        raise ValueError(f"{len(axes)} axes for an array of shape {values.shape}")
    axes = [replace(axis, size=size) for axis, size in zip(axes, values.shape, strict=True)]
    metadata = plain_words(found.get("metadata", {}))
    title = metadata.get("General", {}).get("title") or f"signal {index}"
    quantity, units = quantity_of(metadata.get("Signal", {}).get("quantity", ""))
    return Signal(*uncoloured(values, axes), str(title), quantity, units, metadata)


def _axis(found: Mapping[str, Any]) -> Axis:
    name, units = found.get("name"), found.get("units")
    name, units = name if isinstance(name, str) else "", units if isinstance(units, str) else ""
    if found.get("axis") is not None:
        axis = Axis.at(name, found["axis"], units, rounded=True)
    else:
        scale, offset = float(found.get("scale") or 1.0), float(found.get("offset") or 0.0)
        axis = Axis(name, int(found.get("size", 0)), scale, offset, units)
    return replace(axis, navigate=bool(found.get("navigate")))


def plain_words(found: Any) -> dict[str, Any]:
    """Words and numbers of nested metadata, as plain JSON types."""
    left = [_WORDS]

    def walk(value: Any, deep: int) -> Any:
        left[0] -= 1
        if isinstance(value, Mapping) and deep and left[0] > 0:
            return {str(key): walk(part, deep - 1) for key, part in value.items() if left[0] > 0}
        if isinstance(value, list | tuple) and len(value) <= 64 and deep:
            return [walk(part, deep - 1) for part in value]
        if isinstance(value, np.generic):
            value = value.item()
        return value if isinstance(value, bool | int | float | str | None) else f"<{type(value).__name__}>"

    return walk(found, 12) if isinstance(found, Mapping) else {}


def _refuse_pickles(folder: Path) -> None:
    for description in folder.rglob(".zarray"):
        if '"pickle"' in description.read_text(encoding="utf-8", errors="replace"):
            got = f"{folder.name} with {description.parent.name} of pickled objects, which are never loaded"
            raise InputError("arrays of numbers", got, "saving it without them")


@contextmanager
def _quiet() -> Iterator[None]:
    """Its advice about packages for HyperSpy is of no use here."""
    logger = logging.getLogger("rsciio")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _bounded() -> Iterator[None]:
    """Bruker's maps by the reader in Python: the compiled one follows a cut or made-up file out of its memory."""
    from rsciio.bruker import _api as bruker

    before = bruker.fast_unbcf, bruker.warn_once
    bruker.fast_unbcf = bruker.warn_once = False
    try:
        yield
    finally:
        bruker.fast_unbcf, bruker.warn_once = before
