from . import synthetic
from .ask_tell import AskTellSession
from .descriptors import Components, Invariants, pixels
from .diffraction import CentreOfMass, Strain, centre_of_mass, charge_density, field, potential
from .experiment import Experiment, log_scalarizer, outcome, parse_scalarizer, rescore
from .instruments import ReplayInstrument, Simulated
from .measurement import Axis, Instrument, Measurement, Scan, over_places
from .policy import Direct, Grid, InitialDesign, Inverse, Policy, bright_spots, direct, grid
from .scalarize import Integral, LoopArea, LoopHeight, Peak, Ratio, Robust, Vertex
from .scenes import SCENES, scene
from .server import serve
from .windows import Window, candidates_of

__all__ = [
    "SCENES",
    "AskTellSession",
    "Axis",
    "CentreOfMass",
    "Components",
    "Direct",
    "Experiment",
    "Grid",
    "InitialDesign",
    "Instrument",
    "Integral",
    "Invariants",
    "Inverse",
    "LoopArea",
    "LoopHeight",
    "Measurement",
    "Peak",
    "Policy",
    "Ratio",
    "ReplayInstrument",
    "Robust",
    "Scan",
    "Simulated",
    "Strain",
    "Vertex",
    "Window",
    "bright_spots",
    "candidates_of",
    "centre_of_mass",
    "charge_density",
    "direct",
    "field",
    "grid",
    "log_scalarizer",
    "outcome",
    "over_places",
    "parse_scalarizer",
    "pixels",
    "potential",
    "rescore",
    "scene",
    "serve",
    "synthetic",
]
