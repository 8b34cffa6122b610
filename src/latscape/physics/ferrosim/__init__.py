"""FerroSIM: a lattice of polarization vectors in a field history."""

from typing import TYPE_CHECKING

from latscape.name_hints import with_name_hints
from latscape.physics.ferrosim.disorder import random_bonds, random_field
from latscape.physics.ferrosim.hamiltonian import energy, force
from latscape.physics.ferrosim.local import Landau, landau
from latscape.physics.ferrosim.observables import (
    coercive_field,
    curl,
    curl_sum,
    domain_walls,
    loop_area,
    normalized_curl_sum,
)
from latscape.physics.ferrosim.simulator import FerroSIM

__all__ = [
    "FerroSIM",
    "Landau",
    "coercive_field",
    "curl",
    "curl_sum",
    "domain_walls",
    "energy",
    "force",
    "landau",
    "loop_area",
    "normalized_curl_sum",
    "random_bonds",
    "random_field",
]

if not TYPE_CHECKING:  # a type checker would take any name for one that is found so
    __getattr__ = with_name_hints(__name__, __all__)
