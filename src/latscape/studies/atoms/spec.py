"""What may be chosen of a study of atoms."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from latscape.errors import InputError
from latscape.options import default, option
from latscape.studies.shared.options import MODEL, SAMPLES
from latscape.studies.shared.patch_options import OrientedPatchOptions, PatchOptions

ATOMS = "Atoms"
Crystal = Literal["graphene", "mos2", "hexagonal", "square", "perovskite"]


class AtomOptions(OrientedPatchOptions):
    """Of any crystal; the defaults are those of graphene."""

    crystal: Crystal = option("graphene", "Crystal, of which the generated image and the control are.", group=SAMPLES)
    field_of_view: float | None = option(
        None, "Height of the field of view; by default as the file says.", unit="nm", group=SAMPLES, gt=0
    )
    neighbour_distance: float = option(
        0.142, "Distance of nearest neighbours in the crystal.", unit="nm", group=ATOMS, gt=0
    )
    spacing: float | None = option(
        None,
        "Distance of nearest neighbours in the image; by default that in the crystal where the width of a pixel is "
        "known, else measured.",
        unit="pixel",
        group=ATOMS,
        ge=2,
    )
    atom_finder: Literal["unet", "log", "dog", "maxima"] = option("unet", "How atoms are found.", group=ATOMS)
    dark: bool = option(False, "Atoms are dark on bright ground.", group=ATOMS)
    patch_width: float = option(
        2.6, "Side of a patch in the image.", unit="distances of neighbours", group=SAMPLES, gt=0
    )
    window: int = default(PatchOptions, "window", 24)
    classes: int = option(3, "Classes to look for, by the joint autoencoder and the clusterings.", group=MODEL, ge=2)
    symmetry: int = default(OrientedPatchOptions, "symmetry", 3)
    n_orientations: int = default(OrientedPatchOptions, "n_orientations", 2)
    shift: float = default(OrientedPatchOptions, "shift", 0.08)
    epochs: int = default(PatchOptions, "epochs", 40)
    control: bool = option(True, "Learn a perfect crystal of the same spacing and noise as well.", group=SAMPLES)

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

    scene: Literal["4nm", "6nm", "si", "generated"] = option("4nm", "Scene, if there is no --input.", group=SAMPLES)


class MoS2Spec(AtomOptions):
    """MoS2 seen along c: nearest neighbours are molybdenum and the column of two sulphur atoms."""

    crystal: Crystal = default(AtomOptions, "crystal", "mos2")
    neighbour_distance: float = default(AtomOptions, "neighbour_distance", 0.1824)
    scene: Literal["v-doped", "pristine", "generated"] = option(
        "v-doped", "Scene, if there is no --input.", group=SAMPLES
    )


SPEC, MOS2_SPEC = GrapheneSpec, MoS2Spec
