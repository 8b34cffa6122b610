"""A measured array with named axes, units and metadata: what every file is read into."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError
from latscape.signals import export
from latscape.signals.axis import COLOUR, Axis, plain, written
from latscape.signals.stored import Rows, is_lazy, samples_over

_LUMA = np.array([0.2126, 0.7152, 0.0722])  # of red, green, blue: ITU-R BT.709


@dataclass(frozen=True, eq=False)
class Signal:
    """A measured array: an image, a movie, a map of spectra, a stack of patches.

    Attributes
    ----------
    values
        As stored, of any type of real or complex numbers: in memory, or a memory map, HDF5 or dask array that is read
        when it is needed (`lazy`).
    axes
        One for each axis of the values; by default samples along the first, then pixels, then channels.
    name
        Of the data set inside the file.
    quantity, units
        What the values are, "" where nobody knows.
    metadata
        What the file says besides, as plain JSON types.
    mask
        False where nothing was measured, such as at places of a grid that was stopped before it reached them: booleans
        over the first axes or over all, of the size 1 along those that do not matter; None: everything was measured.
        In memory the values there are NaN.

    Raises
    ------
    InputError
        If axes, mask and values do not fit.

    Examples
    --------
    >>> loops = Signal(np.zeros((5, 4, 64)), written("y [nm], x [nm] | bias [V]", plain((5, 4, 64))), quantity="PFM")
    >>> loops
    Signal (y 5 [nm], x 4 [nm] | bias 64 [V]) of float64, PFM
    >>> loops.samples.shape, loops.paint(np.arange(20.0), "latent").shape
    ((20, 64), (5, 4))
    """

    values: Any
    axes: tuple[Axis, ...] = ()
    name: str = ""
    quantity: str = ""
    units: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    mask: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        shape = tuple(self.values.shape)
        axes = tuple(self.axes) or plain(shape)
        if tuple(axis.size for axis in axes) != shape:
            raise InputError(f"axes of the sizes {shape}", ", ".join(map(str, axes)) or "none", "one axis for each")
        object.__setattr__(self, "axes", axes)
        if self.mask is not None:
            mask = np.asarray(self.mask)
            sizes = mask.shape + (1,) * (len(shape) - mask.ndim)
            fits = len(sizes) == len(shape) and all(n in (1, size) for n, size in zip(sizes, shape, strict=True))
            if mask.dtype.kind != "b" or not fits:
                got = f"{mask.dtype} of shape {mask.shape}"
                raise InputError(f"a mask of booleans over the values {shape}", got, "np.isfinite(values)")
            object.__setattr__(self, "mask", mask.reshape(sizes))

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the values."""
        return tuple(self.values.shape)

    @property
    def ndim(self) -> int:
        """How many axes."""
        return len(self.axes)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the values."""
        return np.dtype(self.values.dtype)

    @property
    def lazy(self) -> bool:
        """Whether the values stay in their file until they are asked for."""
        return is_lazy(self.values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """All values in memory, NaN where nothing was measured."""
        values = np.asarray(self.values, dtype=dtype)
        return values if self.mask is None else np.where(self.mask, values, np.nan)

    @property
    def filled(self) -> Any:
        """The values, in memory with NaN where nothing was measured; those that are lazy as they are."""
        return self.values if self.mask is None or self.lazy else np.asarray(self)

    @property
    def label(self) -> str:
        """What the values are and their unit, as they stand beside a figure; "" where nobody knows.

        Examples
        --------
        >>> Signal(np.zeros(4), quantity="current", units="nA").label
        'current [nA]'
        """
        return f"{self.quantity} [{self.units}]" if self.units else self.quantity

    def axis(self, name: str) -> Axis:
        """The axis of this name."""
        found = next((axis for axis in self.axes if axis.name == name), None)
        if found is None:
            raise InputError(f"an axis among {', '.join(axis.name for axis in self.axes)}", repr(name), "one of these")
        return found

    def named(self, axes: str) -> "Signal":
        """The same with its axes named, such as "y, x | energy [eV]"; those before the bar count samples."""
        return replace(self, axes=written(axes, self.axes))

    def calibrated(
        self, field_of_view: tuple[float, float], units: str, names: tuple[str, str] = ("y", "x")
    ) -> "Signal":
        """The same with the width of a pixel along two axes, from the height and width of the view [units]."""
        spans = dict(zip(names, field_of_view, strict=True))
        for name in names:
            self.axis(name)
        axes = (
            replace(axis, scale=spans[axis.name] / axis.size, units=units, uneven=None) if axis.name in spans else axis
            for axis in self.axes
        )
        return replace(self, axes=tuple(axes))

    @property
    def navigation(self) -> tuple[Axis, ...]:
        """Axes of places and times."""
        return tuple(axis for axis in self.axes if axis.navigate)

    @property
    def samples(self) -> Any:
        """One sample for each place and time, (n, ...), in the order of the axes; lazy values are read when taken."""
        over = tuple(index for index, axis in enumerate(self.axes) if axis.navigate)
        if not over or len(over) == self.ndim:
            hint = "naming them, 'y, x | energy [eV]', or cutting patches"
            raise InputError("axes that count samples before others", f"{self!r}", hint)
        return samples_over(self.filled, over)

    def paint(self, values: ArrayLike, name: str = "", units: str = "") -> "Signal":
        """What is known of every sample, (n, ...), put back where the samples were measured.

        Returns
        -------
        Signal
            One value per sample gives an image of the places; several give a further axis.
        """
        array, places = np.asarray(values), self.navigation
        shape = tuple(axis.size for axis in places)
        if array.ndim < 1 or len(array) != np.prod(shape):
            raise InputError(f"one row for each of {np.prod(shape)} samples", f"shape {array.shape}", "all of them")
        further = tuple(Axis(name or "value", size) for size in array.shape[1:])
        axes = places + further if further else tuple(replace(axis, navigate=False) for axis in places)
        return Signal(array.reshape(*shape, *array.shape[1:]), axes, name, name, units, source=self.source)

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Of each place and time, whether anything was measured there, (n,)."""
        if self.mask is None:
            return np.ones(math.prod(axis.size for axis in self.navigation), bool)
        over = tuple(index for index, axis in enumerate(self.axes) if not axis.navigate)
        return np.broadcast_to(self.mask.any(axis=over), [axis.size for axis in self.navigation]).reshape(-1)

    @property
    def missing(self) -> int:
        """Places and times at which nothing was measured."""
        return int((~self.measured).sum())

    def complete(self) -> NDArray[np.bool_]:
        """Of each sample, whether it was measured and all its values are finite, (n,)."""
        samples = self.samples
        flat = samples.finite() if isinstance(samples, Rows) else np.isfinite(samples).reshape(len(samples), -1).all(1)
        return flat & self.measured

    def only(self, which: ArrayLike) -> "Signal":
        """Some of the samples, by a mask or numbers, along one axis; `metadata["index"]` says which they are."""
        index = np.arange(math.prod(axis.size for axis in self.navigation))[np.asarray(which)]
        if not len(index):
            raise InputError("at least one sample", "none", "another file")
        axes = Axis("n", len(index), navigate=True), *(axis for axis in self.axes if not axis.navigate)
        mask = None if self.mask is None else replace(self, values=np.broadcast_to(self.mask, self.shape), mask=None)
        seen, metadata = None if mask is None else mask.samples[index], {**self.metadata, "index": index.tolist()}
        return replace(self, values=self.samples[index], axes=axes, metadata=metadata, mask=seen)

    def image(self) -> NDArray[Any]:
        """The values of a grey image, (height, width), in memory.

        Raises
        ------
        InputError
            For anything but two axes; the message names the way out for colour images.
        """
        if self.ndim == 2:
            return np.asarray(self)
        colour = self.axes[-1].name == COLOUR
        hint = "signal.grey()" if colour and self.ndim == 3 else "one frame or channel of it, signal.take(0)"
        raise InputError("a grey image of two axes", f"{self!r}", hint)

    def grey(self) -> "Signal":
        """The luminance (ITU-R BT.709) of colour values, in their unit; grey values as they are."""
        if self.axes[-1].name != COLOUR:
            return self
        values = np.asarray(self)[..., :3]
        values = values[..., 0] if values.shape[-1] < 3 else values @ _LUMA
        mask = None if self.mask is None else self.mask.all(axis=-1)
        return replace(self, values=values.astype(np.float32), axes=self.axes[:-1], mask=mask)

    def take(self, index: int, name: str | None = None) -> "Signal":
        """One entry along an axis, by default the first."""
        at = 0 if name is None else self.axes.index(self.axis(name))
        if not -self.axes[at].size <= index < self.axes[at].size:
            raise InputError(f"an entry of {self.axes[at]}", index, "take(0)")
        place = index % self.axes[at].size
        values = self.values[(slice(None),) * at + (place,)]
        return replace(self, values=values, axes=self.axes[:at] + self.axes[at + 1 :], mask=self._mask_at(at, place))

    def to_xarray(self) -> Any:
        """As a `xarray.DataArray`; see `latscape.signals.export`."""
        return export.to_xarray(self)

    def to_hyperspy(self) -> Any:
        """As a signal of HyperSpy, `Signal1D`, `Signal2D` or `BaseSignal`."""
        return export.to_hyperspy(self)

    def to_sidpy(self) -> Any:
        """As a `sidpy.Dataset`."""
        return export.to_sidpy(self)

    def save(self, path: str | Path) -> Path:
        """Write an NSID file, which `latscape.data.load` and sidpy read; see `latscape.signals.export.save_nsid`."""
        return export.save_nsid(path, self)

    def part(self, name: str, start: int, stop: int) -> "Signal":
        """The entries from `start` to before `stop` along an axis."""
        axis = self.axis(name)
        if not 0 <= start < stop <= axis.size:
            raise InputError(f"a part of {axis}", f"{start} to {stop}", f"signal.part({name!r}, 0, {axis.size})")
        at = self.axes.index(axis)
        moved = axis.offset + axis.scale * start
        uneven = None if axis.uneven is None else axis.uneven[start:stop]
        kept = replace(axis, size=stop - start, offset=moved, uneven=uneven)
        values, axes = self.values[(slice(None),) * at + (slice(start, stop),)], (*self.axes[:at], kept)
        mask = self._mask_at(at, slice(start, stop))
        return replace(self, values=values, axes=(*axes, *self.axes[at + 1 :]), mask=mask)

    def _mask_at(self, at: int, place: int | slice) -> NDArray[np.bool_] | None:
        """The mask of some entries along an axis."""
        if self.mask is None:
            return None
        if self.mask.shape[at] == 1:  # it is that of all entries
            place = slice(None) if isinstance(place, slice) else 0
        return self.mask[(slice(None),) * at + (place,)]

    def __repr__(self) -> str:
        places = ", ".join(map(str, self.navigation))
        rest = ", ".join(str(axis) for axis in self.axes if not axis.navigate)
        what = f", {self.quantity}" if self.quantity else ""
        units = f" [{self.units}]" if self.units else ""
        return f"{type(self).__name__} ({places}{' | ' if places else ''}{rest}) of {self.dtype}{what}{units}"
