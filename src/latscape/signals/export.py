"""Signals as other packages have them, and as NSID files, which sidpy and its readers open."""

import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from latscape.errors import InputError
from latscape.signals.axis import POSITIONS, Axis

if TYPE_CHECKING:
    import h5py

Signal = Any  # which knows this file, and is not known here

# The version of pyNSID that writes this layout; readers take no main data set without one.
_LAYOUT = "0.0.7.2"
# Bytes that are written at a time.
_PART = 2**25


def to_xarray(signal: "Signal") -> Any:
    """The signal as a `xarray.DataArray`: positions are coordinates with units; `as_signal` turns it back.

    Examples
    --------
    >>> from latscape.signals import Signal
    >>> array = to_xarray(Signal(np.zeros((3, 4)), (Axis("t", 3, navigate=True), Axis("x", 4, 0.5, units="nm"))))
    >>> array.dims, array.x.values.tolist(), array.x.units
    (('t', 'x'), [0.0, 0.5, 1.0, 1.5], 'nm')
    """
    xarray = _package("xarray")
    coordinates = {
        axis.name: (axis.name, axis.positions, {"units": axis.units, "navigate": int(axis.navigate)})
        for axis in signal.axes
    }
    attrs = {"units": signal.units, "long_name": signal.quantity or signal.name, "source": signal.source}
    name, said = signal.name or signal.quantity or None, {key: value for key, value in attrs.items() if value}
    return xarray.DataArray(signal.filled, coordinates, [axis.name for axis in signal.axes], name, said)


def to_hyperspy(signal: "Signal") -> Any:
    """The signal as one of HyperSpy: of spectra, of images, or a plain one, with the axes of places first.

    HyperSpy has no positions that turn back, as those of a loop do: its axis counts them, and they are in the metadata.
    """
    signals = _package("hyperspy.api").signals
    order = sorted(range(signal.ndim), key=lambda index: not signal.axes[index].navigate)
    axes = [_hyperspy_axis(signal.axes[index]) for index in order]
    kinds = {1: signals.Signal1D, 2: signals.Signal2D}
    made = kinds.get(sum(not axis["navigate"] for axis in axes), signals.BaseSignal)
    values = signal.filled if order == list(range(signal.ndim)) else np.transpose(signal.filled, order)
    found = made(np.asarray(values) if signal.lazy and not hasattr(values, "dask") else values, axes=axes)
    found.metadata.General.title = signal.name
    turning = [axis for axis in signal.axes if _turns(axis)]
    if turning:
        said = {axis.name: {"positions": axis.positions.tolist(), "units": axis.units} for axis in turning}
        found.metadata.add_dictionary({POSITIONS: said})
    if signal.quantity or signal.units:
        found.metadata.Signal.quantity = f"{signal.quantity} ({signal.units})" if signal.units else signal.quantity
    return found.as_lazy() if hasattr(values, "dask") and hasattr(found, "as_lazy") else found


def _hyperspy_axis(axis: Axis) -> dict[str, Any]:
    if _turns(axis):
        return {"name": axis.name, "navigate": axis.navigate, "size": axis.size}
    common = {"name": axis.name, "units": axis.units or None, "navigate": axis.navigate}
    if not axis.even:
        return {**common, "axis": axis.positions}
    return {**common, "size": axis.size, "scale": axis.scale, "offset": axis.offset}


def _turns(axis: Axis) -> bool:
    """Whether the positions neither only rise nor only fall."""
    steps = np.sign(np.diff(axis.positions))
    return bool((steps != steps[:1]).any() or (steps == 0).any())


def to_sidpy(signal: "Signal") -> Any:
    """The signal as a `sidpy.Dataset` with its dimensions."""
    sidpy = _package("sidpy")
    values = signal.values if hasattr(signal.values, "dask") else np.asarray(signal)
    found = sidpy.Dataset.from_array(values, title=signal.name or "signal")
    for index, (axis, kind) in enumerate(zip(signal.axes, kinds(signal), strict=True)):
        dimension = sidpy.Dimension(axis.positions, axis.name, axis.name, axis.units or "generic", dimension_type=kind)
        found.set_dimension(index, dimension)
    found.data_type = data_type(signal)
    found.quantity, found.units = signal.quantity or "generic", signal.units or "generic"
    return found


def save_nsid(path: str | Path, signals: "Signal | Iterable[Signal]") -> Path:
    """Write signals as main data sets of NSID, one HDF5 file, whole or not at all; `load` and sidpy read it back.

    Lazy values are written part by part.

    Parameters
    ----------
    path
        A new .h5 or .hdf5 file.
    signals
        One, or several, which become channels of one measurement.

    Raises
    ------
    InputError
        For another extension, a file that is there already, or a folder that is not.
    """
    import h5py

    path, several = Path(path).expanduser(), [*signals] if isinstance(signals, Iterable) else [signals]
    if path.suffix.lower() not in (".h5", ".hdf5"):
        raise InputError("a .h5 or .hdf5 file", path.name, "map.h5")
    if path.exists() or not path.parent.is_dir():
        got = f"{path}, {'which exists' if path.exists() else 'a folder that does not exist'}"
        raise InputError("a new file in a folder that exists", got, "another name")
    if not several:
        raise InputError("at least one signal", "none", "save_nsid(path, signal)")
    half = path.with_name(f".{path.name}.part")
    try:
        with h5py.File(half, "w") as file:
            for index, signal in enumerate(several):
                _write_channel(file.create_group(f"Measurement_000/Channel_{index:03d}"), signal)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return path


def _write_channel(group: "h5py.Group", signal: "Signal") -> None:
    name = re.sub(r"[/\s]+", "_", signal.name.strip("/").rpartition("/")[2] or signal.quantity or "signal")
    place, values = group.create_group(name), signal.filled
    main = place.create_dataset(name, signal.shape, values.dtype)
    rows = max(1, _PART // max(1, signal.dtype.itemsize * math.prod(signal.shape[1:])))
    for start in range(0, signal.shape[0], rows):
        main[start : start + rows] = np.asarray(values[start : start + rows])
    said = {key: getattr(signal, key) or "generic" for key in ("quantity", "units", "source")} | {"modality": "generic"}
    main.attrs.update(title=name, main_data_name=name, data_type=data_type(signal), pyNSID_version=_LAYOUT, **said)
    for index, (axis, kind) in enumerate(zip(signal.axes, kinds(signal), strict=True)):
        scale = place.create_dataset(axis.name.replace("/", "_"), data=axis.positions)
        units = axis.units or "generic"
        scale.attrs.update(name=axis.name, quantity=axis.name, units=units, dimension_type=kind, navigate=axis.navigate)
        scale.make_scale(axis.name)
        main.dims[index].label = axis.name
        main.dims[index].attach_scale(scale)
    words = place.create_group("original_metadata")
    for key, value in signal.metadata.items():
        text = value if isinstance(value, str | int | float) else json.dumps(value, default=str)
        if len(str(text)) < 2**15:  # the most that an attribute may hold is 64 kB
            words.attrs[str(key)] = text


def kinds(signal: "Signal") -> list[str]:
    """What sidpy calls the axes: places, or what was measured there."""
    rest = sum(not axis.navigate for axis in signal.axes)
    within = {1: "SPECTRAL", 2: "SPATIAL" if len(signal.navigation) < 2 else "RECIPROCAL"}.get(rest, "CHANNEL")
    over = "TEMPORAL" if within == "SPATIAL" else "SPATIAL"
    return [over if axis.navigate else within for axis in signal.axes]


def data_type(signal: "Signal") -> str:
    """What sidpy calls an array with these axes.

    Examples
    --------
    >>> from latscape.signals import Signal
    >>> data_type(Signal(np.zeros((5, 8, 8)))), data_type(Signal(np.zeros((5, 80))))
    ('IMAGE_STACK', 'LINE_PLOT_FAMILY')
    """
    over = len(signal.navigation)
    names = {(0, 1): "LINE_PLOT", (0, 2): "IMAGE", (1, 1): "LINE_PLOT_FAMILY", (1, 2): "IMAGE_STACK"}
    names |= {(2, 0): "IMAGE", (2, 1): "SPECTRAL_IMAGE", (2, 2): "IMAGE_4D"}
    return names.get((over, signal.ndim - over), "UNKNOWN")


def _package(name: str) -> Any:
    from importlib import import_module

    package = name.partition(".")[0]
    try:
        return import_module(name)
    except ImportError as error:
        raise InputError(f"{package}, whose object is asked for", "none installed", f"pip install {package}") from error
