"""One axis of a measured array: what it counts, in which unit, and where each entry lies."""

import re
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError
from latscape.name_hints import with_attribute_hints

#: Where metadata of a signal of HyperSpy hold positions that its axes cannot.
POSITIONS = "latscape_positions"
#: Colour channels, whatever a file calls them.
COLOUR = "colour"

# Positions that leave even spacing by less than this share of a step are even, as those in files of single precision.
_EVEN = 1e-3
_WRITTEN = re.compile(r"\s*(?P<name>[^\s\[\]|,][^\[\]|,]*?)\s*(?:\[(?P<units>[^\[\]|,]*)\])?\s*")


@with_attribute_hints
@dataclass(frozen=True, eq=False)
class Axis:
    """One axis of an array; `Axis.at(name, positions, units)` makes that of known positions.

    Attributes
    ----------
    scale, offset
        The entry i lies at `offset + scale * i` [units].
    units
        "" where nobody knows: then scale and offset count entries.
    navigate
        True for where and when was measured (the places of a map, the frames of a movie); False for what was measured
        there (the energies of a spectrum, the pixels of an image).
    uneven
        Positions (size,) [units] that scale and offset do not say exactly.

    Raises
    ------
    InputError
        For a size that is no number, and positions that are not (size,).

    Examples
    --------
    >>> Axis("energy", 4, scale=0.5, offset=2.0, units="eV").positions
    array([2. , 2.5, 3. , 3.5])
    """

    name: str
    size: int
    scale: float = 1.0
    offset: float = 0.0
    units: str = ""
    navigate: bool = False
    uneven: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.size, int | np.integer):
            raise InputError("the number of entries of an axis", repr(self.size), "Axis.at(name, positions, units)")

    @classmethod
    def at(
        cls, name: str, positions: ArrayLike, units: str = "", *, navigate: bool = False, rounded: bool = False
    ) -> "Axis":
        """The axis with entries at these positions (size,) [units].

        Parameters
        ----------
        rounded
            Positions that leave even spacing by less than a thousandth of a step are moved there, which is right for
            those in files of single precision; default: every position is kept exactly.

        Examples
        --------
        >>> Axis.at("bias", [0.0, 0.1, 0.2], "V").scale, Axis.at("bias", [0.0, 1.0, 0.0], "V").uneven
        (0.1, array([0., 1., 0.]))
        """
        values = np.asarray(positions, dtype=np.float64)
        if values.ndim != 1:
            raise InputError(f"positions (size,) along axis {name!r}", f"shape {values.shape}", "one axis for each")
        offset = float(values[0]) if len(values) else 0.0
        scale = float(values[-1] - offset) / (len(values) - 1) if len(values) > 1 else 1.0
        made = cls(name, len(values), scale, offset, units, navigate, values)
        even = replace(made, uneven=None)
        if not made.even:
            return replace(made, scale=1.0)
        return even if rounded or np.array_equal(even.positions, values) else made

    @cached_property
    def positions(self) -> NDArray[np.float64]:
        """Where each entry lies, (size,) [units]."""
        return self._even_positions if self.uneven is None else self.uneven

    @property
    def even(self) -> bool:
        """Whether scale and offset say the positions, to a thousandth of a step."""
        error = np.abs(self.positions - self._even_positions)
        return self.scale != 0 and bool((error <= _EVEN * abs(self.scale)).all())

    @property
    def _even_positions(self) -> NDArray[np.float64]:
        return self.offset + self.scale * np.arange(self.size, dtype=np.float64)

    @property
    def label(self) -> str:
        """Name and unit, as they stand beside a figure.

        Examples
        --------
        >>> Axis("energy", 4, units="keV").label
        'energy [keV]'
        """
        return f"{self.name} [{self.units}]" if self.units else self.name

    @property
    def calibrated(self) -> bool:
        """Whether its unit is known."""
        return bool(self.units)

    def __str__(self) -> str:
        return f"{self.name} {self.size}" + (f" [{self.units}]" if self.units else "")


def plain(shape: tuple[int, ...]) -> tuple[Axis, ...]:
    """Axes of an array that says nothing of them: samples along the first, then pixels, then channels.

    Examples
    --------
    >>> [axis.name for axis in plain((9, 8, 8))], [axis.navigate for axis in plain((9, 8))]
    (['n', 'y', 'x'], [True, False])
    """
    names = {1: ("x",), 2: ("y", "x"), 3: ("n", "y", "x"), 4: ("n", "y", "x", "c")}
    chosen = names.get(len(shape), tuple(f"axis {index}" for index in range(len(shape))))
    return tuple(
        Axis(name, size, navigate=index == 0 and len(shape) > 1)
        for index, (name, size) in enumerate(zip(chosen, shape, strict=True))
    )


def written(text: str, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes by other words: "y, x | energy [eV]", where a bar stands after those of the places and times.

    An axis keeps its scale and its unit, if no other is given.

    Raises
    ------
    InputError
        For another number of axes, or words of another form.

    Examples
    --------
    >>> [str(axis) for axis in written("y [nm], x [nm] | bias", plain((5, 5, 64)))]
    ['y 5 [nm]', 'x 5 [nm]', 'bias 64']
    """
    places, bar, rest = text.rpartition("|")
    parts = [(part, bool(bar)) for part in places.split(",") if part.strip()]
    parts += [(part, False) for part in rest.split(",") if part.strip()]
    found = [_WRITTEN.fullmatch(part) for part, _ in parts]
    if len(found) != len(axes) or None in found or len({match["name"] for match in found if match}) < len(axes):
        hint = repr(", ".join(axis.name for axis in axes))
        raise InputError(f"{len(axes)} names of axes, such as 'y, x | energy [eV]'", repr(text), hint)
    return tuple(
        replace(axis, name=match["name"], units=axis.units if match["units"] is None else match["units"], navigate=over)
        for axis, match, (_, over) in zip(axes, found, parts, strict=True)
        if match
    )
