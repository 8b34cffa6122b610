"""The laboratory: instruments, what they measure, numbers that say what is interesting. Names load on first use."""

from collections.abc import Callable
from typing import Any

import lazy_loader

__getattr__: Callable[[str], Any]
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules={"made"},
    submod_attrs={
        "measurement": ["Axis", "Instrument", "Measurement", "Scan"],
        "instruments": ["ReplayInstrument", "Simulated"],
        "experiment": ["Experiment", "outcome", "rescore", "parse_scalarizer", "log_scalarizer"],
        "scalarize": ["Integral", "LoopArea", "LoopHeight", "Peak", "Ratio", "Robust", "Vertex"],
        "diffraction": ["CentreOfMass", "Strain", "charge_density", "centre_of_mass", "field", "potential"],
        "descriptors": ["Components", "Invariants", "pixels"],
        "windows": ["Window", "candidates_of"],
        "desk": ["Desk"],
        "server": ["serve"],
        "policy": ["Direct", "Grid", "InitialDesign", "Inverse", "Policy", "bright_spots", "direct", "grid"],
        "scenes": ["SCENES", "scene"],
    },
)
