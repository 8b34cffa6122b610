"""What may be chosen of a study of atoms."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from latscape.errors import InputError
from latscape.options import default, option
from latscape.studies.shared.options import model_option, sample_option
from latscape.studies.shared.patch_options import OrientedPatchOptions, PatchOptions

atom_option = partial(option, group="Atoms")
Crystal = Literal["graphene", "mos2", "hexagonal", "square", "perovskite"]


class AtomOptions(OrientedPatchOptions):
    """Of any crystal; the defaults are those of graphene."""

    crystal: Crystal = sample_option("graphene", "Crystal structure of the generated image and of the control.")
    field_of_view: float | None = sample_option(
        None, "Height of the field of view.", unset="as the file says", unit="nm", gt=0
    )
    neighbour_distance: float = atom_option(0.142, "Distance of nearest neighbours in the crystal.", unit="nm", gt=0)
    spacing: float | None = atom_option(
        None,
        "Distance of nearest neighbours in the image.",
        unset="that in the crystal where the width of a pixel is known, else measured",
        unit="pixel",
        ge=2,
    )
    atom_finder: Literal["unet", "log", "dog", "maxima"] = atom_option(
        "unet", "Method that finds the atoms: a U-Net, Laplacian or difference of Gaussians, or local maxima."
    )
    dark: bool = atom_option(False, "Take atoms to be dark on a bright background.")
    patch_width: float = sample_option(
        2.6, "Side length of a patch in the image.", unit="distances of neighbours", gt=0
    )
    window: int = default(PatchOptions, "window", 24)
    classes: int = model_option(
        3, "Number of classes to look for, by the joint autoencoder and by the clusterings.", ge=2
    )
    symmetry: int = default(OrientedPatchOptions, "symmetry", 3)
    n_orientations: int = default(OrientedPatchOptions, "n_orientations", 2)
    shift: float = default(OrientedPatchOptions, "shift", 0.08)
    epochs: int = default(PatchOptions, "epochs", 40)
    control: bool = sample_option(
        True, "Learn a perfect crystal of the same spacing and noise as well, for comparison."
    )

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"quick": {}, "paper": {"epochs": 200}}
    renamed: ClassVar[Mapping[str, str]] = {
        "field": "--field-of-view",
        "distance": "--neighbour-distance",
        "method": "--atom-finder",
        "pixels": "--window",
    }

    @property
    def site_symmetry(self) -> int:
        """Sites look alike after this part of a turn, the two sublattices of a honeycomb among them."""
        return self.symmetry * self.n_orientations

    @model_validator(mode="after")
    def _of_this_crystal(self) -> Self:
        """The images of a study are of its own crystal, the default one."""
        crystal, scene = type(self).model_fields["crystal"].default, getattr(self, "scene", "generated")
        if self.input is None and scene != "generated" and self.crystal != crystal:
            got, hint = f"--scene {scene} and --crystal {self.crystal}", "--scene generated, or --input FILE"
            raise InputError(f"a scene of that crystal; {scene} is {crystal}", got, hint)
        return self


class GrapheneSpec(AtomOptions):
    """Graphene."""

    scene: Literal["4nm", "6nm", "si", "generated"] = sample_option(
        "4nm", "Scene, an image that comes with the study, where no --input is given."
    )


class MoS2Spec(AtomOptions):
    """MoS2 seen along c: nearest neighbours are molybdenum and the column of two sulphur atoms."""

    crystal: Crystal = default(AtomOptions, "crystal", "mos2")
    neighbour_distance: float = default(AtomOptions, "neighbour_distance", 0.1824)
    scene: Literal["v-doped", "pristine", "generated"] = sample_option(
        "v-doped", "Scene, an image that comes with the study, where no --input is given."
    )


SPEC, MOS2_SPEC = GrapheneSpec, MoS2Spec
