"""Runs small enough for a test."""

from latscape.runs import Run, run_kind
from latscape.studies.zbo.spec import ZboSpec

TINY = {
    "epochs": 4,
    "images": 60,
    "final_images": 80,
    "validation": 60,
    "n_initial": 3,
    "budget": 5,
    "grid": 3,
    "pairs": 5,
    "space_epochs": 3,
    "space_draws": 20,
}
#: The smallest run that has every stage.
LEAST = TINY | {
    "epochs": 3,
    "images": 40,
    "final_images": 50,
    "validation": 20,
    "n_initial": 2,
    "budget": 3,
    "grid": 2,
    "pairs": 3,
}


def choose(preset="quick", **changes):
    """A specification; of mnist unless it says otherwise."""
    return ZboSpec.choose(preset, {"data": "mnist", **changes})


def create(folder, command="", **changes):
    """A run that has not begun."""
    return Run.create(run_kind("zbo"), choose(**changes), folder, command=command)
