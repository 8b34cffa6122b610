"""Figures: functions of an `ax` that draw what was computed elsewhere and return what people may want to change.

Only `manifolds` lays several axes out in a figure. Nothing here trains, fits, opens files or touches pyplot. `with
style():` sets the look for the figures made inside the block; without it the functions draw in whatever style is in
force.
"""

from latscape.plot.images import manifold, manifolds, samples
from latscape.plot.maps import landscape, latent_map, search
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
    "search",
    "style",
    "training",
    "trajectory",
]
