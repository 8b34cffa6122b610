"""Scalarizers of diffraction patterns, and what follows from the deflection of a beam: field, potential, charge.

Patterns are over two axes, rows then columns, as scattering angles [mrad]. A field E over the thickness t of a sample
deflects electrons of momentum p and speed v by the angle -e E t / (p v) (Mueller et al. 2014, doi:10.1038/ncomms6653).
"""

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as si

from latscape.errors import EvaluationError, InputError
from latscape.lab.measurement import Measurement

Deflection = Literal["magnitude", "angle", "row", "column"]
Component = Literal["dilation", "rows", "columns", "shear", "rotation"]


def centre_of_mass(measurement: Measurement) -> NDArray[np.float64]:
    """Row and column of the centre of mass of a pattern, (2,), in the unit of its axes.

    Raises
    ------
    EvaluationError
        If there are not two axes, or the intensities do not add up to a positive number.
    """
    pattern = np.asarray(measurement)
    if pattern.ndim != 2:
        raise EvaluationError(f"a pattern has two axes, this one {pattern.ndim}")
    total = float(np.nansum(pattern))
    if not total > 0:
        raise EvaluationError("the pattern holds no intensity")
    rows, columns = (axis.positions for axis in measurement.axes)
    return np.array([np.nansum(pattern.sum(axis=1) * rows), np.nansum(pattern.sum(axis=0) * columns)]) / total


@dataclass(frozen=True)
class CentreOfMass:
    """Centre of mass of a diffraction pattern, less that of the undeflected beam.

    Parameters
    ----------
    what
        "magnitude" (default) [unit of the axes], "angle" [rad, from the columns' axis], "row" or "column".
    origin
        Row and column of the undeflected beam.

    Examples
    --------
    >>> from latscape.signals import Axis
    >>> axes = Axis.at("ky", [-1, 0, 1], "mrad"), Axis.at("kx", [-1, 0, 1], "mrad")
    >>> CentreOfMass()(Measurement([[0, 0, 0], [0, 0, 1], [0, 0, 0]], axes))
    1.0
    """

    what: Deflection = "magnitude"
    origin: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        if self.what not in get_args(Deflection):
            raise InputError(
                f"what among {', '.join(get_args(Deflection))}", repr(self.what), "CentreOfMass('magnitude')"
            )

    def __call__(self, measurement: Measurement) -> float:
        """The number asked for."""
        row, column = centre_of_mass(measurement) - np.asarray(self.origin)
        numbers = {"magnitude": np.hypot(row, column), "angle": np.arctan2(row, column), "row": row, "column": column}
        return float(numbers[self.what])


@dataclass(frozen=True)
class Strain:
    """Strain of a crystal from two of its diffraction spots, against where they are without strain.

    With the reference spots as columns of G0 and those measured as columns of G, all relative to the central beam,
    the lattice was deformed by F = (G G0^-1)^-T, F - 1 = strain + rotation (small strains).

    Parameters
    ----------
    first, second
        Row and column of the two spots without strain, (2,), in the unit of the axes; not on one line.
    radius
        Of the discs in which the centres of mass are taken, in the same unit.
    what
        "dilation" (default, the trace), "rows" or "columns" (along either axis), "shear" or "rotation" [rad].
    """

    first: tuple[float, float]
    second: tuple[float, float]
    radius: float
    what: Component = "dilation"

    def __post_init__(self) -> None:
        area, words = abs(np.linalg.det([self.first, self.second])), get_args(Component)
        if self.what not in words or not self.radius > 0 or area == 0:
            got = f"spots {self.first} and {self.second}, radius={self.radius}, what={self.what!r}"
            raise InputError(f"two spots off one line, a radius, what among {', '.join(words)}", got, "Strain()")

    def __call__(self, measurement: Measurement) -> float:
        """The component asked for; EvaluationError where a spot is not seen."""
        centre = self._spot(measurement, (0.0, 0.0))
        spots = [self._spot(measurement, at) - centre for at in (self.first, self.second)]
        g, g0 = np.array(spots).T, np.array([self.first, self.second]).T
        gradient = np.linalg.inv(g @ np.linalg.inv(g0)).T - np.eye(2)
        (rows, shear), (_, columns) = (gradient + gradient.T) / 2
        rotation = (gradient[1, 0] - gradient[0, 1]) / 2
        numbers = {"dilation": rows + columns, "rows": rows, "columns": columns, "shear": shear, "rotation": rotation}
        return float(numbers[self.what])

    def _spot(self, measurement: Measurement, at: tuple[float, float]) -> NDArray[np.float64]:
        rows, columns = np.meshgrid(*(axis.positions for axis in measurement.axes), indexing="ij")
        near = np.hypot(rows - at[0], columns - at[1]) <= self.radius
        return centre_of_mass(replace(measurement, values=np.where(near, measurement, 0.0)))


def field(deflection: ArrayLike, kilovolts: float) -> NDArray[np.float64]:
    """Projected electric field [V] (field times thickness) from the deflection of the beam [rad], of the same shape.

    Examples
    --------
    >>> print(f"{field([1e-3], 200.0)[0]:.1f}")  # a milliradian at 200 kV
    -343.7
    """
    return -np.asarray(deflection, dtype=np.float64) * momentum_times_speed(kilovolts) / si.e


def momentum_times_speed(kilovolts: float) -> float:
    """p v of electrons accelerated by so many kilovolts [J], relativistic: T (T + 2 m c^2) / (T + m c^2)."""
    kinetic, rest = 1e3 * kilovolts * si.e, si.m_e * si.c**2
    return kinetic * (kinetic + 2 * rest) / (kinetic + rest)


def potential(fields: ArrayLike, pixel: float) -> NDArray[np.float64]:
    """The potential phi with `E = -grad phi` in the sense of least squares, mean 0, on a periodic grid.

    Fields are components along rows and columns, (2, h, w), such as [V] for projected ones, `pixel` the side of a pixel
    [m]; the potential is (h, w), in the unit of the fields times metres.
    """
    divergence, square = _divergence(fields, pixel)
    return np.fft.ifft2(np.where(square > 0, divergence / np.where(square > 0, square, 1.0), 0.0)).real


def charge_density(fields: ArrayLike, pixel: float) -> NDArray[np.float64]:
    """`rho = eps0 div E` (h, w), of fields (2, h, w): [C/m^2] of projected fields [V], on a periodic grid."""
    return si.epsilon_0 * np.fft.ifft2(_divergence(fields, pixel)[0]).real


def _divergence(fields: ArrayLike, pixel: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Spectrum of div E, wave vectors [rad/m] squared, (h, w); Nyquist frequencies, which have no sign, are zero."""
    e = np.asarray(fields, dtype=np.float64)
    if e.ndim != 3 or len(e) != 2 or not pixel > 0:
        got = f"shape {e.shape}, pixel={pixel}"
        raise InputError("fields (2, h, w) and a positive pixel", got, "np.stack([rows, columns])")
    waves = [2 * np.pi * np.fft.fftfreq(n, pixel) for n in e.shape[1:]]
    for n, wave in zip(e.shape[1:], waves, strict=True):
        if n % 2 == 0:
            wave[n // 2] = 0.0
    k = np.meshgrid(*waves, indexing="ij")
    return 1j * (k[0] * np.fft.fft2(e[0]) + k[1] * np.fft.fft2(e[1])), k[0] ** 2 + k[1] ** 2
