"""Options of every study of FerroSIM: its lattice, its histories, and the grid that a search is compared with."""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar, Self

from pydantic import model_validator

from latscape.errors import InputError
from latscape.options import default, option
from latscape.studies.shared.options import SearchOptions, Seeded

ferroelectric_option, field_option = partial(option, group="Ferroelectric"), partial(option, group="Field")
grid_option = partial(option, group="Grid")


class FerroelectricSearch(Seeded, SearchOptions):
    """A ferroelectric, and a campaign on a grid whose truth is known."""

    sites: int = ferroelectric_option(20, "Number of sites along each axis of the square lattice.", ge=2)
    field_disorder: float = ferroelectric_option(
        0.3, "Standard deviation of both components of the random field.", unit="field units", ge=0
    )
    length: int = field_option(900, "Number of field values in a history.", ge=3)
    n_initial: int = default(SearchOptions, "n_initial", 20)  # pyright: ignore[reportIncompatibleVariableOverride]
    grid_points: int = grid_option(
        40, "Number of points along each axis of the grid that the search is compared with.", ge=2
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
