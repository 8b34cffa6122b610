"""Ferroelectric domains without atom finding: a sliding window over an image, and walls as labels of its latents."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from skimage.transform import resize

import latscape as ls
from latscape.data.domains import domains
from latscape.errors import InputError
from latscape.metrics import knn_probe
from latscape.patches import PatchSet, baselines, cut, find_walls, wall_traits
from latscape.patches.response import filled
from latscape.random import derive_seed
from latscape.studies.atoms import GENERATED, decoded_plane
from latscape.studies.scenes import Scene, Shown, read_scene
from latscape.studies.study import Definition, Found, NamedStudy, about

Progress = Callable[[int, int, str], None]
METHODS = ("pca", "nmf", "kmeans", "gmm")
TRAITS = ("count", "length", "curvature", "convexity")
SCENES = {
    "pbtio3": Scene("pto-beps", "bepfm_image.npy", "PbTiO3, amplitude of the band-excitation response"),
    "pto-amplitude": Scene("domains", "PTO_Funakubo0001.h5", "PbTiO3, amplitude", pick="AmplitudeRetrace"),
    "pto-phase": Scene("domains", "PTO_Funakubo0001.h5", "PbTiO3, phase", pick="PhaseRetrace"),
    "pzt-amplitude": Scene("domains", "PZT_thick0004.h5", "PZT, amplitude", pick="AmplitudeRetrace"),
}


@dataclass(frozen=True)
class DomainSettings:
    """What the study of domains is told."""

    seed: int = about("All randomness follows from it.", 0)
    input: str | None = about("An image of your own.", None)
    scene: str = about(f"One of {', '.join(SCENES)} or `generated`.", "pbtio3")
    size: int = about("Side of a patch [pixels].", 24)
    stride: int = about("From one patch to the next [pixels].", 6)
    walls: str = about("How walls are found: canny, unet or level.", "canny")
    sigma: float = about("Of the Gaussian before that [pixels].", 1.5)
    latent: int = about("Content numbers.", 2)
    symmetry: int = about("Domains look alike after this part of a full turn.", 2)
    starts: int = about("Angles that the encoder tries.", 4)
    shift: float = about("Prior deviation of the offset [half sides].", 0.1)
    cycles: int = about("Passes over the patches.", 30)
    clusters: int = about("For the clusterings.", 4)


def view(settings: DomainSettings) -> Shown:
    """The image of the study; one of more than 512 pixels is made smaller."""
    if settings.input is None and settings.scene == GENERATED:
        made = domains(192, noise=0.2, stripes=0.6, seed=derive_seed(settings.seed, "scene"))
        return Shown(made.image, None, GENERATED, "generated domains")
    shown = read_scene(SCENES, settings.scene, settings.input)
    image, longest = filled(shown.image), max(shown.image.shape)
    if longest > 512:
        shape = tuple(round(side * 512 / longest) for side in image.shape)
        image = np.asarray(resize(image, shape, anti_aliasing=True, preserve_range=True), dtype=np.float32)
    return Shown(image, shown.pixel, shown.source, shown.about)


def _patches(study: NamedStudy) -> PatchSet:
    settings = study.settings
    return cut(study.arrays("walls")["image"], size=settings.size, stride=settings.stride).scaled(0.005, 0.995)


def _walls(study: NamedStudy, tell: Progress) -> Found:
    settings, shown = study.settings, view(study.settings)
    patches = cut(shown.image, size=settings.size, stride=settings.stride)
    if len(patches) < 50:
        hint = "--set size=<pixels> --set stride=<pixels>"
        raise InputError("an image with at least 50 windows", f"{len(patches)}", hint)
    found = {name: find_walls(shown.image, method=name, sigma=settings.sigma) for name in ("canny", "unet")}
    traits = wall_traits(patches, method=settings.walls, sigma=settings.sigma)
    numbers: dict[str, Any] = {f"{name}_length": walls.length for name, walls in found.items()}
    numbers |= {"source": shown.source, "about": shown.about, "patches": len(patches)}
    numbers["walls_agree"] = _agreement(found["canny"].line, found["unet"].line)
    arrays = {"image": shown.image, "canny": found["canny"].line, "unet": found["unet"].line}
    return Found(numbers, arrays | {name: getattr(traits, name) for name in TRAITS})


def _agreement(first: np.ndarray, second: np.ndarray, within: float = 3.0) -> float:
    """Share of the pixels of both lines that have one of the other line within a few pixels."""
    from scipy.ndimage import distance_transform_edt

    if not (first.any() and second.any()):
        return 0.0
    near = [np.asarray(distance_transform_edt(~line)) <= within for line in (first, second)]
    return float(((first & near[1]).sum() + (second & near[0]).sum()) / (first.sum() + second.sum()))


def _rvae(study: NamedStudy, tell: Progress) -> Found:
    settings, patches = study.settings, _patches(study)
    model = ls.rvae(
        starts=settings.starts,
        turn=2.0 * np.pi / settings.symmetry,
        shift=settings.shift,
        latent=settings.latent,
        likelihood=ls.Gaussian(0.1),
        cycles=settings.cycles,
        batch=50,
        learning_rate=3e-3,
        seed=derive_seed(settings.seed, "rvae"),
    )
    model.fit(patches.patches, on_cycle=lambda cycle, means: tell(cycle + 1, settings.cycles, f"{means['loss']:.4g}"))
    model.save(study.folder / "rvae.safetensors")
    found, walls = model.encode(patches.patches), study.arrays("walls")
    content = found["content"].mean
    read = {}
    for name in TRAITS:  # how well the walls of a patch can be told from its latents
        known = np.isfinite(walls[name])
        if known.sum() >= 50 and np.ptp(walls[name][known]) > 0:
            read[name] = knn_probe(content[known], walls[name][known].astype(float))
    arrays = {"content": content, "angle": found["rotation"].mean[:, 0], "offset": found["translation"].mean}
    return Found({"read": read}, arrays | {"manifold": decoded_plane(model, content)})


def _baselines(study: NamedStudy, tell: Progress) -> Found:
    settings, patches = study.settings, _patches(study)
    found = baselines(patches.patches, METHODS, clusters=settings.clusters, seed=settings.seed)
    arrays = {f"{name}_values": one.values for name, one in found.items()}
    arrays |= {f"{name}_patterns": one.patterns for name, one in found.items()}
    return Found({"baselines": {name: one.note for name, one in found.items()}}, arrays)


def patch_set(study: NamedStudy) -> PatchSet:
    """The patches of a study whose walls are found."""
    return _patches(study)


DOMAINS = Definition(
    DomainSettings,
    {"quick": {}, "paper": {"cycles": 150, "stride": 4}},
    {"walls": _walls, "rvae": _rvae, "baselines": _baselines},
)
