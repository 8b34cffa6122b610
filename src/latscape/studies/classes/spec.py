"""What may be chosen of a search for the number of classes."""

from typing import Self

from pydantic import model_validator

from latscape.errors import InputError
from latscape.studies.shared.options import SampleModelOptions, model_option


class ClassesSpec(SampleModelOptions):
    """Which samples, which model, and the ensembles that are compared."""

    up_to: int = model_option(8, "Largest number of classes that is tried; the smallest is 2.", ge=2)
    members: int = model_option(3, "Number of models in each ensemble, which differ in their seeds.", ge=2)

    @model_validator(mode="after")
    def _all_numbers(self) -> Self:
        if self.classes is not None:
            expected, typed = "no --classes, as every number of classes from 2 is tried", f"--classes {self.classes}"
            raise InputError(expected, typed, f"--up-to {max(self.classes, 2)}")
        return self

    @property
    def counts(self) -> range:
        """The numbers of classes that are tried."""
        return range(2, self.up_to + 1)

    def model_options(self, classes: int) -> SampleModelOptions:
        """Of a model with so many classes."""
        values = {name: value for name, value in self if name in SampleModelOptions.model_fields}
        return SampleModelOptions(**{**values, "classes": classes})


SPEC = ClassesSpec
