"""Light scattered by small metal particles and clusters of them."""

from latscape.physics.plasmon.assembly import Clusters, assemble
from latscape.physics.plasmon.coupled import CrossSections, cross_sections
from latscape.physics.plasmon.permittivity import gold, silver
from latscape.physics.plasmon.polarizability import depolarization, long_wavelength, mie_dipole

__all__ = [
    "Clusters",
    "CrossSections",
    "assemble",
    "cross_sections",
    "depolarization",
    "gold",
    "long_wavelength",
    "mie_dipole",
    "silver",
]
