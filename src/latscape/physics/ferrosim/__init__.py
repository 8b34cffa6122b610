"""FerroSIM: a lattice of polarization vectors in a field history."""

from latscape.name_hints import give_name_hints
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

give_name_hints(__name__)
