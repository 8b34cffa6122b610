"""What may be chosen of a study of a spectrum image."""

from collections.abc import Mapping
from typing import Any, ClassVar

from latscape.options import default, option
from latscape.studies.shared.options import MODEL, SAMPLES, InputFile, Seeded, TrainingOptions


class SpectrumSpec(Seeded, InputFile):
    """Of a file with two axes of places and one of the spectrum."""

    latent: int = option(4, "Content numbers per sample, and as many components of NMF.", group=MODEL, ge=1)
    max_channels: int = option(
        128, "Channels at most: finer spectra are summed over neighbouring channels.", group=SAMPLES, ge=2
    )
    max_spectra: int = option(4096, "Spectra at most: more are summed over squares of places.", group=SAMPLES, ge=10)
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
