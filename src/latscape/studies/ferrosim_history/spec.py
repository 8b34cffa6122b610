"""What may be chosen of the study of field histories."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from latscape.options import default, option
from latscape.studies.shared.ferroelectric import FIELD, SAMPLE, FerroelectricSearch
from latscape.studies.shared.options import SEARCH

PLANE = "Plane of trajectories"


class HistorySpec(FerroelectricSearch):
    """The best field history; the defaults are those of the preset `quick`."""

    disorder_seed: int = option(0, "Seed of the random field.", group=SAMPLE, ge=0)
    initial_state: Literal["zero", "remanent", "random"] = option(
        "zero", "Polarization before the history begins.", group=SAMPLE
    )
    field_scale: float = option(
        1.0, "How far the loop is driven: field in one unit of a history.", unit="field units", group=FIELD, gt=0
    )
    hold: int = option(50, "Equilibration at the last field, after the history.", unit="steps", group=FIELD, ge=0)
    space_draws: int = option(1500, "Trajectories that the trajectory VAE is trained on.", group=PLANE, ge=2)
    space_epochs: int = option(20, "Epochs of the trajectory VAE.", group=PLANE, ge=1)
    budget: int = default(FerroelectricSearch, "budget", 60)
    acquire: str = default(FerroelectricSearch, "acquire", "ucb:10")
    surrogate: str = default(FerroelectricSearch, "surrogate", "exact:noise=none,kernel=matern")
    beyond_budget: int = option(
        40, "Evaluations of the search that may leave the plane; 0 leaves it out.", group=SEARCH, ge=0
    )
    joint_budget: int = option(
        40, "Evaluations of the search over Ex(t) and Ey(t) at once; 0 leaves it out.", group=SEARCH, ge=0
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "quick": {},
        # the lectures' protocol
        "paper": {
            "space_draws": 7500,
            "space_epochs": 60,
            "grid_points": 100,
            "n_initial": 100,
            "budget": 600,
            "n_proposals": 5,
            "beyond_budget": 60,
            "joint_budget": 60,
        },
    }
    renamed: ClassVar[Mapping[str, str]] = {
        "disorder": "--disorder-seed",
        "start": "--initial-state",
        "scale": "--field-scale",
        "draws": "--space-draws",
        "cycles": "--space-epochs",
        "beyond": "--beyond-budget",
        "joint": "--joint-budget",
    }


SPEC = HistorySpec
