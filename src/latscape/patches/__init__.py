"""From an image to patches and back: atoms found, windows cut, and what is learned of each painted onto the image."""

from latscape.patches.atoms import Atoms, find_atoms
from latscape.patches.cut import cut, cut_movie, grid
from latscape.patches.patchset import PatchSet

__all__ = ["Atoms", "PatchSet", "cut", "cut_movie", "find_atoms", "grid"]
