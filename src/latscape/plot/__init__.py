"""Figures: every function takes an `ax`, draws what was computed elsewhere, and returns what people may want to change.

Nothing here trains, fits, opens files or touches pyplot. `with style():` sets the look for the figures made inside the
block; without it the functions draw in whatever style is in force.
"""

from latscape.plot.images import manifold, manifolds, samples
from latscape.plot.maps import landscape, latent_map
from latscape.plot.progress import convergence, training
from latscape.plot.scores import comparison, objective_trust
from latscape.plot.style import colorbar, style
from latscape.plot.trajectories import families, trajectory

__all__ = [
    "colorbar",
    "comparison",
    "convergence",
    "families",
    "landscape",
    "latent_map",
    "manifold",
    "manifolds",
    "objective_trust",
    "samples",
    "style",
    "training",
    "trajectory",
]
