"""HDF5: arrays of NSID (sidpy), signals of HyperSpy, and any other numbers, none of them read before it is asked for.

A file can lead elsewhere: values behind links to others, in raw files beside it or in virtual arrays are left alone.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from latscape.data.formats.bounds import AXES
from latscape.errors import InputError
from latscape.signals.axis import Axis, plain
from latscape.signals.foreign import places, quantity_of, unique
from latscape.signals.signal import Signal

# What the cache of a file holds of chunks that are unpacked already; the rows of one map share chunks.
_CACHE = 2**24
# A small array may be all fill value; a large one has some of its values in the file. No filter packs 2,000 to 1.
_LARGE, _PACKED = 2**28, 2000
# Words of metadata that are kept, and how deep their groups lie.
_WORDS, _DEEP = 2000, 12


def read_hdf5(path: Path) -> list[Signal]:
    """All arrays of numbers in a file, except the scales of others; the file stays open while they are used."""
    file: Any = h5py.File(path, "r", rdcc_nbytes=_CACHE)
    if _text(file.attrs.get("file_format")).lower() in ("hyperspy", "hyperspy-alpha"):
        signals = _own(file, "Experiments", h5py.Group) or {}
        groups = [_own(signals, name, h5py.Group) for name in signals]
        return [_hyperspy(group) for group in groups if group and _own(group, "data", h5py.Dataset)]
    found: list[Signal] = []

    def visit(name: str, item: Any) -> None:  # follows neither external nor soft links
        usable = isinstance(item, h5py.Dataset) and item.shape is not None
        if usable and _text(item.attrs.get("CLASS")) != "DIMENSION_SCALE":
            found.append(_array(item, f"/{name}"))

    file.visititems(visit)
    return found


def _array(item: Any, name: str) -> Signal:
    if "data_type" in item.attrs and len(item.dims) and any(len(dim) for dim in item.dims):
        return _nsid(item, name)
    axes = list(plain(item.shape))
    for index, dim in enumerate(item.dims):  # netCDF and others attach scales too
        if len(dim) and dim[0].shape == (item.shape[index],) and dim[0].dtype.kind in "iuf":
            label = dim.label or dim[0].name.rpartition("/")[2]
            made = Axis.at(label, dim[0][()], _text(dim[0].attrs.get("units")), rounded=True)
            axes[index] = replace(made, navigate=axes[index].navigate)
    metadata = _attributes(item)
    beside = _own(item.parent, "metadata", h5py.Dataset)
    if beside and beside.shape == () and h5py.check_string_dtype(beside.dtype):
        metadata |= _json(_text(beside[()]))
    quantity, units = _text(item.attrs.get("quantity")), _text(item.attrs.get("units"))
    return _checked(Signal(item, unique(axes), name, quantity, units, metadata), item)


def _nsid(item: Any, name: str) -> Signal:
    """One main data set of NSID: its dimensions are attached as scales."""
    axes, kinds, said = [], [], []
    for index, dim in enumerate(item.dims):
        size = item.shape[index]
        scale = dim[0] if len(dim) else None
        if not isinstance(scale, h5py.Dataset) or scale.shape != (size,) or scale.dtype.kind not in "iuf":
            axes.append(Axis(dim.label, size))
            kinds.append("UNKNOWN")
            said.append(None)
            continue
        attrs = scale.attrs
        label = _text(attrs.get("name")) or dim.label
        axes.append(Axis.at(label, scale[()], _said(attrs.get("units")), rounded=True))
        kinds.append(_text(attrs.get("dimension_type")).upper())
        said.append(attrs.get("navigate"))
    over = places(kinds, _text(item.attrs["data_type"]).upper())
    over = [counted if told is None else bool(told) for counted, told in zip(over, said, strict=True)]
    axes = [replace(axis, navigate=counted) for axis, counted in zip(axes, over, strict=True)]
    metadata = _attributes(item)
    for part in ("metadata", "original_metadata"):
        beside = _own(item.parent, part, h5py.Group)
        if beside:
            metadata[part] = _tree(beside)
    quantity, units = _said(item.attrs.get("quantity")), _said(item.attrs.get("units"))
    return _checked(Signal(item, unique(axes), name, quantity, units, metadata), item)


def _hyperspy(group: Any) -> Signal:
    """One signal of HyperSpy: its axes are groups beside the data."""
    item, axes = group["data"], []
    for index, size in enumerate(item.shape):
        place = _own(group, f"axis-{index}", h5py.Group)
        attrs = place.attrs if place else {}
        name, units = _text(attrs.get("name")), _text(attrs.get("units"))
        positions = _own(place, "axis", h5py.Dataset) if place else None
        if positions and positions.shape == (size,):
            axis = Axis.at(name, positions[()], units, rounded=True)
        else:
            axis = Axis(name, size, float(attrs.get("scale", 1.0)), float(attrs.get("offset", 0.0)), units)
        axes.append(replace(axis, navigate=bool(attrs.get("navigate", False))))
    said = _own(group, "metadata", h5py.Group)
    metadata = _tree(said) if said else {}
    quantity, units = quantity_of(metadata.get("Signal", {}).get("quantity", ""))
    title = str(group.name).rpartition("/")[2]
    return _checked(Signal(item, unique(axes), title, quantity, units, metadata), item)


def _checked(signal: Signal, item: Any) -> Signal:
    """The signal, unless its values lie elsewhere or nowhere."""
    name = f"{Path(item.file.filename).name}:{item.name}"
    if item.external or item.is_virtual:
        raise InputError("values inside the file", f"{name}, whose values lie in other files", "h5repack, or a copy")
    size, kept = item.dtype.itemsize * math.prod(item.shape), item.id.get_storage_size()
    if len(item.shape) > AXES or (size > _LARGE and size > _PACKED * kept):
        raise InputError("values in the file", f"{name} of shape {item.shape} with {kept} bytes", "a fresh copy of it")
    return signal


def _tree(group: Any) -> dict[str, Any]:
    """Attributes of a group and of those in it, as a nested dictionary."""
    left = [_WORDS]

    def walk(place: Any, deep: int) -> dict[str, Any]:
        found = _attributes(place)
        left[0] -= len(found)
        for name in place:
            if left[0] <= 0 or deep == 0:
                break
            if part := _own(place, name, h5py.Group):
                found[name] = walk(part, deep - 1)
        return found

    return walk(group, _DEEP)


def _own(group: Any, name: str, kind: type) -> Any:
    """What a group itself holds by this name, if it is of this kind; no link is followed."""
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        return None
    found = group[name]
    return found if isinstance(found, kind) else None


def _attributes(place: Any) -> dict[str, Any]:
    """Attributes that are words or numbers, as plain JSON types."""
    found = {}
    for name, value in list(place.attrs.items())[:_WORDS]:
        if isinstance(value, bytes | str):
            found[name] = _text(value)
        elif isinstance(value, np.generic | np.ndarray) and value.dtype.kind in "buif" and value.size <= 64:
            found[name] = value.tolist()
    return found


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {"metadata": text}
    return dict(found) if isinstance(found, Mapping) else {"metadata": found}


def _said(value: Any) -> str:
    """A quantity or unit; sidpy writes "generic" where nobody said one."""
    text = _text(value)
    return "" if text == "generic" else text


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return value if isinstance(value, str) else ""
