"""What may be chosen of the study of field histories."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Literal

from latscape.options import default, option
from latscape.studies.shared.ferroelectric import FerroelectricSearch, ferroelectric_option, field_option
from latscape.studies.shared.options import search_option

plane_option = partial(option, group="Plane of trajectories")


class HistorySpec(FerroelectricSearch):
    """The best field history; the defaults are those of the preset `quick`."""

    disorder_seed: int = ferroelectric_option(0, "Random seed of the random field.", ge=0)
    initial_state: Literal["zero", "remanent", "random"] = ferroelectric_option(
        "zero", "State of the polarization before the history begins."
    )
    field_scale: float = field_option(
        1.0, "Field that one unit of a history stands for: how far the loop is driven.", unit="field units", gt=0
    )
    hold: int = field_option(
        50, "Length of the equilibration at the last field, after the history.", unit="steps", ge=0
    )
    space_draws: int = plane_option(1500, "Number of trajectories that the trajectory VAE is trained on.", ge=2)
    space_epochs: int = plane_option(20, "Number of training epochs of the trajectory VAE.", ge=1)
    budget: int = default(FerroelectricSearch, "budget", 60)
    acquire: str = default(FerroelectricSearch, "acquire", "ucb:10")
    surrogate: str = default(FerroelectricSearch, "surrogate", "exact:noise=none,kernel=matern")
    beyond_budget: int = search_option(
        40, "Number of evaluations of the search that may leave the plane; 0 leaves it out.", ge=0
    )
    joint_budget: int = search_option(
        40, "Number of evaluations of the search over Ex(t) and Ey(t) at once; 0 leaves it out.", ge=0
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
