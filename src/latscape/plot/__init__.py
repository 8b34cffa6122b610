"""Figures: functions of an `ax` that draw what was computed elsewhere and return what people may want to change.

They draw on the `ax` they are given. Those that lay several axes out take an empty figure or subfigure, fill it and
return its axes, one for each class or pair, in order. Nothing here trains, fits, opens files or touches pyplot. `with
style():` sets the look for the figures made inside the block; without it the functions draw in whatever style is in
force.
"""

from latscape.plot.atom_maps import neighbour_distances, painted, painted_classes, picture, site_classes, sites
from latscape.plot.baselines import baseline
from latscape.plot.decoded import curve_reconstructions, curve_traversals, reconstructions, traversal
from latscape.plot.experiment import embedding, pattern, place_map, spectra, survey
from latscape.plot.images import manifold, manifolds, samples
from latscape.plot.latents import latent_scatter, pose_histogram
from latscape.plot.maps import landscape, latent_map, search
from latscape.plot.polarization import angle, curl_map, loop, movie, quiver
from latscape.plot.progress import convergence, training
from latscape.plot.scores import comparison, objective_trust, over_classes
from latscape.plot.styling import colorbar, style
from latscape.plot.trajectories import families, trajectory

__all__ = [
    "angle",
    "baseline",
    "colorbar",
    "comparison",
    "convergence",
    "curl_map",
    "curve_reconstructions",
    "curve_traversals",
    "embedding",
    "families",
    "landscape",
    "latent_map",
    "latent_scatter",
    "loop",
    "manifold",
    "manifolds",
    "movie",
    "neighbour_distances",
    "objective_trust",
    "over_classes",
    "painted",
    "painted_classes",
    "pattern",
    "picture",
    "place_map",
    "pose_histogram",
    "quiver",
    "reconstructions",
    "samples",
    "search",
    "site_classes",
    "sites",
    "spectra",
    "style",
    "survey",
    "training",
    "trajectory",
    "traversal",
]
