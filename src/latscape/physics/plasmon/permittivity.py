"""Permittivity of gold and silver, as Johnson and Christy measured it (1972, doi:10.1103/PhysRevB.6.4370)."""

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from latscape.errors import InputError

#: Wavelength [nm] times photon energy [eV].
HC = 1239.841984


def gold(wavelength: ArrayLike) -> NDArray[np.complex128]:
    """Relative permittivity of gold.

    Parameters
    ----------
    wavelength
        In vacuum, any shape, 188 to 1937 [nm].

    Returns
    -------
    ndarray
        Complex, of the same shape, Im > 0 where light is absorbed: fields go as exp(-i omega t). n and k are
        interpolated in the photon energy, without overshoot between the 49 points that were measured.

    Raises
    ------
    InputError
        For a wavelength outside what was measured.

    Examples
    --------
    >>> gold(659.5)
    array(-13.64...+1.03...j)
    """
    return _measured("gold", wavelength)


def silver(wavelength: ArrayLike) -> NDArray[np.complex128]:
    """Relative permittivity of silver; see `gold`.

    Examples
    --------
    >>> bool(silver(450.0).imag < gold(450.0).imag)
    True
    """
    return _measured("silver", wavelength)


def _measured(metal: str, wavelength: ArrayLike) -> NDArray[np.complex128]:
    index, low, high = _table(metal)
    energy = HC / np.asarray(wavelength, dtype=float)
    if not np.all((energy >= low) & (energy <= high)):
        expected = f"wavelengths of {HC / high:.0f} to {HC / low:.0f} nm, where {metal} was measured"
        raise InputError(expected, f"{np.min(wavelength)} to {np.max(wavelength)}", "np.linspace(450, 750, 61)")
    n, k = np.moveaxis(index(energy), -1, 0)
    return np.asarray((n + 1j * k) ** 2)


@cache
def _table(metal: str) -> tuple[PchipInterpolator, float, float]:
    """(n, k) by photon energy [eV], and between which energies."""
    text = files("latscape.physics.plasmon").joinpath("files", f"{metal}.csv").read_text(encoding="utf-8")
    wavelength, n, k = np.loadtxt(text.splitlines()[1:], delimiter=",").T[:, ::-1]
    energy = HC / (1000.0 * wavelength)  # rising, as the wavelengths now fall
    slack = 1e-9  # the ends themselves are inside
    return PchipInterpolator(energy, np.stack([n, k], axis=-1)), energy[0] - slack, energy[-1] + slack
