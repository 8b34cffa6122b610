"""Whether a time step can be stable, before anything is computed with it."""

import numpy as np
from numpy.typing import NDArray

from latscape.errors import InputError
from latscape.physics.ferrosim.energy import Lattice

#: Explicit methods decay with exp(-rate * h) as long as rate * h is below this.
LIMITS = {"euler": 2.0, "rk4": 2.785}


def largest_rate(E: NDArray[np.floating], lattice: Lattice, start: NDArray[np.floating]) -> NDArray[np.floating]:
    """A bound on the largest eigenvalue of the energy's Hessian that a history meets, (batch,).

    No component becomes larger than where the local energy alone holds the largest field, or than it was at the start;
    there, Gershgorin's circles bound the local part, 8 c the bonds, and dep the depolarization.
    """
    alpha1, alpha2, alpha3 = lattice.alpha.T
    fields = np.abs(E).max(axis=(1, 2)) + np.abs(lattice.field).max(axis=(1, 2, 3))
    p = np.maximum(_held(fields, 2 * alpha1, 4 * alpha2 + 2 * np.minimum(alpha3, 0.0)), np.abs(start).max((1, 2, 3)))
    factor = 1.0 if lattice.bonds is None else np.abs(lattice.bonds).max(axis=(1, 2, 3))
    local = 2 * alpha1 + (12 * alpha2 + np.where(alpha3 > 0, 6.0, -2.0) * alpha3) * p**2
    return np.maximum(local, 0.0) + 8 * np.abs(lattice.bond) * factor + np.abs(lattice.depolarization)


def _held(field: NDArray[np.floating], linear: NDArray[np.floating], cubic: NDArray[np.floating]) -> NDArray:
    """The largest p with linear p + cubic p^3 = field, by Newton from above, where the cubic is convex."""
    p = np.cbrt(field / cubic) + np.sqrt(np.maximum(-linear, 0.0) / cubic) + 1e-12
    for _ in range(30):
        p = p - (linear * p + cubic * p**3 - field) / (linear + 3 * cubic * p**2)
    return p


def check_step(
    h: float, E: NDArray[np.floating], lattice: Lattice, start: NDArray[np.floating], integrator: str, substeps: int
) -> None:
    """Refuse a step `h` (time step times mobility) that could grow where the energy is steepest."""
    rate = largest_rate(E, lattice, start)
    worst = int(rate.argmax())
    allowed = LIMITS[integrator] / rate[worst]
    if h / substeps > allowed:
        enough = int(np.ceil(h / allowed))
        expected = f"a time step below {allowed:.3g}, which is stable in the field of history {worst}"
        raise InputError(expected, f"{h / substeps:.3g}", f"substeps={enough}, or a weaker field")
