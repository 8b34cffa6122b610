"""From an image to patches and back: atoms found, windows cut, and what is learned of each painted onto the image."""

from latscape.name_hints import give_name_hints
from latscape.patches.atoms import find_atoms
from latscape.patches.decompositions import baselines
from latscape.patches.patchset import PatchSet
from latscape.patches.structure import moran
from latscape.patches.walls import find_walls, wall_traits
from latscape.patches.windows import cut, cut_movie

__all__ = [
    "PatchSet",
    "baselines",
    "cut",
    "cut_movie",
    "find_atoms",
    "find_walls",
    "moran",
    "wall_traits",
]

give_name_hints(__name__)
