"""Scans and grids of Nanonis, by nanonispy2."""

import re
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from latscape.data.formats.bounds import check_shape
from latscape.errors import InputError
from latscape.signals.axis import Axis
from latscape.signals.foreign import quantity_of
from latscape.signals.signal import Signal

# What a header says of the size of a grid: pixels, parameters and points of each pixel, and the names of its channels.
_GRID = re.compile(rb'Grid dim="(\d+) x (\d+)"|# Parameters \(4 byte\)=(\d+)|Points=(\d+)|Channels="([^"]*)"')
_END = b":HEADER_END:\r\n"
_LONGEST = 2**20  # of a header [bytes]


def read_grid(path: Path) -> list[Signal]:
    """Curves (y, x | sweep) of every channel of a .3ds file; NaN where a grid that was stopped has none."""
    from nanonispy2.read import Grid

    measured, total = _measured(path)
    with redirect_stdout(StringIO()):  # it prints what it stumbles over, and raises that too
        found: Any = Grid(str(path))
    header, curves = found.header, found.signals
    axes = _places(header["dim_px"], header["pos_xy"], header["size_xy"])
    sweep, units = quantity_of(header["sweep_signal"])
    axes = (*axes, Axis.at(sweep.lower(), curves["sweep_signal"], units, rounded=True))
    metadata, mask = {"header": header}, (np.arange(total) < measured).reshape(axes[0].size, axes[1].size)
    signals = []
    for channel in header["channels"]:
        values = np.asarray(curves[channel], dtype=np.float32)
        values.reshape(total, -1)[measured:] = np.nan
        quantity, units = quantity_of(channel)
        signals.append(Signal(values, axes, quantity, quantity, units, metadata, mask=None if mask.all() else mask))
    return signals


def _measured(path: Path) -> tuple[int, int]:
    """Pixels that a grid holds, and those that it was to hold; the reader itself fills up what is missing."""
    with path.open("rb") as stream:
        head = stream.read(_LONGEST)
    end = head.find(_END)
    said: dict[int | None, re.Match[bytes]] = {}
    for match in _GRID.finditer(head[: max(end, 0)]):
        said.setdefault(match.lastindex, match)  # settings of other modules follow, with channels of their own
    if end < 0 or not {2, 3, 4, 5} <= set(said):
        raise InputError("the header of a grid of Nanonis", f"{path.name} without it", "a fresh copy of it")
    width, height, parameters = int(said[2][1]), int(said[2][2]), int(said[3][3])
    values = parameters + int(said[4][4]) * len(said[5][5].split(b";"))
    check_shape((width, height, values), np.float32, path.name)
    if width * height * values == 0:
        raise InputError("a grid with curves", f"{path.name} of {width} x {height}", "a fresh copy of it")
    measured = (path.stat().st_size - end - len(_END)) // (4 * values)
    if measured < 1:
        raise InputError("a grid with curves", f"{path.name}, which ends before the first", "a fresh copy of it")
    return min(measured, width * height), width * height


def _places(pixels: list[int], centre: list[float], size: list[float]) -> tuple[Axis, Axis]:
    """y and x of pixels that fill a field [m]: their middles."""
    made = []
    for name, count, middle, length in zip("xy", pixels, centre, size, strict=True):
        step = length / count
        made.append(Axis(name, count, step, middle - length / 2 + step / 2, "m", navigate=True))
    return made[1], made[0]


def read_scan(path: Path) -> list[Signal]:
    """Images (y, x) of every channel of a .sxm file, forward and backward; positions say which way the tip went."""
    from nanonispy2.read import Scan

    with redirect_stdout(StringIO()):
        found: Any = Scan(str(path))
    header = found.header
    pixels = [int(count) for count in header["scan_pixels"]]
    y, x = _places(pixels, [float(v) for v in header["scan_offset"]], [float(v) for v in header["scan_range"]])
    y, x = replace(y, navigate=False), replace(x, navigate=False)
    if header.get("scan_dir") == "down":  # the first line is the uppermost
        y = _reversed(y)
    signals = []
    for channel, units in zip(header["data_info"]["Name"], header["data_info"]["Unit"], strict=True):
        for way, along in (("forward", x), ("backward", _reversed(x))):
            values = np.asarray(found.signals[channel][way], dtype=np.float32)
            signals.append(Signal(values, (y, along), f"{channel} {way}", channel, units, {"header": header}))
    return signals


def _reversed(axis: Axis) -> Axis:
    return replace(axis, offset=axis.offset + axis.scale * (axis.size - 1), scale=-axis.scale)
