from . import synthetic
from .ask_tell import AskTellSession
from .descriptors import Components, Invariants
from .diffraction import CentreOfMass, Strain, centre_of_mass, field, potential
from .experiment import Experiment, parse_scalarizer, rescore, score_measurement
from .instruments import ReplayInstrument, Simulated
from .measurement import Axis, Instrument, Measurement, Scan, over_places
from .policy import InitialDesign, direct
from .scalarize import Integral, LoopArea, LoopHeight, Peak, Ratio, Robust, Vertex
from .scenes import scene
from .server import serve
from .windows import Window, candidates_of

__all__ = [
    "AskTellSession",
    "Axis",
    "CentreOfMass",
    "Components",
    "Experiment",
    "InitialDesign",
    "Instrument",
    "Integral",
    "Invariants",
    "LoopArea",
    "LoopHeight",
    "Measurement",
    "Peak",
    "Ratio",
    "ReplayInstrument",
    "Robust",
    "Scan",
    "Simulated",
    "Strain",
    "Vertex",
    "Window",
    "candidates_of",
    "centre_of_mass",
    "direct",
    "field",
    "over_places",
    "parse_scalarizer",
    "potential",
    "rescore",
    "scene",
    "score_measurement",
    "serve",
    "synthetic",
]
