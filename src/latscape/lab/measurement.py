"""What an instrument brings back: numbers on axes with units, and what else it noticed."""

from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.campaign.evaluation import Evaluation
from latscape.errors import InputError

VALUES = "values"


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis of a measurement, such as "bias" with the unit "V", which is empty for a plain number.

    Its values say where those of the measurement were taken, (k,), finite, in their order.

    Examples
    --------
    >>> Axis("energy", "keV", [0.0, 0.01, 0.02]).label
    'energy [keV]'
    """

    name: str
    unit: str
    values: ArrayLike

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float64)
        if values.ndim != 1 or not np.isfinite(values).all():
            got = f"shape {values.shape}" if values.ndim != 1 else "NaN or infinity"
            raise InputError(f"finite values (k,) along axis {self.name!r}", got, "Axis('bias', 'V', voltages)")
        object.__setattr__(self, "values", values)

    @property
    def label(self) -> str:
        """Name and unit, as they stand beside a figure."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name

    @classmethod
    def labelled(cls, label: str, values: ArrayLike) -> Self:
        """The axis of a `label`."""
        name, bracket, unit = label.rpartition(" [")
        return cls(name, unit.removesuffix("]"), values) if bracket else cls(label, "", values)

    @property
    def x(self) -> NDArray[np.float64]:
        """The values, (k,)."""
        return np.asarray(self.values)


@dataclass(frozen=True, eq=False)
class Measurement:
    """A spectrum, a loop, a diffraction pattern: values over axes with units.

    Parameters
    ----------
    values
        Of any shape; NaN where nothing was measured.
    axes
        One for each dimension of `values`, as long as it is.
    place
        Where it was really measured, (d,), if not where it was asked for: the sample drifts.
    image
        A new image of the sample, if the instrument took one.

    Raises
    ------
    InputError
        If axes and values do not fit.

    Examples
    --------
    >>> Measurement([1.0, 2.0], [Axis("bias", "V", [-1, 1])]).values.shape
    (2,)
    >>> Measurement([1.0, 2.0], [])
    Traceback (most recent call last):
    latscape.errors.InputError: Expected values over 0 axes of lengths (). Got values of shape (2,). Try ...
    """

    values: ArrayLike
    axes: "list[Axis] | tuple[Axis, ...]"
    place: ArrayLike | None = None
    image: ArrayLike | None = None

    def __post_init__(self) -> None:
        values, lengths = np.asarray(self.values, dtype=np.float64), tuple(len(axis.x) for axis in self.axes)
        if values.shape != lengths:
            expected = f"values over {len(lengths)} axes of lengths {lengths}"
            raise InputError(expected, f"values of shape {values.shape}", "one Axis for each dimension of values")
        object.__setattr__(self, "values", values)

    @property
    def y(self) -> NDArray[np.float64]:
        """The values as an array."""
        return np.asarray(self.values)

    def curves(self) -> dict[str, Any]:
        """The measurement as a record keeps it, so that it can be scored again by another scalarizer."""
        named = {f"axis {k}: {axis.label}": axis.x for k, axis in enumerate(self.axes)}
        return {VALUES: self.y} | named

    @classmethod
    def kept(cls, evaluation: Evaluation) -> Self | None:
        """The measurement of a row of a record, None if it brought none."""
        if VALUES not in evaluation.curves:
            return None
        named = [name.partition(": ") for name in evaluation.curves if name.startswith("axis ")]
        named.sort(key=lambda parts: int(parts[0].removeprefix("axis ")))
        axes = [Axis.labelled(parts[2], evaluation.curves["".join(parts)]) for parts in named]
        return cls(evaluation.curves[VALUES], axes, place=evaluation.where)


class Instrument(Protocol):
    """Anything that measures: a microscope, a data set in its place, a simulation, a person.

    A class that is registered as an instrument, `@latscape.register("instrument", "afm")` or an entry point of the
    group `latscape.instrument`, is made by `latscape explore --image FILE --instrument afm:...` of what is typed behind
    its word. If it has a parameter `scan`, it is given the `Scan` that is explored, whose values are NaN where nothing
    was recorded; if it has a parameter `seed`, that of the run.
    """

    def measure(self, point: NDArray[np.float64]) -> Measurement:
        """The measurement at a place (d,); raising tells that it failed there."""
        ...


@dataclass(frozen=True, eq=False)
class Scan:
    """A cheap image of a sample, and costly measurements at places of it: a data set that can play an experiment.

    Attributes
    ----------
    image
        (h, w) or (h, w, c).
    coordinates
        Row and column in the image of each measurement, (m, 2) [pixel].
    values
        (m, ...), one measurement for each.
    axes
        Of one measurement.
    shape
        Rows and columns of the grid the measurements were taken on, if they were; else empty.
    name, about
        What it is called, and what it is.
    """

    image: NDArray
    coordinates: NDArray[np.float64]
    values: NDArray
    axes: list[Axis]
    shape: tuple[int, ...] = ()
    name: str = "scan"
    about: str = ""
    image_label: str = "image"
    facts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = tuple(len(axis.x) for axis in self.axes)
        if self.coordinates.shape != (len(self.values), 2) or self.values.shape[1:] != lengths or self.image.ndim < 2:
            got = f"image {self.image.shape}, coordinates {self.coordinates.shape}, values {self.values.shape}"
            expected = f"an image (h, w), coordinates (m, 2) and values (m, ...) over axes of lengths {lengths}"
            raise InputError(expected, got, "one measurement for each place")

    def __len__(self) -> int:
        return len(self.values)

    def measurement(self, index: int) -> Measurement:
        """One of the measurements."""
        return Measurement(self.values[index], self.axes)
