"""FerroSIM: a lattice of polarization vectors in a field history."""

from latscape.physics.ferrosim.disorder import random_bonds, random_field
from latscape.physics.ferrosim.hamiltonian import energy, force
from latscape.physics.ferrosim.local import LOCAL, Landau, landau, rhombohedral, squareelectric, tetragonal, uniaxial
from latscape.physics.ferrosim.observables import (
    coercive_field,
    crossings,
    curl,
    curl_sum,
    domain_walls,
    loop_area,
    magnitude,
    normalized,
    normalized_curl_sum,
)
from latscape.physics.ferrosim.run import Run
from latscape.physics.ferrosim.simulator import FerroSIM

__all__ = [
    "LOCAL",
    "FerroSIM",
    "Landau",
    "Run",
    "coercive_field",
    "crossings",
    "curl",
    "curl_sum",
    "domain_walls",
    "energy",
    "force",
    "landau",
    "loop_area",
    "magnitude",
    "normalized",
    "normalized_curl_sum",
    "random_bonds",
    "random_field",
    "rhombohedral",
    "squareelectric",
    "tetragonal",
    "uniaxial",
]
