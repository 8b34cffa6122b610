"""A fit as its page reads it: numbers, arrays and model from the folder alone."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from latscape.autoencoders.estimator import VAE
from latscape.runs import Run, once
from latscape.studies.shared.options import SampleModelOptions


@dataclass(eq=False)
class FitView:
    """What was found of a finished fit.

    Attributes
    ----------
    run : Run
    """

    run: Run[SampleModelOptions]

    @cached_property
    def numbers(self) -> dict[str, Any]:
        """By name: data, history, classes, parameters, pose, scores, arrays; see `stages`."""
        return {**self.run.numbers("training"), **self.run.numbers("latents")}

    @property
    def classes(self) -> int:
        """Classes that the model finds or is told."""
        return self.numbers["classes"]

    @property
    def told(self) -> bool:
        """Whether its classes are those of labels."""
        return self.numbers["told"]

    @cached_property
    def model(self) -> VAE:
        """The fitted model."""
        from latscape.studies.fit.stages import model

        return model(self.run)

    @cached_property
    def latents(self) -> dict[str, NDArray[Any]]:
        """What the model says of every sample, by name; the numbers' "arrays" say what the names are."""
        return self.run.arrays("latents")

    @cached_property
    def shown(self) -> dict[str, NDArray[Any]]:
        """Some validation samples: "original" and "decoded", and "input" where that is something else."""
        return self.run.arrays("examples")


view = once(FitView)
