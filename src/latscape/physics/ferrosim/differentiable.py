"""The same simulator in torch: gradients of its states with respect to the history, and energies of one's own.

Every step is `p + h * force(p)` with the force of `latscape.physics.ferrosim.hamiltonian`, so that automatic
differentiation sees all of it. It is some hundred times slower than the kernel.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from latscape.errors import InputError
from latscape.physics.ferrosim.hamiltonian import Lattice, check_step, force
from latscape.physics.ferrosim.simulator import FerroSIM

#: An energy (batch,) of polarizations (batch, 2, rows, columns), in torch.
EnergyTerm = Callable[[Tensor], Tensor]
Drift = Callable[[Tensor, Tensor], Tensor]


class Followed(NamedTuple):
    """The last state (batch, 2, rows, columns) and the mean polarization (batch, steps, 2)."""

    final: Tensor
    mean: Tensor


def follow(simulator: FerroSIM, E: Tensor, terms: Sequence[EnergyTerm] = ()) -> Followed:
    """Follow histories, keeping what is needed for gradients with respect to `E`.

    Parameters
    ----------
    simulator
        Its options; the precision is that of `E`.
    E
        Applied field, (batch, steps, 2), or (batch, steps) along y.
    terms
        Further energies, `(batch, 2, rows, columns) -> (batch,)`, added to that of the lattice; torch differentiates
        them. The time step is not checked for them.

    Raises
    ------
    InputError
        As `FerroSIM.run`.

    Examples
    --------
    >>> from latscape.physics.ferrosim import FerroSIM, curl_sum, random_field
    >>> E = torch.full((1, 30), 0.5, requires_grad=True)
    >>> curl_sum(follow(FerroSIM(6, field=random_field(6)), E).final).sum().backward()
    >>> tuple(E.grad.shape), bool(E.grad.abs().sum() > 0)
    ((1, 30), True)
    """
    if not isinstance(E, Tensor) or E.ndim not in (2, 3):
        raise InputError("a tensor (batch, steps) or (batch, steps, 2)", type(E).__name__, "torch.as_tensor(E)")
    histories, lattice, start = simulator.batch(E.detach().numpy())
    h = simulator.time_step(histories.shape[1]) * simulator.mobility
    check_step(h, histories, lattice, start, simulator.integrator, simulator.substeps)
    fields = E if E.ndim == 3 else torch.stack([torch.zeros_like(E), E], dim=-1)
    fields = fields.expand(len(histories), -1, -1)
    drift = _drift(as_tensors(lattice, E.dtype), terms)
    advance = _runge_kutta if simulator.integrator == "rk4" else _euler
    p = torch.as_tensor(start, dtype=E.dtype).expand(len(histories), -1, -1, -1)
    means = [p.mean((2, 3))]
    for t in range(1, fields.shape[1]):
        before, after = fields[:, t - 1], fields[:, t]
        for k in range(simulator.substeps):
            first, last = (torch.lerp(before, after, (k + one) / simulator.substeps) for one in (0, 1))
            p = advance(drift, p, first, last, after, h / simulator.substeps)
        means.append(p.mean((2, 3)))
    return Followed(p, torch.stack(means, dim=1))


def as_tensors(lattice: Lattice, dtype: torch.dtype = torch.float64) -> Lattice:
    """The numbers of the energy as tensors."""
    names = ("alpha", "bond", "depolarization", "field", "active", "bonds")
    arrays = {name: getattr(lattice, name) for name in names if getattr(lattice, name) is not None}
    return replace(lattice, **{name: torch.as_tensor(np.array(array), dtype=dtype) for name, array in arrays.items()})


def _drift(lattice: Lattice, terms: Sequence[EnergyTerm]) -> Drift:
    """-dF/dp, (p, E) -> (batch, 2, rows, columns)."""
    if not terms:
        return lambda p, E: force(p, E, lattice)
    active = lattice.active[:, None, None]

    def with_terms(p: Tensor, E: Tensor) -> Tensor:
        further = torch.func.grad(lambda state: torch.stack([term(state).sum() for term in terms]).sum())(p)
        return force(p, E, lattice) - active * further

    return with_terms


def _euler(drift: Drift, p: Tensor, first: Tensor, last: Tensor, after: Tensor, h: float) -> Tensor:
    """The field of the whole step is the one after it."""
    return p + h * drift(p, after)


def _runge_kutta(drift: Drift, p: Tensor, first: Tensor, last: Tensor, after: Tensor, h: float) -> Tensor:
    """The classical method of order 4, with a field on a straight line from `first` to `last`."""
    middle = 0.5 * (first + last)
    k1 = drift(p, first)
    k2 = drift(p + 0.5 * h * k1, middle)
    k3 = drift(p + 0.5 * h * k2, middle)
    k4 = drift(p + h * k3, last)
    return p + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
