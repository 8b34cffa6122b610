"""The laboratory: instruments, what they measure, numbers that say what is interesting. Names load on first use."""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "Axis": "measurement",
    "Instrument": "measurement",
    "Measurement": "measurement",
    "Scan": "measurement",
    "Recorded": "instruments",
    "Simulated": "instruments",
    "Experiment": "experiment",
    "outcome": "experiment",
    "rescore": "experiment",
    "Integral": "scalarize",
    "LoopArea": "scalarize",
    "LoopHeight": "scalarize",
    "Peak": "scalarize",
    "Ratio": "scalarize",
    "Robust": "scalarize",
    "Vertex": "scalarize",
    "CentreOfMass": "diffraction",
    "Strain": "diffraction",
    "charge_density": "diffraction",
    "centre_of_mass": "diffraction",
    "field": "diffraction",
    "potential": "diffraction",
    "scalarizer": "words",
    "Components": "descriptors",
    "Invariants": "descriptors",
    "Window": "windows",
    "candidates_of": "windows",
    "Desk": "desk",
    "serve": "server",
    "bright_spots": "policy",
    "direct": "policy",
    "grid": "policy",
    "SCENES": "scenes",
    "scene": "scenes",
}


def __getattr__(name: str) -> Any:
    if name == "made":
        return import_module("latscape.lab.made")
    if name in _PUBLIC:
        return getattr(import_module(f"latscape.lab.{_PUBLIC[name]}"), name)
    raise AttributeError(f"module 'latscape.lab' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_PUBLIC, "made"])
