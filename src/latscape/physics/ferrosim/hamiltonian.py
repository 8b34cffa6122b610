"""The free energy of a lattice of polarization vectors, the force that follows from it, and what step it allows.

F = sum_i f(p_i) - sum_i (E + E_d,i) . p_i + (N / 2) dep |<p>|^2 + (c / 2) sum_bonds w_ij |p_i - p_j|^2,

where f is the Landau polynomial, E_d the random field, <p> the mean over the N sites and w the factors of the bonds, 1
without disorder. What is written here holds for numpy arrays and for torch tensors alike; `kernel` is the same, fused.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from latscape.errors import InputError

#: Numpy arrays or torch tensors. A polarization is (batch, 2, rows, columns): px, py.
Array = Any
Form = Literal["mean", "difference"]
Edges = Literal["open", "periodic"]
#: What lies beyond an edge: nothing polarized, the edge itself (so no bond), or the other side of the lattice.
Halo = Literal["zero", "mirror", "wrap"]
#: Explicit methods decay with exp(-rate * h) as long as rate * h is below this.
LIMITS = {"euler": 2.0, "rk4": 2.785}


@dataclass(frozen=True, eq=False)
class Lattice:
    """The numbers in the energy, those of every history, or of one for all: arrays of a leading axis (batch or 1)."""

    alpha: Array  # alpha1, alpha2, alpha3 of the Landau polynomial, (batch, 3)
    bond: Array  # c above, (batch,): K / 4 in the form "mean", 4 K in the form "difference"
    depolarization: Array  # dep above, (batch,): the field is -dep <p>
    halo: Halo  # what lies beyond an edge
    field: Array  # random field E_d, (batch, 2, rows, columns)
    bonds: Array | None  # factors w of the bonds to the next column and row, or None, (batch, 2, rows, columns)
    active: Array  # which components move, (2,): (0, 1) for a uniaxial ferroelectric


def halo_of(form: Form, edges: Edges) -> Halo:
    """Beyond open edges nothing is polarized in the form "mean", and there is no bond in the form "difference"."""
    return "wrap" if edges == "periodic" else "zero" if form == "mean" else "mirror"


def energy(p: Array, E: Array, lattice: Lattice) -> Array:
    """Free energy F (batch,) of polarizations (batch, 2, rows, columns) in uniform fields E (batch, 2)."""
    px, py = p[:, 0], p[:, 1]
    alpha1, alpha2, alpha3 = (lattice.alpha[:, k] for k in range(3))
    local = alpha1 * _all(px**2 + py**2) + alpha2 * _all(px**4 + py**4) + alpha3 * _all(px**2 * py**2)
    work = _all(((E[:, :, None, None] + lattice.field) * p).sum(1))
    depolarizing = 0.5 * px[0].shape[0] * px[0].shape[1] * lattice.depolarization * (p.mean((2, 3)) ** 2).sum(1)
    first = 1 if lattice.halo == "wrap" else 0  # the first difference is the last one again
    bonds = sum(_all((w * d**2).sum(1).swapaxes(1, axis - 1)[:, first:]) for axis, d, w in _bonds(p, lattice))
    return local - work + depolarizing + 0.5 * lattice.bond * bonds


def force(p: Array, E: Array, lattice: Lattice) -> Array:
    """-dF/dp of the components that move, (batch, 2, rows, columns)."""
    alpha1, alpha2, alpha3 = (lattice.alpha[:, k, None, None, None] for k in range(3))
    local = p * (2 * alpha1 + 4 * alpha2 * p**2 + 2 * alpha3 * p[:, [1, 0]] ** 2)
    field = E - lattice.depolarization[:, None] * p.mean((2, 3))
    bonds = 0.0
    for axis, d, w in _bonds(p, lattice):
        pull = (w * d).swapaxes(2, axis)
        bonds = bonds + (pull[:, :, 1:] - pull[:, :, :-1]).swapaxes(2, axis)  # to the next site, from the one before
    pulled = lattice.bond[:, None, None, None] * bonds
    return (field[:, :, None, None] + lattice.field - local + pulled) * lattice.active[:, None, None]


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


def _held(field: NDArray[np.floating], linear: NDArray[np.floating], cubic: NDArray[np.floating]) -> NDArray:
    """The largest p with linear p + cubic p^3 = field, by Newton from above, where the cubic is convex."""
    p = np.cbrt(field / cubic) + np.sqrt(np.maximum(-linear, 0.0) / cubic) + 1e-12
    for _ in range(30):
        p = p - (linear * p + cubic * p**3 - field) / (linear + 3 * cubic * p**2)
    return p


def _bonds(p: Array, lattice: Lattice) -> list[tuple[int, Array, Array]]:
    """Axis, differences p_next - p and factors of the bonds between columns and between rows, edges included.

    Along an axis of n sites these are n + 1 differences: from beyond the first site to beyond the last.
    """
    found = []
    for component, axis in ((0, 3), (1, 2)):
        sites = p.swapaxes(2, axis)
        first, last = sites[:, :, :1], sites[:, :, -1:]
        if lattice.halo == "wrap":
            first, last = last, first
        elif lattice.halo == "zero":
            first, last = 0 * first, 0 * last
        wide = _join((first, sites, last))
        d = (wide[:, :, 1:] - wide[:, :, :-1]).swapaxes(2, axis)
        found.append((axis, d, _factors(lattice, component, axis)))
    return found


def _factors(lattice: Lattice, component: int, axis: int) -> Array:
    """Factors of `_bonds`; what leads out of an open lattice has none of its own, so 1."""
    if lattice.bonds is None:
        return 1.0
    w = lattice.bonds[:, component, None].swapaxes(2, axis)  # (batch, 1, along the axis, across)
    if lattice.halo == "wrap":
        w = _join((w[:, :, -1:], w))
    else:
        one = 0 * w[:, :, :1] + 1
        w = _join((one, w[:, :, :-1], one))
    return w.swapaxes(2, axis)


def _join(parts: tuple[Array, ...]) -> Array:
    return torch.cat(parts, 2) if isinstance(parts[0], torch.Tensor) else np.concatenate(parts, 2)


def _all(x: Array) -> Array:
    return x.sum((1, 2))
