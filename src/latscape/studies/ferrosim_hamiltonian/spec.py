"""What may be chosen of the study of coupling and depolarization."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from latscape.options import default
from latscape.studies.shared.ferroelectric import FerroelectricSearch, ferroelectric_option, field_option, grid_option
from latscape.studies.shared.options import search_option


class HamiltonianSpec(FerroelectricSearch):
    """Loops over two parameters of FerroSIM; the defaults are those of the preset `quick`."""

    local_energy: Literal["tetragonal", "rhombohedral", "uniaxial", "squareelectric"] = ferroelectric_option(
        "tetragonal", "Form of the local (Landau) energy of each site."
    )
    amplitude: float = field_option(1.0, "Amplitude of the sinusoidal field.", unit="field units", gt=0)
    duration: float = field_option(
        40.0, "Duration of the two periods of the field, of which the second counts.", unit="1 / mobility", gt=0
    )
    max_coupling: float = grid_option(3.0, "Largest coupling constant K that is searched.", gt=0)
    max_depolarization: float = grid_option(1.5, "Largest depolarization constant that is searched.", gt=0)
    true_coupling: float = grid_option(1.37, "Coupling constant K of the loop that is to be matched.", ge=0)
    true_depolarization: float = grid_option(0.53, "Depolarization constant of the loop that is to be matched.", ge=0)
    grid_points: int = default(FerroelectricSearch, "grid_points", 13)
    n_campaigns: int = search_option(
        3, "Number of campaigns for each observable, each with initial points of its own.", ge=1
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
