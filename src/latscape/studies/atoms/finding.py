"""The image of a study, where its atoms are, and how far apart, against the crystal."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from latscape.data import crystal
from latscape.errors import InputError
from latscape.patches import find_atoms
from latscape.patches.atoms import Atoms
from latscape.patches.image import clean_area
from latscape.patches.response import filled, noise_of, spacing_of
from latscape.random import derive_seed
from latscape.runs import StageResult
from latscape.studies.atoms.spec import AtomOptions, GrapheneSpec, MoS2Spec
from latscape.studies.shared.scenes import GENERATED, ImageData, read_scene

_SIDE, _SPACING = 384, 13.0  # of the generated image and its atoms [pixels]


def read_image(spec: GrapheneSpec | MoS2Spec) -> ImageData:
    """The image of the study."""
    if spec.input is None and spec.scene == GENERATED:
        flaws: dict[str, Any] = {"strain": 0.01, "vacancies": 0.01, "dopants": 0.01, "grains": 2, "haze": 0.2}
        seed = derive_seed(spec.seed, "scene")
        made = crystal(spec.crystal, size=_SIDE, spacing=_SPACING, dose=30.0, seed=seed, **flaws)
        return ImageData(made.image, spec.neighbour_distance / _SPACING, GENERATED, f"generated {spec.crystal}")
    return read_scene("atoms", spec.scene, spec.input, spec.field_of_view)


def locate_atoms(data: ImageData, spec: AtomOptions) -> StageResult:
    """Positions, and distances of neighbours against those of the crystal."""
    image, spacing = data.image, spec.spacing
    if spacing is None and data.pixel is not None:
        spacing = spec.neighbour_distance / data.pixel
    if spacing is None:
        spacing = spacing_of(filled(-image if spec.dark else image))
    widest = min(image.shape) / spacing
    if spec.patch_width > widest:
        expected = f"--patch-width of at most {widest:.3g}, the whole image"
        raise InputError(expected, spec.patch_width, "--patch-width 2.6")
    mask = clean_area(image, 2.0 * spacing)
    atoms = find_atoms(image, spacing=spacing, method=spec.atom_finder, mask=mask, dark=spec.dark)
    if len(atoms) < 50:
        hint = "--spacing 12 [pixel], --atom-finder log, or --dark"
        raise InputError("an image with at least 50 atoms", f"{len(atoms)} that were found", hint)
    numbers = {"atoms": len(atoms), "clean_share": float(mask.mean()), "spacing_pixels": float(spacing)}
    bonds, bright = atoms.bonds(), brighter(atoms)
    numbers |= _distance("neighbour", bonds, data.pixel, spec.neighbour_distance)
    if spec.crystal == "mos2":
        metal = atoms.select(bright)  # of one kind, so that faint atoms, less sure, do not count
        apart = replace(metal, spacing=math.sqrt(3.0) * spacing).bonds(1.4)
        numbers |= _distance("metal", apart, data.pixel, math.sqrt(3.0) * spec.neighbour_distance)
    numbers |= {"source": data.source, "about": data.about, "pixel_nm": data.pixel}
    arrays = {"image": image, "mask": mask, "position": atoms.position, "height": atoms.height}
    return StageResult(numbers, arrays | {"bonds": bonds, "bright": bright})


def perfect_crystal(
    image: NDArray[np.float32], height: NDArray[np.float64], spacing: float, spec: AtomOptions
) -> StageResult:
    """Image and atoms of a crystal without defects, with as many counts as give the image's ratio of atom to noise.

    `height` is that of the image's atoms (n,), `spacing` the distance of nearest neighbours [pixels].
    """
    signal = float(np.nanmedian(height)) / noise_of(filled(image))
    perfect = crystal(spec.crystal, size=len(image), spacing=spacing, seed=spec.seed)
    mean = float(perfect.clean.mean())  # of an image whose atoms have height 1: sqrt(dose) / mean is the ratio wanted
    dose = (mean * max(signal, 0.2)) ** 2
    made = crystal(spec.crystal, size=len(image), spacing=spacing, dose=dose, seed=spec.seed)
    atoms = find_atoms(made.image, spacing=spacing, method=spec.atom_finder)
    numbers = {"control_dose": dose, "control_atoms": len(atoms)}
    return StageResult(numbers, {"image": made.image, "position": atoms.position, "bright": brighter(atoms)})


def brighter(atoms: Atoms) -> NDArray[np.bool_]:
    """Atoms that are higher than their three nearest neighbours on average."""
    near = np.asarray(KDTree(atoms.position).query(atoms.position, 4)[1])[:, 1:]
    return atoms.height > atoms.height[near].mean(axis=1)


def _distance(name: str, bonds: NDArray[np.float64], pixel: float | None, expected: float) -> dict[str, float]:
    """Median over all directions, in pixels, and in nm with its ratio to the crystal's where that is known."""
    median = float(np.median(bonds))
    if pixel is None:
        return {f"{name}_pixels": median}
    return {f"{name}_pixels": median, f"{name}_nm": median * pixel, f"{name}_ratio": median * pixel / expected}
