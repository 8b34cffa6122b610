"""The atoms of an image, each by its neighbourhood: find them, cut patches, learn, paint what was learned on the image.

The four steps of the lecture's "Let's put it all together", for graphene, for MoS2 and for any file of the user's; and
beside them a perfect crystal of the same spacing and noise, of whose atoms nothing should be learned.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from skimage.transform import resize

import latscape as ls
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.terms import in_use
from latscape.data.lattices import crystal
from latscape.errors import InputError
from latscape.patches import Atoms, PatchSet, baselines, cut, find_atoms, flattened, moran
from latscape.patches.image import clean_area
from latscape.patches.response import filled, noise_of, spacing_of
from latscape.random import derive_seed
from latscape.studies.scenes import Scene, Shown, read_scene
from latscape.studies.study import Definition, Found, NamedStudy, about

Progress = Callable[[int, int, str], None]
METHODS = ("pca", "nmf", "kmeans", "gmm", "dbscan", "isomap", "tsne")
GENERATED = "generated"
_SIDE, _SPACING = 384, 13.0  # of the generated image and its atoms [pixels]

SCENES: dict[str, dict[str, Scene]] = {
    "graphene": {
        "4nm": Scene("graphene", "G-GrainBoundary-4nm.npy", "graphene with a grain boundary, 4 nm", 4.0),
        "6nm": Scene("graphene", "G-GrainBoundary-6nm.npy", "graphene with a grain boundary, 6 nm", 6.0),
        "si": Scene("graphene", "G-trimSi.hdf5", "three silicon atoms in graphene; the field of view is not known"),
    },
    "mos2": {
        "v-doped": Scene("mos2", "MoS2_stem_Exp-000-2.npy", "MoS2 with 1 % of vanadium, 9 nm"),
        "pristine": Scene("mos2", "MoS2_stem_Exp-001-5.npy", "MoS2, 7 nm"),
    },
}


@dataclass(frozen=True)
class AtomSettings:
    """What the study of a crystal is told."""

    seed: int = about("All randomness follows from it.", 0)
    input: str | None = about("An image of your own.", None)
    crystal: str = about("Of the generated images: graphene, mos2, hexagonal, square or perovskite.", "graphene")
    scene: str = about("An image of the study's own, or `generated`.", "4nm")
    field: float | None = about("Height of the view [nm]; default: as the file says.", None)
    distance: float = about("Of nearest neighbours in the crystal [nm].", 0.142)
    spacing: float | None = about("The same in pixels; default: from field and distance, or measured.", None)
    method: str = about("How atoms are found: unet, log, dog or maxima.", "unet")
    dark: bool = about("Whether atoms are dark.", False)
    window: float = about("Side of a patch [spacings].", 2.6)
    pixels: int = about("Side of a patch, to which the image is made smaller [pixels].", 24)
    latent: int = about("Content numbers.", 2)
    classes: int = about("For the joint autoencoder and the clusterings.", 3)
    symmetry: int = about("A site looks alike after this part of a full turn.", 3)
    starts: int = about("Angles that the encoder tries.", 2)
    shift: float = about("Prior deviation of the offset [half sides].", 0.08)
    cycles: int = about("Passes over the patches.", 40)
    control: bool = about("Whether a perfect crystal is learned too.", True)


@dataclass(frozen=True)
class MoS2Settings(AtomSettings):
    """The same for MoS2 seen along c: the distance is that of molybdenum from the column of two sulphur atoms."""

    crystal: str = about("Of the generated images: graphene, mos2, hexagonal, square or perovskite.", "mos2")
    scene: str = about("An image of the study's own, or `generated`.", "v-doped")
    distance: float = about("Of nearest neighbours in the crystal [nm].", 0.1824)


class Learned(NamedTuple):
    """A model with what it says of every patch."""

    model: VAE
    patches: PatchSet
    arrays: dict[str, NDArray[Any]]


def view(settings: AtomSettings) -> Shown:
    """The image of the study."""
    if settings.input is None and settings.scene == GENERATED:
        made = crystal(
            settings.crystal,  # pyright: ignore[reportArgumentType]
            size=_SIDE,
            spacing=_SPACING,
            strain=0.01,
            vacancies=0.01,
            dopants=0.01,
            grains=2,
            haze=0.2,
            dose=30.0,
            seed=derive_seed(settings.seed, "scene"),
        )
        return Shown(made.image, settings.distance / _SPACING, GENERATED, f"generated {settings.crystal}")
    return read_scene(SCENES.get(settings.crystal, {}), settings.scene, settings.input, settings.field)


def atoms_of(shown: Shown, settings: AtomSettings) -> Found:
    """Positions, and distances of neighbours against those of the crystal."""
    image, spacing = shown.image, settings.spacing
    if spacing is None and shown.pixel is not None:
        spacing = settings.distance / shown.pixel
    if spacing is None:
        spacing = spacing_of(filled(-image if settings.dark else image))
    mask = clean_area(image, 2.0 * spacing)
    atoms = find_atoms(image, spacing=spacing, method=settings.method, mask=mask, dark=settings.dark)  # pyright: ignore[reportArgumentType]
    if len(atoms) < 50:
        hint = "--set spacing=<pixels>, --set method=log, or --set dark=yes"
        raise InputError("an image with at least 50 atoms", f"{len(atoms)} that were found", hint)
    numbers = {"atoms": len(atoms), "clean_share": float(mask.mean()), "spacing_pixels": float(spacing)}
    bonds = atoms.bonds()
    numbers |= _distance("neighbour", bonds, shown.pixel, settings.distance)
    bright = brighter(atoms)
    if settings.crystal == "mos2":
        metal = atoms.select(bright)  # of one kind, so that faint atoms, less sure, do not count
        apart = replace(metal, spacing=math.sqrt(3.0) * spacing).bonds(1.4)
        numbers |= _distance("metal", apart, shown.pixel, math.sqrt(3.0) * settings.distance)
    about_it = {"source": shown.source, "about": shown.about, "pixel_nm": shown.pixel}
    arrays = {
        "image": image,
        "mask": mask,
        "position": atoms.position,
        "height": atoms.height,
        "bonds": bonds,
        "bright": bright,
    }
    return Found(numbers | about_it, arrays)


def _distance(name: str, bonds: NDArray[np.float64], pixel: float | None, expected: float) -> dict[str, float]:
    """Median over all directions, in pixels, and in nm with its ratio to the crystal's where that is known."""
    median = float(np.median(bonds))
    if pixel is None:
        return {f"{name}_pixels": median}
    return {f"{name}_pixels": median, f"{name}_nm": median * pixel, f"{name}_ratio": median * pixel / expected}


def brighter(atoms: Atoms) -> NDArray[np.bool_]:
    """Atoms that are higher than their three nearest neighbours on average."""
    near = np.asarray(KDTree(atoms.position).query(atoms.position, 4)[1])[:, 1:]
    return atoms.height > atoms.height[near].mean(axis=1)


def patches_of(
    image: NDArray[np.float32], position: NDArray[np.float64], spacing: float, settings: AtomSettings
) -> tuple[PatchSet, NDArray[np.int64]]:
    """Patches around the atoms, in [0, 1], and the numbers of the atoms that have one.

    The image is flattened, and made smaller where its pixels are finer than the patches need.
    """
    side = settings.window * spacing
    scale = min(1.0, settings.pixels / side)
    flat = flattened(image, 2.0 * spacing)
    shape = tuple(round(length * scale) for length in image.shape)
    small = flat if scale == 1.0 else resize(filled(flat), shape, order=1, anti_aliasing=True, preserve_range=True)
    ratio = np.array(shape) / np.array(image.shape)
    at = (position + 0.5) * ratio - 0.5
    size = max(4, round(side * scale))
    numbered = cut(np.asarray(small), at, size=size)
    kept = np.flatnonzero(np.isin(_keys(at), _keys(numbered.position)))
    return numbered.scaled(0.002, 0.998), kept


def learn(patches: PatchSet, settings: AtomSettings, classes: int, tell: Progress, name: str) -> Learned:
    """An rVAE of the patches, whose likelihood has the noise of the image, or a jrVAE where there are classes."""
    noise = max(0.05, noise_of(patches.images[0, :, :, 0]))
    turn = 2.0 * math.pi / settings.symmetry
    options: dict[str, Any] = {"latent": settings.latent, "cycles": settings.cycles, "batch": 50}
    options |= {"learning_rate": 3e-3, "likelihood": ls.Gaussian(noise), "seed": derive_seed(settings.seed, name)}
    # Content costs more than it can gain until the classes have told what they can, the pose never; and all classes are
    # in use until late, for otherwise whichever is ahead after the first steps takes all patches.
    joint: dict[str, Any] = {"beta_c": ls.cooldown(1000.0, 1.0, start=0.4, end=0.8), "beta_pose": 1.0}
    joint |= {"terms": {"in_use": (in_use, ls.cooldown(200.0, 0.0, start=0.4, end=0.8))}, "cycles": 2 * settings.cycles}
    joint |= {"encoder": ls.DenseEncoder((256, 256), "gelu")}
    pose: dict[str, Any] = {"starts": settings.starts, "turn": turn, "shift": settings.shift}
    model = ls.jrvae(classes, **pose, **{**options, **joint}) if classes else ls.rvae(**pose, **options)
    cycles = model.cycles
    model.fit(patches.patches, on_cycle=lambda cycle, means: tell(cycle + 1, cycles, f"{means['loss']:.4g}"))
    found = model.encode(patches.patches)
    arrays = {
        "angle": found["rotation"].mean[:, 0],
        "offset": found["translation"].mean,
        "content": found["content"].mean,
        "content_std": found["content"].std,
        "manifold": decoded_plane(model, found["content"].mean),
    }
    if classes:
        arrays["class"] = model.predict_proba(patches.patches)
    return Learned(model, patches, arrays)


def decoded_plane(model: VAE, content: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is decoded over the part of the latent plane that holds patches, (classes, 49, h, w)."""
    ends = np.quantile(content, [0.02, 0.98], axis=0)
    grid = np.tile(content.mean(axis=0), (49, 1))
    steps = [np.linspace(ends[0, k], ends[1, k], 7) for k in range(min(2, content.shape[1]))]
    points = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, len(steps))
    grid = grid[: len(points)]
    grid[:, : len(steps)] = points
    return np.moveaxis(model.decode(grid), 1, 0).astype(np.float64)


def facing(position: NDArray[np.float64], neighbours: int) -> NDArray[np.float64]:
    """Cosine and sine (n, 2) of `neighbours` times the direction to an atom's so many nearest ones, on average.

    The two sites of a honeycomb face opposite ways: their numbers differ in sign.

    Examples
    --------
    >>> hexagon = np.array([[0.0, 0.0], [-1.0, 0.0], [0.5, 0.866], [0.5, -0.866], [-1.5, 0.866], [-1.5, -0.866]])
    >>> facing(hexagon, 3)[:2].round(1).tolist()
    [[0.0, 1.0], [0.0, -1.0]]
    """
    near = np.asarray(KDTree(position).query(position, neighbours + 1)[1])[:, 1:]
    down, right = np.moveaxis(position[near] - position[:, None], 2, 0)
    mean = np.exp(1j * neighbours * np.arctan2(down, right)).mean(axis=1)
    mean /= np.abs(mean) + 1e-12
    return np.stack([mean.real, mean.imag], axis=1)


def structure(
    arrays: Mapping[str, NDArray[Any]], patches: PatchSet, sites: NDArray[np.float64], symmetry: int
) -> dict[str, list[float]]:
    """Moran's I, z and p of every map between patches that do not overlap, beside what the sites explain (n, k).

    The nearest patches that do not overlap lie mostly on the same site of the unit cell, so what only differs between
    sites would pass for structure of the map. Angles count by the sine of `symmetry` times them, so that what looks
    alike is alike.
    """
    maps = {"angle": np.sin(symmetry * arrays["angle"])}
    maps |= {"offset x": arrays["offset"][:, 0], "offset y": arrays["offset"][:, 1]}
    maps |= {f"content {k + 1}": values for k, values in enumerate(arrays["content"].T)}
    known = np.column_stack([np.ones(len(sites)), sites])
    found = {}
    for name, values in maps.items():
        rest = values - known @ np.linalg.lstsq(known, values, rcond=None)[0]
        found[name] = [float(one) for one in moran(rest, patches.position, beyond=patches.size)]
    return found


def sites_of(atoms: Mapping[str, NDArray[Any]], kept: NDArray[np.int64], symmetry: int) -> NDArray[np.float64]:
    """What tells the sites of a unit cell apart, (n, 3): bright or not, and which way the neighbours lie."""
    return np.column_stack([atoms["bright"], facing(atoms["position"], symmetry)])[kept]


def _symmetry(settings: AtomSettings) -> int:
    """Sites look alike after this part of a turn, the two sublattices of a honeycomb among them."""
    return settings.symmetry * settings.starts


def _keys(position: NDArray[np.float64]) -> NDArray[np.complex128]:
    return position[:, 0] + 1j * position[:, 1]


def _atoms(study: NamedStudy, tell: Progress) -> Found:
    return atoms_of(view(study.settings), study.settings)


def _patches(study: NamedStudy) -> tuple[PatchSet, NDArray[np.int64]]:
    found = study.arrays("atoms")
    return patches_of(found["image"], found["position"], study.numbers("atoms")["spacing_pixels"], study.settings)


def _rvae(study: NamedStudy, tell: Progress) -> Found:
    patches, kept = _patches(study)
    learned = learn(patches, study.settings, 0, tell, "rvae")
    learned.model.save(study.folder / "rvae.safetensors")
    arrays = learned.arrays | {"site": kept, "shown": patches[:: max(1, len(patches) // 49)][:49]}
    sites = sites_of(study.arrays("atoms"), kept, study.settings.symmetry)
    numbers = {
        "patches": len(patches),
        "patch_pixels": patches.size,
        "structure": structure(arrays, patches, sites, _symmetry(study.settings)),
    }
    numbers["offset_std"] = arrays["offset"].std(axis=0).tolist()
    return Found(numbers, arrays)


def _jrvae(study: NamedStudy, tell: Progress) -> Found:
    patches, kept = _patches(study)
    learned = learn(patches, study.settings, study.settings.classes, tell, "jrvae")
    learned.model.save(study.folder / "jrvae.safetensors")
    probable = learned.arrays["class"]
    label, classes = probable.argmax(axis=1), study.settings.classes
    numbers = {"class_shares": (np.bincount(label, minlength=classes) / len(patches)).tolist()}
    numbers["class_certainty"] = float(probable.max(axis=1).mean())
    numbers["classes_of_one_kind"] = _alike(label, study.arrays("atoms")["bright"][kept], classes)
    return Found(numbers, learned.arrays | {"site": kept})


def _alike(label: NDArray[np.int64], bright: NDArray[np.bool_], classes: int) -> float:
    """Share of the patches that are bright or faint as most of their class."""
    counts = np.array([[np.sum((label == k) & (bright == kind)) for kind in (False, True)] for k in range(classes)])
    return float(counts.max(axis=1).sum() / len(label))


def _baselines(study: NamedStudy, tell: Progress) -> Found:
    patches, kept = _patches(study)
    settings, arrays, notes = study.settings, {"site": kept}, {}
    for number, name in enumerate(METHODS):
        tell(number, len(METHODS), name)
        found = baselines(patches.patches, [name], clusters=settings.classes, seed=settings.seed)[name]
        arrays |= {f"{name}_values": found.values, f"{name}_patterns": found.patterns}
        notes[name] = found.note
    return Found({"baselines": notes}, arrays)


def _control(study: NamedStudy, tell: Progress) -> Found:
    """The same for a perfect crystal with as many counts as give the image's ratio of atom to noise."""
    settings, found, spacing = study.settings, study.arrays("atoms"), study.numbers("atoms")["spacing_pixels"]
    if not settings.control:
        return Found()
    signal = float(np.nanmedian(found["height"])) / noise_of(filled(found["image"]))
    perfect = crystal(settings.crystal, size=len(found["image"]), spacing=spacing, seed=settings.seed)
    mean = float(perfect.clean.mean())  # of an image whose atoms have height 1: sqrt(dose) / mean is the ratio wanted
    dose = (mean * max(signal, 0.2)) ** 2
    made = crystal(settings.crystal, size=len(found["image"]), spacing=spacing, dose=dose, seed=settings.seed)
    atoms = find_atoms(made.image, spacing=spacing, method=settings.method)
    patches, kept = patches_of(made.image, atoms.position, spacing, settings)
    sites = sites_of({"position": atoms.position, "bright": brighter(atoms)}, kept, settings.symmetry)
    learned = learn(patches, settings, 0, tell, "rvae")
    arrays = learned.arrays | {
        "image": made.image,
        "position": patches.position * (len(made.image) / patches.image_shape[0]),
    }
    numbers = {"control_dose": dose, "control_atoms": len(atoms)}
    return Found(numbers | {"control_structure": structure(arrays, patches, sites, _symmetry(settings))}, arrays)


_STAGES = {"atoms": _atoms, "rvae": _rvae, "jrvae": _jrvae, "baselines": _baselines, "control": _control}
_PRESETS: dict[str, dict[str, Any]] = {"quick": {}, "paper": {"cycles": 200}}
GRAPHENE = Definition(AtomSettings, _PRESETS, _STAGES)
MOS2 = Definition(MoS2Settings, _PRESETS, _STAGES)
