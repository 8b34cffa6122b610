"""Figures: functions of an `ax` that draw what was computed elsewhere and return what people may want to change.

They draw on the `ax` they are given. Those that lay several axes out take an empty figure or subfigure, fill it and
return its axes, one for each class or pair, in order. Nothing here trains, fits, opens files or touches pyplot.
`with report_style():` sets the look for the figures made inside the block; without it the functions draw in whatever
style is in force.
"""

from latscape.name_hints import give_name_hints
from latscape.plot.atom_maps import class_map, grey_image, neighbour_distances, site_classes, site_values, value_map
from latscape.plot.baselines import decomposition_maps
from latscape.plot.decoded import curve_reconstructions, curve_traversals, reconstructions, traversal
from latscape.plot.experiment import embedding, measurement_map, measurement_path, place_map, spectra
from latscape.plot.images import image_grid, manifold, manifolds
from latscape.plot.latents import latent_scatter, pose_histogram
from latscape.plot.maps import evaluation_map, latent_map, objective_landscape
from latscape.plot.polarization import curl_map, hysteresis_loop, polarization_angle, polarization_movie, quiver
from latscape.plot.progress import convergence, training_curves
from latscape.plot.scores import class_count_curve, model_comparison, objective_correlation
from latscape.plot.styling import report_style
from latscape.plot.trajectories import trajectory, trajectory_families

__all__ = [
    "class_count_curve",
    "class_map",
    "convergence",
    "curl_map",
    "curve_reconstructions",
    "curve_traversals",
    "decomposition_maps",
    "embedding",
    "evaluation_map",
    "grey_image",
    "hysteresis_loop",
    "image_grid",
    "latent_map",
    "latent_scatter",
    "manifold",
    "manifolds",
    "measurement_map",
    "measurement_path",
    "model_comparison",
    "neighbour_distances",
    "objective_correlation",
    "objective_landscape",
    "place_map",
    "polarization_angle",
    "polarization_movie",
    "pose_histogram",
    "quiver",
    "reconstructions",
    "report_style",
    "site_classes",
    "site_values",
    "spectra",
    "training_curves",
    "trajectory",
    "trajectory_families",
    "traversal",
    "value_map",
]

give_name_hints(__name__)
