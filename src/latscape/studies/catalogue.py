"""The studies there are, by name; a study's module is imported when it is asked for."""

from importlib import import_module
from typing import NamedTuple

from latscape.errors import InputError
from latscape.studies.study import Definition


class Entry(NamedTuple):
    """Where a study is defined (`module.NAME`), and what it is about."""

    place: str
    about: str


#: Every entry has a page in `report.study.PAGES`.
CATALOGUE: dict[str, Entry] = {
    "ferrosim-hamiltonian": Entry(
        "latscape.studies.ferrosim_hamiltonian.STUDY",
        "loops of a ferroelectric over its two parameters: grid or BO",
    ),
    "ferrosim-history": Entry(
        "latscape.studies.ferrosim_history.STUDY",
        "the field history that leaves a ferroelectric with the most curl",
    ),
    "structure-property": Entry(
        "latscape.studies.structure_property.STUDY",
        "spectra from images and back: clusters of gold with true spectra, halves of measured maps, real outlines",
    ),
    "graphene": Entry(
        "latscape.studies.atoms.GRAPHENE", "atoms of graphene, learned by their surroundings, on the image"
    ),
    "mos2": Entry("latscape.studies.atoms.MOS2", "the same for MoS2"),
    "domains": Entry("latscape.studies.domains.DOMAINS", "ferroelectric domains and walls by a sliding window"),
    "spectrum-image": Entry("latscape.studies.spectrum_image.SPECTRUM_IMAGE", "a spectrum image by VAE and by NMF"),
    "movie": Entry(
        "latscape.studies.movie.MOVIE", "moving domain walls: time-delay rVAE, the next frame and the one before"
    ),
}


def definition_of(name: str) -> Definition:
    """The study of a name.

    Raises
    ------
    InputError
        For a name that is none.
    """
    if name not in CATALOGUE:
        raise InputError(f"a study among {', '.join(CATALOGUE)}", repr(name), "latscape study")
    module, _, attribute = CATALOGUE[name].place.rpartition(".")
    return getattr(import_module(module), attribute)
