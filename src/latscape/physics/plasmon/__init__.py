"""Light scattered by small metal particles and clusters of them."""

from latscape.name_hints import give_name_hints
from latscape.physics.plasmon.assembly import assemble
from latscape.physics.plasmon.coupled import cross_sections
from latscape.physics.plasmon.permittivity import gold, silver
from latscape.physics.plasmon.polarizability import depolarization, long_wavelength, mie_dipole

__all__ = [
    "assemble",
    "cross_sections",
    "depolarization",
    "gold",
    "long_wavelength",
    "mie_dipole",
    "silver",
]

give_name_hints(__name__)
