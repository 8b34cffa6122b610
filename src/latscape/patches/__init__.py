"""From an image to patches and back: atoms found, windows cut, and what is learned of each painted onto the image."""

from latscape.patches.atoms import Atoms, find_atoms
from latscape.patches.decompositions import Baseline, baselines
from latscape.patches.image import flattened
from latscape.patches.patchset import PatchSet
from latscape.patches.structure import Moran, moran
from latscape.patches.walls import Walls, WallTraits, find_walls, wall_traits
from latscape.patches.windows import cut, cut_movie, grid

__all__ = [
    "Atoms",
    "Baseline",
    "Moran",
    "PatchSet",
    "WallTraits",
    "Walls",
    "baselines",
    "cut",
    "cut_movie",
    "find_atoms",
    "find_walls",
    "flattened",
    "grid",
    "moran",
    "wall_traits",
]
