"""What may be chosen of a study of domains."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from latscape.options import option
from latscape.studies.shared.options import SAMPLES
from latscape.studies.shared.patch_options import OrientedPatchOptions

WALLS = "Walls"


class DomainSpec(OrientedPatchOptions):
    """Of an image of domains."""

    scene: Literal["pbtio3", "pto-amplitude", "pto-phase", "pzt-amplitude", "generated"] = option(
        "pbtio3", "Scene, if there is no --input.", group=SAMPLES
    )
    stride: int = option(6, "Step from one patch to the next.", unit="pixel", group=SAMPLES, ge=1)
    wall_finder: Literal["canny", "unet", "level"] = option(
        "canny", "How the walls are found that label the patches.", group=WALLS
    )
    smoothing: float = option(
        1.5, "Deviation of the Gaussian filter before walls are found.", unit="pixel", group=WALLS, gt=0
    )
    n_clusters: int = option(4, "Clusters of the methods without an autoencoder.", group=SAMPLES, ge=2)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"quick": {}, "paper": {"epochs": 150, "stride": 4}}
    renamed: ClassVar[Mapping[str, str]] = {
        "walls": "--wall-finder",
        "sigma": "--smoothing",
        "clusters": "--n-clusters",
    }


SPEC = DomainSpec
