"""What may be chosen of a study of a spectrum image."""

from collections.abc import Mapping
from typing import Any, ClassVar

from latscape.options import default
from latscape.studies.shared.options import InputFile, Seeded, TrainingOptions, model_option, sample_option


class SpectrumSpec(Seeded, InputFile):
    """Of a file with two axes of places and one of the spectrum."""

    latent: int = model_option(4, "Number of content variables z per sample, and of components of NMF.", ge=1)
    max_channels: int = sample_option(
        128, "Largest number of channels: finer spectra are summed over neighbouring channels.", ge=2
    )
    max_spectra: int = sample_option(4096, "Largest number of spectra: more are summed over squares of places.", ge=10)
    epochs: int = default(TrainingOptions, "epochs", 30)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "quick": {},
        "paper": {"epochs": 150, "max_spectra": 16384, "max_channels": 256},
    }
    renamed: ClassVar[Mapping[str, str]] = {
        "factors": "--latent",
        "cycles": "--epochs",
        "channels": "--max-channels",
        "pixels": "--max-spectra",
    }


SPEC = SpectrumSpec
