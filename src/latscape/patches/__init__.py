"""From an image to patches and back: atoms found, windows cut, and what is learned of each painted onto the image."""

from typing import TYPE_CHECKING

from latscape.name_hints import with_name_hints
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

if not TYPE_CHECKING:  # a type checker would take any name for one that is found so
    __getattr__ = with_name_hints(__name__, __all__)
