"""Dipole polarizabilities of single particles, as volumes: p = eps_0 eps_m alpha E, alpha in nm^3.

Fields go as exp(-i omega t); k = 2 pi n_m / lambda is the wave number in the medium. Every polarizability here has its
radiative correction: a particle that does not absorb has Im(-1 / alpha) = k^3 / (6 pi), so that what it takes from the
wave is what it scatters (optical theorem).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import elliprd

Complex = NDArray[np.complex128]


def mie_dipole(radius: ArrayLike, wavenumber: ArrayLike, contrast: ArrayLike) -> Complex:
    """Polarizability of spheres whose electric-dipole response is exact, 6 pi i a_1 / k^3 with Mie's a_1.

    Parameters
    ----------
    radius
        [nm], broadcast with the others; nothing is there where it is 0.
    wavenumber
        In the medium [1/nm].
    contrast
        Permittivity of the particle over that of the medium.

    Returns
    -------
    ndarray
        [nm^3]. Source: Bohren and Huffman 1983, section 4.4 (a_1), and Doyle 1989, doi:10.1103/PhysRevB.39.9852.

    Examples
    --------
    >>> small = mie_dipole(1.0, 0.001, 3.0)  # Clausius-Mossotti: 4 pi a^3 (eps - 1) / (eps + 2)
    >>> float(small.real / (4 * np.pi * 2 / 5))
    1.000
    """
    radius, k = np.asarray(radius, dtype=float), np.asarray(wavenumber, dtype=float)
    m = np.sqrt(np.asarray(contrast, dtype=complex))
    there = radius > 0
    x = k * np.where(there, radius, 1.0)
    psi, psi_slope = _riccati(x + 0j)
    inner, inner_slope = _riccati(m * x)
    xi = np.exp(1j * x) * (-1 - 1j / x)  # Riccati-Hankel function of order 1
    xi_slope = np.exp(1j * x) * (-1j + 1 / x + 1j / x**2)
    a1 = (m * inner * psi_slope - psi * inner_slope) / (m * inner * xi_slope - xi * inner_slope)
    return np.where(there, 6j * np.pi * a1 / k**3, 0.0)


def long_wavelength(semiaxes: ArrayLike, wavenumber: ArrayLike, contrast: ArrayLike) -> Complex:
    """Polarizability of ellipsoids along their axes in the modified long-wavelength approximation.

    1 / alpha = 1 / alpha_0 - k^2 / (4 pi a_i) - i k^3 / (6 pi), alpha_0 = V (eps - 1) / (1 + L_i (eps - 1)): dynamic
    depolarization and radiation on top of the quasi-static alpha_0 (Meier and Wokaun 1983, doi:10.1364/OL.8.000581;
    Kelly et al. 2003, doi:10.1021/jp026731y).

    Parameters
    ----------
    semiaxes
        (..., 3) [nm]; nothing is there where they are 0.
    wavenumber, contrast
        (...), as in `mie_dipole`.

    Returns
    -------
    ndarray
        (..., 3) [nm^3].

    Examples
    --------
    >>> rod = long_wavelength([40.0, 10.0, 10.0], 0.01, -20 + 1j)
    >>> bool(abs(rod[0]) > 10 * abs(rod[1]))
    True
    """
    a = np.asarray(semiaxes, dtype=float)
    k, change = np.asarray(wavenumber, dtype=float)[..., None], np.asarray(contrast, dtype=complex)[..., None] - 1
    there = (a > 0).all(axis=-1, keepdims=True)
    solid = np.where(there, a, 1.0)
    volume = 4 / 3 * np.pi * solid.prod(axis=-1, keepdims=True)
    static = volume * change / (1 + depolarization(solid) * change)
    return np.where(there, static / (1 - static * (k**2 / (4 * np.pi * solid) + 1j * k**3 / (6 * np.pi))), 0.0)


def depolarization(semiaxes: ArrayLike) -> NDArray[np.float64]:
    """Depolarization factors L of ellipsoids along their axes, (..., 3), by Carlson's integral R_D; their sum is 1.

    Examples
    --------
    >>> depolarization([1.0, 1.0, 1.0])
    array([0.333, 0.333, 0.333])
    """
    a = np.asarray(semiaxes, dtype=float)
    x, y, z = np.moveaxis(a**2, -1, 0)
    integrals = np.stack([elliprd(y, z, x), elliprd(x, z, y), elliprd(x, y, z)], axis=-1)
    return a.prod(axis=-1, keepdims=True) / 3 * integrals


def _riccati(x: Complex) -> tuple[Complex, Complex]:
    """Riccati-Bessel function of order 1 and its derivative."""
    psi = np.sin(x) / x - np.cos(x)
    return psi, np.sin(x) - psi / x
