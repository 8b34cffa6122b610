from . import (
    atoms,
    campaign,
    classes,
    domains,
    explore,
    ferrosim_hamiltonian,
    ferrosim_history,
    fit,
    movie,
    spectrum_image,
    structure_property,
    zbo,
)

__all__ = [
    "atoms",
    "campaign",
    "classes",
    "domains",
    "explore",
    "ferrosim_hamiltonian",
    "ferrosim_history",
    "fit",
    "movie",
    "spectrum_image",
    "structure_property",
    "zbo",
]
