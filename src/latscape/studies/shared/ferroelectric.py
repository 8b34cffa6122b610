"""Options of every study of FerroSIM: its lattice, its histories, and the grid that a search is compared with."""

from collections.abc import Mapping
from typing import ClassVar, Self

from pydantic import model_validator

from latscape.errors import InputError
from latscape.options import default, option
from latscape.studies.shared.options import SearchOptions, Seeded

SAMPLE, FIELD, GRID = "Ferroelectric", "Field", "Grid"


class FerroelectricSearch(Seeded, SearchOptions):
    """A ferroelectric, and a campaign on a grid whose truth is known."""

    sites: int = option(20, "Sites along an axis of the square lattice.", group=SAMPLE, ge=2)
    field_disorder: float = option(
        0.3, "Standard deviation of the random field, of both components.", unit="field units", group=SAMPLE, ge=0
    )
    length: int = option(900, "Field values in a history.", group=FIELD, ge=3)
    n_initial: int = default(SearchOptions, "n_initial", 20)  # pyright: ignore[reportIncompatibleVariableOverride]
    grid_points: int = option(
        40, "Points along each axis of the grid that the search is compared with.", group=GRID, ge=2
    )

    renamed: ClassVar[Mapping[str, str]] = {
        "size": "--sites",
        "sigma": "--field-disorder",
        "grid": "--grid-points",
        "steps": "--length",
    }

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.budget < self.n_initial:
            expected, hint = f"--budget of at least the {self.n_initial} initial points", self.n_initial + 20
            raise InputError(expected, self.budget, f"--budget {hint}")
        return self
