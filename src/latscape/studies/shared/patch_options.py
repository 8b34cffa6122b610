"""Options of studies that cut an image or a movie into patches and learn those."""

from collections.abc import Mapping
from typing import ClassVar

from latscape.options import default, option
from latscape.studies.shared.options import (
    POSE,
    SAMPLES,
    InputFile,
    NetworkOptions,
    PoseOptions,
    Seeded,
    TrainingOptions,
)


class PatchOptions(Seeded, InputFile):
    """Which patches, and how they are learned."""

    window: int = option(24, "Side of the window that models see, a patch.", unit="pixel", group=SAMPLES, ge=4)
    latent: int = default(NetworkOptions, "latent", 2)
    epochs: int = default(TrainingOptions, "epochs", 30)

    renamed: ClassVar[Mapping[str, str]] = {"size": "--window", "cycles": "--epochs"}


class OrientedPatchOptions(PatchOptions):
    """The same where patches are turned in the plane."""

    symmetry: int = option(
        2, "Order of the rotational symmetry: patches look alike after this part of a full turn.", group=POSE, ge=1
    )
    n_orientations: int = option(
        4, "Angles from which the encoder looks, over the part of a turn that the symmetry leaves.", group=POSE, ge=1
    )
    shift: float = default(PoseOptions, "shift", 0.1)

    renamed: ClassVar[Mapping[str, str]] = {"starts": "--n-orientations"}
