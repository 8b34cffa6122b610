"""Parts to try things on: one of every registered class, and what people would register themselves."""

import inspect

from latscape import parts
from latscape.autoencoders.statistics import Scaling
from latscape.lab import LoopArea
from latscape.parts.registry import registered_parts

#: Values of the parameters that a class does not have by itself.
NEEDED = {
    ("supervision", "condition"): {"classes": 3},
    ("supervision", "facts"): {"output": (8, 8), "scaling": Scaling((1.0,), (2.0,)), "classes": 3},
    ("supervision", "scaling"): {"mean": (1.0, -1.0), "std": (0.1, 1.0)},
    ("curve", "ramp"): {"first": 1 / 3, "last": 2.0},
    ("curve", "segments"): {"values": (1.0, 2.0, 0.1), "breaks": (0.3, 0.5)},
    ("curve", "periodic"): {"low": 0.0, "high": 2.0, "periods": 3.0},
    ("curve", "damped-sine"): {"amplitude": 1.0, "rate": -2.0, "omega": 6.0},
    ("surrogate", "structured"): None,  # of functions and distributions: has tests of its own
    ("scalarizer", "integral"): {"low": 1.65, "high": 1.85},
    ("scalarizer", "peak"): {"low": 400.0, "high": 600.0},
    ("scalarizer", "ratio"): {"first": (1.0, 2.0), "second": (3.0, 4.0)},
    ("scalarizer", "strain"): {"first": (1.0, 2.0), "second": (3.0, 4.0), "radius": 5.0},
    ("scalarizer", "robust"): {"scalarizer": LoopArea()},
}


def examples():
    """(entry, part) of every registered dataclass."""
    found = []
    for kind in parts.PART_KINDS:
        for word, entry in registered_parts(kind).items():
            part = entry.load()
            given = NEEDED.get((kind, word), {})
            if inspect.isclass(part) and hasattr(part, "__dataclass_fields__") and given is not None:
                found.append((entry, part(**given)))
    return found


def name_of(one):
    """Of an example, for the list of tests."""
    return f"{one[0].kind}-{one[0].word}"
