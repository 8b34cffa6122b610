"""What may be chosen of the study of coupling and depolarization."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from latscape.options import default, option
from latscape.studies.shared.ferroelectric import FIELD, GRID, SAMPLE, FerroelectricSearch
from latscape.studies.shared.options import SEARCH


class HamiltonianSpec(FerroelectricSearch):
    """Loops over two parameters of FerroSIM; the defaults are those of the preset `quick`."""

    local_energy: Literal["tetragonal", "rhombohedral", "uniaxial", "squareelectric"] = option(
        "tetragonal", "Local energy of a site.", group=SAMPLE
    )
    amplitude: float = option(1.0, "Amplitude of the sine of the field.", unit="field units", group=FIELD, gt=0)
    duration: float = option(
        40.0,
        "Time of the two periods of the field, of which the second counts.",
        unit="1 / mobility",
        group=FIELD,
        gt=0,
    )
    max_coupling: float = option(3.0, "Largest coupling K.", group=GRID, gt=0)
    max_depolarization: float = option(1.5, "Largest depolarization.", group=GRID, gt=0)
    true_coupling: float = option(1.37, "Coupling K of the loop that is to be matched.", group=GRID, ge=0)
    true_depolarization: float = option(0.53, "Depolarization of the loop that is to be matched.", group=GRID, ge=0)
    grid_points: int = default(FerroelectricSearch, "grid_points", 13)
    n_campaigns: int = option(
        3, "Campaigns for each observable, each with initial points of its own.", group=SEARCH, ge=1
    )
    n_initial: int = default(FerroelectricSearch, "n_initial", 5)
    budget: int = default(FerroelectricSearch, "budget", 25)
    surrogate: str = default(FerroelectricSearch, "surrogate", "exact:noise=none")

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "quick": {},
        "paper": {"grid_points": 41, "n_campaigns": 10, "budget": 40},
    }
    renamed: ClassVar[Mapping[str, str]] = {
        "local": "--local-energy",
        "coupling_most": "--max-coupling",
        "depolarization_most": "--max-depolarization",
        "searches": "--n-campaigns",
    }


SPEC = HamiltonianSpec
