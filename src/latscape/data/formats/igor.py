"""Waves of Igor Pro, by igor2; those of Asylum Research hold one image for each channel."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from latscape.errors import InputError
from latscape.signals.axis import Axis
from latscape.signals.signal import Signal

_NAMES = ("x", "y", "z", "t")  # Igor's own


def read_wave(path: Path) -> list[Signal]:
    """The wave of an .ibw file, (y, x) where Igor has [x][y]; named layers are signals of their own."""
    from igor2 import binarywave

    wave = binarywave.load(str(path))["wave"]
    values, header = np.asarray(wave["wData"]), wave["wave_header"]
    if values.size == 0 or values.dtype.kind not in "buifc":
        raise InputError("a wave of numbers", f"{path.name} of {values.dtype}, {values.shape}", "another wave")
    axes = [_axis(header, index, size) for index, size in enumerate(values.shape)]
    units, metadata = _text(header.get("dataUnits")), _note(wave.get("note", b""))
    labels = [_text(one) for one in wave["labels"][2][1:]] if len(wave.get("labels") or ()) > 2 else []
    if values.ndim == 3 and len(labels) == values.shape[2]:
        pair = (axes[1], axes[0])
        return [
            Signal(values[:, :, layer].T, pair, name or f"layer {layer}", name, units, metadata)
            for layer, name in enumerate(labels)
        ]
    if values.ndim == 1:
        return [Signal(values, tuple(axes), path.stem, "", units, metadata)]
    axes = [replace(axis, navigate=index > 1) for index, axis in enumerate(axes)]
    return [Signal(values.T, tuple(axes[::-1]), path.stem, "", units, metadata)]


def _axis(header: dict[str, Any], index: int, size: int) -> Axis:
    if "sfA" in header:  # version 5
        scale, offset = float(header["sfA"][index]), float(header["sfB"][index])
        units = _text(header["dimUnits"][index])
    else:
        scale, offset, units = float(header["hsA"]), float(header["hsB"]), _text(header.get("xUnits"))
    return Axis(_NAMES[index], size, scale or 1.0, offset, units)


def _note(note: bytes) -> dict[str, str]:
    """The lines "key: value" of a wave's note."""
    lines = _text(note).replace("\r", "\n").split("\n")
    return {key.strip(): value.strip() for key, colon, value in (line.partition(":") for line in lines) if colon}


def _text(value: Any) -> str:
    """Characters as igor2 gives them: bytes, or an array of single ones."""
    if isinstance(value, np.ndarray):
        value = b"".join(one for one in value.ravel().tolist() if isinstance(one, bytes))
    text = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value or "")
    return text.split("\0")[0]
