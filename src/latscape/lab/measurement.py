"""What an instrument brings back: a signal with a place; and scans, which have one for each place of an image."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.campaign.evaluation import Evaluation
from latscape.errors import InputError
from latscape.name_hints import with_attribute_hints, with_option_hints
from latscape.signals import Axis, Signal
from latscape.signals.axis import plain
from latscape.signals.stored import samples_over

VALUES, AXES = "values", "axes"


@with_option_hints
@with_attribute_hints
@dataclass(frozen=True, eq=False, repr=False)
class Measurement(Signal):
    """A spectrum, a loop, a diffraction pattern: a `Signal` that was measured at a place of a sample.

    Attributes
    ----------
    values
        Of any shape; NaN where nothing was measured.
    axes
        One for each dimension of `values`, such as `Axis.at("bias", voltages, "V")`.
    place
        Where it was really measured, (d,), if not where it was asked for: the sample drifts.
    new_image
        Of the sample, if the instrument took one.

    The others are those of `Signal`.

    Raises
    ------
    InputError
        If axes and values do not fit.

    Examples
    --------
    >>> Measurement([1.0, 2.0], (Axis.at("bias", [-1, 1], "V"),))
    Measurement (bias 2 [V]) of float64
    >>> Measurement([1.0, 2.0])
    Traceback (most recent call last):
    latscape.errors.InputError: Expected values over 0 axes of lengths (). Got values of shape (2,). Try ...
    """

    place: ArrayLike | None = None
    new_image: ArrayLike | None = None

    def __post_init__(self) -> None:
        values, lengths = np.asarray(self.values, dtype=np.float64), tuple(axis.size for axis in self.axes)
        if values.shape != lengths:
            expected = f"values over {len(lengths)} axes of lengths {lengths}"
            raise InputError(expected, f"values of shape {values.shape}", "one Axis for each dimension of values")
        if not all(np.isfinite(axis.positions).all() for axis in self.axes):
            raise InputError("finite positions along every axis", "NaN or infinity", "Axis.at('bias', voltages, 'V')")
        if not isinstance(self.name, str):  # in 0.1.0 the place came third
            raise InputError("a name", type(self.name).__name__, "Measurement(values, axes, place=place)")
        object.__setattr__(self, "values", values)
        super().__post_init__()

    def curves(self) -> dict[str, Any]:
        """The measurement as a record keeps it, so that it can be scored again by another scalarizer."""
        axes = [{"name": axis.name, "unit": axis.units, "values": axis.positions.tolist()} for axis in self.axes]
        return {VALUES: np.asarray(self), AXES: axes}

    @classmethod
    def kept(cls, evaluation: Evaluation) -> Self | None:
        """The measurement of a row of a record, None if it brought none."""
        if VALUES not in evaluation.curves:
            return None
        axes = [Axis.at(one["name"], one["values"], one["unit"]) for one in evaluation.curves[AXES]]
        return cls(evaluation.curves[VALUES], tuple(axes), place=evaluation.where)


class Instrument(Protocol):
    """Anything that measures: a microscope, a data set in its place, a simulation, a person.

    A class that is registered as an instrument, `@latscape.register("instrument", "afm")` or an entry point of the
    group `latscape.instrument`, is made by `latscape explore --image FILE --instrument afm:...` of what is typed behind
    its word. If it has a parameter `scan`, it is given the `Scan` that is explored, whose measurements are NaN where
    nothing was recorded; if it has a parameter `seed`, that of the run.
    """

    def measure(self, point: NDArray[np.float64]) -> Measurement:
        """The measurement at a place (d,); raising tells that it failed there."""
        ...


@with_attribute_hints
@dataclass(frozen=True, eq=False)
class Scan:
    """A cheap image of a sample, and costly measurements at places of it: a data set that can play an experiment.

    Attributes
    ----------
    image
        (h, w) or (h, w, c); an array will do.
    measurements
        Those axes that count places (`navigate`) come first: the rows and columns of a grid, or one axis for them all.
        NaN where nothing was measured.
    coordinates
        Row and column in the image of each place, in the order of `measurements.samples`, (m, 2) [pixel].
    name, about
        What it is called, and what it is.

    Raises
    ------
    InputError
        If the three do not fit.

    Examples
    --------
    >>> loops = over_places(np.zeros((2, 2, 64)), [Axis.at("bias", np.arange(64.0), "V")])
    >>> scan = Scan(np.zeros((8, 8)), loops, np.array([[2.0, 2.0], [2.0, 6.0], [6.0, 2.0], [6.0, 6.0]]))
    >>> len(scan), scan.measurement(3)
    (4, Measurement (bias 64 [V]) of float64)
    """

    image: Any
    measurements: Signal
    coordinates: NDArray[np.float64]
    name: str = "scan"
    about: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.image, Signal):
            object.__setattr__(self, "image", image_of(self.image))
        if self.coordinates.shape != (len(self.samples), 2) or self.image.ndim < 2:
            got = f"image {self.image.shape}, coordinates {self.coordinates.shape}, {self.measurements}"
            expected = "an image (h, w), measurements (m, ...) and coordinates (m, 2)"
            raise InputError(expected, got, "one measurement for each place")
        if len(self):
            self.measurement(0)  # which says what is wrong with axes

    def __len__(self) -> int:
        return len(self.coordinates)

    @cached_property
    def samples(self) -> NDArray[Any]:
        """What was measured at each place, (m, ...)."""
        over = tuple(index for index, axis in enumerate(self.measurements.axes) if axis.navigate)
        return samples_over(np.asarray(self.measurements), over)

    def measurement(self, index: int) -> Measurement:
        """One of the measurements."""
        found = self.measurements
        axes = tuple(axis for axis in found.axes if not axis.navigate)
        return Measurement(self.samples[index], axes, found.name, found.quantity, found.units)


def image_of(values: ArrayLike, quantity: str = "", units: str = "") -> Signal:
    """An image (h, w) or (h, w, c), and what it shows.

    Examples
    --------
    >>> image_of(np.zeros((8, 9)), "current", "pA")
    Signal (y 8, x 9) of float64, current [pA]
    """
    picture = np.asarray(values)
    return Signal(picture, plain((1, *picture.shape))[1:], quantity=quantity, units=units)


def over_places(values: ArrayLike, axes: Sequence[Axis]) -> Signal:
    """Measurements over these axes, at the rows and columns of a grid, or at places one after the other.

    Examples
    --------
    >>> over_places(np.zeros((60, 50, 64)), [Axis("bias", 64, units="V")])
    Signal (row 60, column 50 | bias 64 [V]) of float64
    """
    array = np.asarray(values)
    grid = array.shape[: max(array.ndim - len(axes), 0)]
    if len(grid) not in (1, 2):
        expected = f"values (rows, columns, ...) or (m, ...) over {len(axes)} axes"
        raise InputError(expected, f"shape {array.shape}", "an axis for each dimension that counts no places")
    places = zip(("row", "column") if len(grid) == 2 else ("place",), grid, strict=True)
    return Signal(array, (*(Axis(name, n, navigate=True) for name, n in places), *axes))
