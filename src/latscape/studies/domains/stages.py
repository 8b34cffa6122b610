"""Ferroelectric domains without atom finding: a sliding window over an image, and walls as labels of its latents."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from skimage.transform import resize

import latscape as ls
from latscape.data import domains
from latscape.errors import InputError
from latscape.metrics import knn_probe
from latscape.patches import PatchSet, cut, find_walls, wall_traits
from latscape.patches.response import filled
from latscape.patches.windows import grid
from latscape.random import derive_seed
from latscape.runs import Progress, Run, StageResult, Stages
from latscape.runs.run import computed_once
from latscape.studies.domains.spec import DomainSpec
from latscape.studies.shared.baselines import baseline_result
from latscape.studies.shared.latent_plane import patch_latents
from latscape.studies.shared.scenes import GENERATED, ImageData, read_scene
from latscape.studies.shared.training import fit_and_save, pose_options, training_options

METHODS = ("pca", "nmf", "kmeans", "gmm")
#: What is known of walls, and its unit.
TRAITS = {"count": "walls", "length": "pixels", "curvature": "1/pixel", "convexity": "1/pixel"}


def prepare(spec: DomainSpec) -> ImageData:
    """The image of the study; one of more than 512 pixels is made smaller."""
    data = _read(spec)
    rows, columns = data.image.shape
    count = len(grid((rows, columns), spec.window, spec.stride))
    if count < 50:
        window = max(4, min(spec.window // 2, rows // 8, columns // 8))
        got = f"{count} windows of {spec.window} pixels, {spec.stride} apart, in {rows} × {columns}"
        raise InputError("an image with at least 50 windows", got, f"--window {window} --stride {window // 4}")
    return data


def _read(spec: DomainSpec) -> ImageData:
    if spec.input is None and spec.scene == GENERATED:
        made = domains(192, noise=0.2, stripes=0.6, seed=derive_seed(spec.seed, "scene"))
        return ImageData(made.image, None, GENERATED, "generated domains")
    data = read_scene("domains", spec.scene, spec.input)
    image, longest = filled(data.image), max(data.image.shape)
    if longest > 512:
        shape = tuple(round(side * 512 / longest) for side in image.shape)
        image = np.asarray(resize(image, shape, anti_aliasing=True, preserve_range=True), dtype=np.float32)
    return ImageData(image, data.pixel, data.source, data.about)


@computed_once
def patch_set(run: Run[DomainSpec]) -> PatchSet:
    """The patches of a study whose walls are found."""
    return cut(run.arrays("walls")["image"], size=run.spec.window, stride=run.spec.stride).scaled(0.005, 0.995)


def trace_walls(run: Run[DomainSpec], progress: Progress) -> StageResult:
    """Walls by two methods, and what those of every patch are like."""
    spec, data = run.spec, run.prepared
    patches = cut(data.image, size=spec.window, stride=spec.stride)
    found = {name: find_walls(data.image, method=name, sigma=spec.smoothing) for name in ("canny", "unet")}
    traits = wall_traits(patches, method=spec.wall_finder, sigma=spec.smoothing)
    numbers: dict[str, Any] = {f"{name}_length": walls.length for name, walls in found.items()}
    numbers |= {"source": data.source, "about": data.about, "patches": len(patches)}
    numbers["walls_agree"] = _agreement(found["canny"].line, found["unet"].line)
    arrays = {"image": data.image, "canny": found["canny"].line, "unet": found["unet"].line}
    return StageResult(numbers, arrays | {name: getattr(traits, name) for name in TRAITS})


def _agreement(first: NDArray[np.bool_], second: NDArray[np.bool_], within: float = 3.0) -> float:
    """Share of the pixels of both lines that have one of the other line within a few pixels."""
    if not (first.any() and second.any()):
        return 0.0
    near = [np.asarray(distance_transform_edt(~line)) <= within for line in (first, second)]
    return float(((first & near[1]).sum() + (second & near[0]).sum()) / (first.sum() + second.sum()))


def learn(run: Run[DomainSpec], progress: Progress) -> StageResult:
    """An rVAE of the patches, and how well their walls can be told from its content."""
    spec, patches, walls = run.spec, patch_set(run), run.arrays("walls")
    model = ls.rvae(**pose_options(spec), **training_options(spec, 0.1, "rvae"))
    arrays = patch_latents(fit_and_save(model, run, "rvae", progress, patches.patches), patches)
    content, scores = arrays["content"], {}
    for name in TRAITS:
        finite = np.isfinite(walls[name])
        if finite.sum() >= 50 and np.ptp(walls[name][finite]) > 0:
            scores[name] = knn_probe(content[finite], walls[name][finite].astype(float))
    return StageResult({"read": scores}, arrays)


def compare(run: Run[DomainSpec], progress: Progress) -> StageResult:
    """The same patches without an autoencoder."""
    return baseline_result(run, patch_set(run).patches, METHODS, run.spec.n_clusters, progress)


STAGES = Stages({"walls": trace_walls, "rvae": learn, "baselines": compare}, prepare)
