"""What may be chosen of a study of domains."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Literal

from latscape.options import option
from latscape.studies.shared.options import sample_option
from latscape.studies.shared.patch_options import OrientedPatchOptions

wall_option = partial(option, group="Walls")


class DomainSpec(OrientedPatchOptions):
    """Of an image of domains."""

    scene: Literal["pbtio3", "pto-amplitude", "pto-phase", "pzt-amplitude", "generated"] = sample_option(
        "pbtio3", "Scene, an image that comes with the study, where no --input is given."
    )
    stride: int = sample_option(6, "Distance from one patch to the next, along rows and columns.", unit="pixel", ge=1)
    wall_finder: Literal["canny", "unet", "level"] = wall_option(
        "canny", "Method that finds the domain walls by which patches are labelled."
    )
    smoothing: float = wall_option(
        1.5, "Standard deviation of the Gaussian filter before walls are found.", unit="pixel", gt=0
    )
    n_clusters: int = sample_option(4, "Number of clusters of the methods without an autoencoder.", ge=2)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"quick": {}, "paper": {"epochs": 150, "stride": 4}}
    renamed: ClassVar[Mapping[str, str]] = {
        "walls": "--wall-finder",
        "sigma": "--smoothing",
        "clusters": "--n-clusters",
    }


SPEC = DomainSpec
