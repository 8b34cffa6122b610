"""Lattices as the kernel wants them: flat, with a frame of one site, so that a step is one loop over all of them."""

import numpy as np
from numpy.typing import NDArray

from latscape.physics.ferrosim.energy import Lattice

FloatArray = NDArray[np.floating]


def framed(states: FloatArray) -> FloatArray:
    """States (batch, 2, rows, columns) flat with a frame of zeros: (batch, 2, (rows + 2) * (columns + 2))."""
    wide = np.pad(states, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return wide.reshape(*wide.shape[:2], -1)


def framed_bonds(lattice: Lattice) -> FloatArray:
    """Factors flat with a frame: entry k is of the bond to k + 1, or to the next row; those beyond open edges are 1."""
    assert lattice.bonds is not None
    if lattice.halo == "wrap":
        wide = np.pad(lattice.bonds, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="wrap")
    else:
        own = lattice.bonds.copy()
        own[:, 0, :, -1], own[:, 1, -1, :] = 1.0, 1.0
        wide = np.pad(own, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=1.0)
    return wide.reshape(*wide.shape[:2], -1)
