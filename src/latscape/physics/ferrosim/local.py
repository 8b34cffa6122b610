"""Local energies: what one site would do alone."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from latscape.errors import InputError


@dataclass(frozen=True)
class Landau:
    """The Landau polynomial alpha1 (px^2 + py^2) + alpha2 (px^4 + py^4) + alpha3 px^2 py^2 of one site.

    Parameters
    ----------
    alpha1, alpha2, alpha3
        Coefficients, in units of field and polarization. The polynomial must grow in every direction.
    axes
        Which components there are: "xy", or "y" for a uniaxial ferroelectric.

    Raises
    ------
    InputError
        For coefficients that are not finite, or a polynomial without a lower bound.

    Examples
    --------
    >>> tetragonal().remanent  # py of a poled site
    0.256
    """

    alpha1: float
    alpha2: float
    alpha3: float = 0.0
    axes: str = "xy"

    def __post_init__(self) -> None:
        numbers = (self.alpha1, self.alpha2, self.alpha3)
        bounded = self.alpha2 > 0 and 2 * self.alpha2 + self.alpha3 > 0  # along the axes, along the diagonals
        if not all(map(math.isfinite, numbers)) or not bounded:
            expected = "finite alpha1, alpha2, alpha3 with alpha2 > 0 and alpha3 > -2 alpha2"
            raise InputError(expected, f"({', '.join(f'{one:g}' for one in numbers)})", "tetragonal()")
        if self.axes not in ("xy", "y"):
            raise InputError('axes "xy" or "y"', repr(self.axes), 'Landau(-1.6, 12.2, 40.0, axes="xy")')

    @property
    def remanent(self) -> float:
        """Size of py where a site rests without a field, poled along +y, or along +x +y if that is lower."""
        return math.sqrt(max(-self.alpha1, 0.0) / (2 * self.alpha2 + (self.alpha3 if self.diagonal else 0.0)))

    @property
    def diagonal(self) -> bool:
        """Whether a site rests along a diagonal (rhombohedral) and not along an axis (tetragonal)."""
        return self.axes == "xy" and self.alpha3 < 0

    @property
    def coercive_field(self) -> float:
        """Field along y at which a state with px = 0 becomes unstable: the extremum of 2 alpha1 p + 4 alpha2 p^3."""
        linear, cubic = max(-2 * self.alpha1, 0.0), 4 * self.alpha2
        return 2 / 3 * linear * math.sqrt(linear / (3 * cubic))


def tetragonal(alpha1: float = -1.6, alpha2: float = 12.2, alpha3: float = 40.0) -> Landau:
    """Four states along the axes. The defaults are the reference program's."""
    return Landau(alpha1, alpha2, alpha3)


def rhombohedral(alpha1: float = -10.6, alpha2: float = 10.2, alpha3: float = -10.0) -> Landau:
    """Four states along the diagonals."""
    return Landau(alpha1, alpha2, alpha3)


def uniaxial(alpha1: float = -1.85, alpha2: float = 1.25) -> Landau:
    """Two states along y. The energy is written alpha1 p^2 / 2 + alpha2 p^4 / 4, as the reference program has it."""
    return Landau(alpha1 / 2, alpha2 / 4, axes="y")


def squareelectric(alpha1: float = -1.85, alpha2: float = 1.25) -> Landau:
    """Two components that feel nothing of each other at a site, each alpha1 p^2 / 2 + alpha2 p^4 / 4."""
    return Landau(alpha1 / 2, alpha2 / 4)


#: Local energies by name.
LOCAL: dict[str, Callable[[], Landau]] = {f.__name__: f for f in (tetragonal, rhombohedral, uniaxial, squareelectric)}


def landau(local: str | Landau) -> Landau:
    """The polynomial a name stands for; a polynomial is passed on.

    Examples
    --------
    >>> landau("uniaxial").coercive_field
    0.866
    """
    if isinstance(local, Landau):
        return local
    if local not in LOCAL:
        raise InputError(f"a local energy among {', '.join(LOCAL)}", repr(local), 'local="tetragonal"')
    return LOCAL[local]()
