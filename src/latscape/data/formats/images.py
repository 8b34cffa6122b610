"""TIFF and the common formats of images."""

import logging
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from latscape.data.formats.bounds import Unread, check_shape
from latscape.errors import InputError
from latscape.signals.axis import COLOUR, Axis
from latscape.signals.foreign import unique
from latscape.signals.signal import Signal

_WITHIN = {"S": COLOUR, "X": "x", "Y": "y"}  # axes of one image, as tifffile calls them
_OVER = {"Z": "z", "T": "t", "C": "channel", "I": "n", "Q": "n"}
_OME = re.compile(r'PhysicalSize(?P<axis>[XYZ])(?P<unit>Unit)?="(?P<value>[^"]*)"')


def read_tiff(path: Path) -> list[Signal]:
    """The series of a TIFF file: memory maps where its pages lie in one piece and are not packed."""
    with _complaints() as complaints, tifffile.TiffFile(path) as file:
        found = [_series(path, file, index) for index in range(len(file.series))]
    if complaints:  # tifffile tells of a broken chain of pages, and goes on without the lost ones
        raise ValueError(complaints[0])
    return found


def _series(path: Path, file: tifffile.TiffFile, index: int) -> Signal:
    series = file.series[index]
    letters = series.axes if len(series.axes) == series.ndim else "Q" * series.ndim
    axes = [
        Axis(_WITHIN.get(letter) or _OVER.get(letter, f"axis {place}"), size, navigate=letter not in _WITHIN)
        for place, (letter, size) in enumerate(zip(letters, series.shape, strict=True))
    ]
    steps, metadata = _calibration(file)
    axes = [
        replace(axis, scale=steps[axis.name][0], units=steps[axis.name][1]) if axis.name in steps else axis
        for axis in axes
    ]
    values: Any = Unread(path, partial(_pages, path, index), tuple(series.shape), series.dtype)
    if series.dataoffset is not None and series.size and series.dtype == series.dtype.newbyteorder(file.byteorder):
        values = np.memmap(path, series.dtype.newbyteorder(file.byteorder), "r", series.dataoffset, series.shape)
    name = path.stem if len(file.series) == 1 else series.name or f"series {index}"
    return Signal(values, unique(axes), name if len(file.series) > 1 else path.stem, metadata=metadata)


def _pages(path: Path, index: int) -> NDArray[Any]:
    with _complaints() as complaints, tifffile.TiffFile(path) as file:
        values = file.series[index].asarray()
    if complaints:
        raise ValueError(complaints[0])
    return values


def _calibration(file: tifffile.TiffFile) -> tuple[dict[str, tuple[float, str]], dict[str, Any]]:
    """Step and unit of the axes that ImageJ, OME or FEI wrote, and what else they say."""
    if file.is_imagej and file.imagej_metadata:
        found = {key: value for key, value in file.imagej_metadata.items() if isinstance(value, int | float | str)}
        return _imagej(file, found), found
    if file.is_ome and file.ome_metadata:
        words = {
            (match["axis"].lower(), bool(match["unit"])): match["value"] for match in _OME.finditer(file.ome_metadata)
        }
        sizes = {axis: float(value) for (axis, unit), value in words.items() if not unit}
        return {axis: (size, words.get((axis, True), "µm")) for axis, size in sizes.items() if size > 0}, {}
    if file.is_fei and isinstance(file.fei_metadata, dict):
        scan = file.fei_metadata.get("Scan", {})
        pixels = {"x": scan.get("PixelWidth"), "y": scan.get("PixelHeight")}
        return {axis: (float(size), "m") for axis, size in pixels.items() if size}, file.fei_metadata
    return {}, {}


def _imagej(file: tifffile.TiffFile, said: dict[str, Any]) -> dict[str, tuple[float, str]]:
    unit, steps = str(said.get("unit", "")).replace("\\u00B5", "µ").replace("micron", "µm"), {}
    for axis, tag in (("x", "XResolution"), ("y", "YResolution")):
        found = file.pages[0].tags.get(tag)  # pyright: ignore[reportAttributeAccessIssue]
        pixels, per = found.value if found is not None else (0, 0)
        if unit and pixels and per:
            steps[axis] = (per / pixels, unit)
    if unit and isinstance(said.get("spacing"), int | float):
        steps["z"] = (float(said["spacing"]), unit)
    return steps


def read_image(path: Path) -> list[Signal]:
    """A picture: grey (y, x), or red, green and blue (y, x, colour)."""
    from PIL import Image

    with Image.open(path) as picture:
        bands, mode = len(picture.getbands()), picture.mode
        grey = bands == 1 and mode != "P"
        width, height = picture.size
        frames = getattr(picture, "n_frames", 1)
        if frames > 1:
            raise InputError("one picture", f"{path.name} with {frames} frames", "a TIFF of its frames")
    shape = (height, width) if grey else (height, width, 3)
    check_shape(shape, np.uint8, path.name)
    if math.prod(shape) == 0:
        raise InputError("a picture with pixels", f"{path.name} of shape {shape}", "a fresh copy of it")
    dtype = {"1": np.bool_, "L": np.uint8, "I": np.int32, "F": np.float32}.get(mode, np.uint16 if grey else np.uint8)
    axes = (Axis("y", height), Axis("x", width), *(() if grey else (Axis(COLOUR, 3),)))
    return [Signal(Unread(path, partial(_picture, path, grey), shape, np.dtype(dtype)), axes, path.stem)]


def _picture(path: Path, grey: bool) -> NDArray[Any]:
    from PIL import Image

    with Image.open(path) as picture:
        return np.asarray(picture if grey else picture.convert("RGB"))


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """The messages of level ERROR that tifffile logs meanwhile."""
    messages: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: messages.append(record.getMessage())
    logger = logging.getLogger("tifffile")
    logger.addHandler(handler)
    try:
        yield messages
    finally:
        logger.removeHandler(handler)
