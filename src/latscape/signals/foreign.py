"""What other packages call a measured array: signals of HyperSpy, data sets of sidpy, arrays of xarray.

They are known by what they have, so none of the packages is imported.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from latscape.errors import InputError
from latscape.signals.axis import COLOUR, POSITIONS, Axis, plain
from latscape.signals.export import to_hyperspy, to_sidpy, to_xarray
from latscape.signals.signal import Signal

#: Kinds of dimensions of sidpy along which is measured again and again.
PLACES = ("SPATIAL", "TEMPORAL", "POINT_CLOUD")


def as_signal(found: Any) -> Signal:
    """A signal of HyperSpy, a data set of sidpy, an array of xarray, or any array, with what it says of its axes.

    Lazy values stay lazy.

    Examples
    --------
    >>> as_signal([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    Signal (y 2 | x 3) of float64
    """
    if isinstance(found, Signal):
        return found
    reader = _READERS.get(kind_of(found))
    if reader is not None:
        return reader(found)
    return Signal(found if isinstance(getattr(found, "dtype", None), np.dtype) else np.asarray(found))


def paint(values: Any, like: Any, name: str = "") -> Any:
    """What is known of every sample, (n, ...), put back where the samples were measured, as the package has it.

    Parameters
    ----------
    values
        (n, ...), such as `model.transform(like)`.
    like
        What the samples were taken from: a `Signal`, a signal of HyperSpy, a data set of sidpy or an array of xarray.

    Returns
    -------
    Signal, or what `like` is
        One value per sample gives an image of the places; several give a further axis.

    Examples
    --------
    >>> map_ = Signal(np.zeros((2, 3, 5)), (Axis("y", 2, navigate=True), Axis("x", 3, navigate=True), Axis("E", 5)))
    >>> paint(np.zeros((6, 2)), map_, "latent")
    Signal (y 2, x 3 | latent 2) of float64, latent
    """
    made = as_signal(like).paint(values, name)
    ways = {"hyperspy": to_hyperspy, "sidpy": to_sidpy, "xarray": to_xarray}
    return ways.get(kind_of(like), lambda signal: signal)(made)


def kind_of(found: Any) -> str:
    """Which package made it: "hyperspy", "sidpy", "xarray", "" for none of them."""
    kinds = {"hyperspy": ("axes_manager", "data"), "sidpy": ("data_type", "_axes"), "xarray": ("dims", "coords")}
    return next((kind for kind, names in kinds.items() if all(hasattr(found, name) for name in names)), "")


def samples_of(found: Any) -> Any:
    """Samples along the first axis of what another package made; everything else as it is."""
    if not isinstance(found, Signal) and not kind_of(found):
        return found
    signal = as_signal(found)
    if signal.ndim < 2 or all(axis.navigate for axis in signal.axes):  # labels, or one number for each place
        return np.asarray(signal).ravel()
    return signal.samples


def _of_hyperspy(found: Any) -> Signal:
    metadata = found.metadata.as_dictionary() if hasattr(found.metadata, "as_dictionary") else {}
    turning, axes = metadata.get(POSITIONS, {}), []
    for axis in found.axes_manager._axes:  # in the order of the array
        name, units = _text(axis.name), _text(axis.units)
        if name in turning:
            made = Axis.at(name, turning[name]["positions"], turning[name]["units"], rounded=True)
        elif hasattr(axis, "scale"):
            made = Axis(name, axis.size, float(axis.scale), float(axis.offset), units)
        else:
            made = Axis.at(name, axis.axis, units, rounded=True)
        axes.append(replace(made, navigate=bool(axis.navigate)))
    title = metadata.get("General", {}).get("title", "")
    quantity, units = quantity_of(metadata.get("Signal", {}).get("quantity", ""))
    return Signal(*uncoloured(found.data, axes), title, quantity, units, metadata)


def _of_sidpy(found: Any) -> Signal:
    dimensions = [found._axes[index] for index in range(found.ndim)]
    kinds = [_kind(one.dimension_type) for one in dimensions]
    over = places(kinds, _kind(found.data_type))
    if set(kinds) == {"UNKNOWN"}:  # it says as little as an array
        over = [axis.navigate for axis in plain(tuple(found.shape))]
    axes = [
        Axis.at(_text(one.name), np.asarray(one), _text(one.units), navigate=counted, rounded=True)
        for one, counted in zip(dimensions, over, strict=True)
    ]
    metadata = {name: getattr(found, name, {}) for name in ("metadata", "original_metadata")}
    return Signal(_dask(found), unique(axes), _text(found.title), _text(found.quantity), _text(found.units), metadata)


def _dask(found: Any) -> Any:
    """The dask array that a data set of sidpy is, without what sidpy adds to every operation on it."""
    import dask.array

    array: Any = dask.array.Array  # its annotations know one argument
    return array(found.dask, found.name, found.chunks, found.dtype)


def _of_xarray(found: Any) -> Signal:
    if hasattr(found, "data_vars"):
        names = ", ".join(map(str, found.data_vars))
        raise InputError("one array", f"a Dataset of xarray with {names}", "one of them: dataset['...']")
    axes = []
    for index, (name, size) in enumerate(zip(found.dims, found.shape, strict=True)):
        axis = Axis(str(name), size)
        if name in found.coords and found.coords[name].dtype.kind in "iuf":
            coordinate = found.coords[name]
            units = _text(coordinate.attrs.get("units", ""))
            axis = Axis.at(str(name), coordinate.values, units, rounded=True)
        said = found.coords[name].attrs.get("navigate") if name in found.coords else None
        axes.append(replace(axis, navigate=bool(index == 0 and found.ndim > 1 if said is None else said)))
    attrs = {str(key): value for key, value in found.attrs.items()}
    quantity, units = attrs.get("long_name", found.name), attrs.get("units")
    return Signal(found.data, tuple(axes), _text(found.name), _text(quantity), _text(units), attrs)


_READERS = {"hyperspy": _of_hyperspy, "sidpy": _of_sidpy, "xarray": _of_xarray}


def places(kinds: Sequence[str], data_type: str) -> list[bool]:
    """Which dimensions of sidpy count samples: places beside what was measured there, the frames of a stack.

    Examples
    --------
    >>> places(["SPATIAL", "SPATIAL", "SPECTRAL"], "SPECTRAL_IMAGE"), places(["SPATIAL", "SPATIAL"], "IMAGE")
    ([True, True, False], [False, False])
    >>> places(["TEMPORAL", "SPATIAL", "SPATIAL"], "IMAGE_STACK")
    [True, False, False]
    """
    if data_type == "IMAGE_STACK":
        over = [kind != "SPATIAL" for kind in kinds]
        return over if any(over) else [index == 0 for index in range(len(kinds))]
    over = [kind in PLACES for kind in kinds]
    return over if not all(over) else [False] * len(kinds)


def quantity_of(text: str) -> tuple[str, str]:
    """Name and unit of "Current (A)".

    Examples
    --------
    >>> quantity_of("Current (A)"), quantity_of("X-rays")
    (('Current', 'A'), ('X-rays', ''))
    """
    name, bracket, rest = str(text).rpartition(" (")
    return (name, rest[:-1]) if bracket and rest.endswith(")") else (str(text), "")


def uncoloured(values: Any, axes: Sequence[Axis]) -> tuple[Any, tuple[Axis, ...]]:
    """Values whose numbers are triples of red, green and blue get an axis of colours instead."""
    names = values.dtype.names
    if names is None or len(names) not in (3, 4):
        return values, unique(axes)
    stacked = np.stack([np.asarray(values[name]) for name in names], axis=-1)
    return stacked, (*unique(axes), Axis(COLOUR, len(names)))


def unique(axes: Sequence[Axis]) -> tuple[Axis, ...]:
    """Axes that all have a name of their own; the last two of an image without any are y and x.

    Examples
    --------
    >>> [axis.name for axis in unique([Axis("t", 3, navigate=True), Axis("", 8), Axis("", 9)])]
    ['t', 'y', 'x']
    """
    unnamed = [index for index, axis in enumerate(axes) if not axis.name and not axis.navigate]
    names = {index: axis.name or f"axis {index}" for index, axis in enumerate(axes)}
    if len(unnamed) == 2 and not {"x", "y"} & set(names.values()):
        names |= dict(zip(unnamed, "yx", strict=True))
    said = list(names.values())
    return tuple(
        replace(axis, name=name if said.count(name) == 1 else f"{name} {index}")
        for (index, name), axis in zip(names.items(), axes, strict=True)
    )


def _kind(value: Any) -> str:
    return str(getattr(value, "name", value)).upper()


def _text(value: Any) -> str:
    """A name or unit; packages have their own words for none."""
    return value if isinstance(value, str) and value not in ("<undefined>", "generic") else ""
