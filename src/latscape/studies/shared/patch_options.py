"""Options of studies that cut an image or a movie into patches and learn those."""

from collections.abc import Mapping
from typing import ClassVar

from latscape.options import default
from latscape.studies.shared.options import (
    InputFile,
    NetworkOptions,
    PoseOptions,
    Seeded,
    TrainingOptions,
    pose_option,
    sample_option,
)


class PatchOptions(Seeded, InputFile):
    """Which patches, and how they are learned."""

    window: int = sample_option(24, "Side length of the window that models see, a patch.", unit="pixel", ge=4)
    latent: int = default(NetworkOptions, "latent", 2)
    epochs: int = default(TrainingOptions, "epochs", 30)

    renamed: ClassVar[Mapping[str, str]] = {"size": "--window", "cycles": "--epochs"}


class OrientedPatchOptions(PatchOptions):
    """The same where patches are turned in the plane."""

    symmetry: int = pose_option(2, "Order n of the rotational symmetry: patches look alike after 1/n of a turn.", ge=1)
    n_orientations: int = pose_option(
        4,
        "Number of orientations from which the encoder looks, over the part of a turn that the symmetry leaves.",
        ge=1,
    )
    shift: float = default(PoseOptions, "shift", 0.1)

    renamed: ClassVar[Mapping[str, str]] = {"starts": "--n-orientations"}
