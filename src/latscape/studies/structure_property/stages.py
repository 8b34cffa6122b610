"""Spectra from images and images from spectra, where truth is known and where it is not."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import NMF

from latscape.data.nanoparticles.outlines import crops, read_outlines
from latscape.data.nanoparticles.population import spectra
from latscape.metrics.prediction import score_predictions
from latscape.random import numpy_generator
from latscape.runs import Progress, Run, StageResult, Stages
from latscape.studies.structure_property import pairs
from latscape.studies.structure_property.prediction import (
    Arrays,
    Keep,
    Pairs,
    predict_both_ways,
    predict_forward,
)
from latscape.studies.structure_property.spec import StructurePropertySpec

Study = Run[StructurePropertySpec]
#: Samples kept for the pictures.
SHOWN = 8
#: Components of the non-negative factorisation.
PARTS = 3
ABSENT = {"available": False}
#: Measured maps: where they are below $LATSCAPE_DATA, and what reads them.
MAPS = {
    "silica": (("spectrum_images", "eds"), pairs.silica),
    "loops": (("pfm", "pto_beps_varTBO"), pairs.loops),
}


def keep_in(run: Study, progress: Progress, total: int) -> Keep:
    """Keep what a stage computes in the folder, so that it goes on there, and tell of each of `total` parts."""
    done = 0

    def on_epoch(name: str, epoch: int, means: Mapping[str, Any]) -> None:
        progress(done, total, f"{name}, epoch {epoch + 1}, loss {means['loss']:.5g}")

    def keep(name: str, compute: Callable[..., Arrays], training: bool = False) -> Arrays:
        nonlocal done
        fit = {"checkpoint": run.partial(f"{name}.checkpoint"), "on_epoch": partial(on_epoch, name)} if training else {}
        found = run.partial_arrays(name, lambda: {str(k): array for k, array in enumerate(compute(**fit))})
        done += 1
        progress(done, total, name)
        return tuple(found[str(k)] for k in range(len(found)))

    return keep


def clusters(run: Study, progress: Progress) -> StageResult:
    """Images of clusters and their spectra, both ways: every model and baseline."""
    spec, keep = run.spec, keep_in(run, progress, 7)
    sizes = {"training": spec.particle_clusters, "held out": spec.validation_count(spec.particle_clusters)}
    made = partial(pairs.clusters_and_spectra, max_particles=spec.max_particles, seed=spec.seed)
    train, test = (Pairs(*keep(f"pairs-{part}", partial(made, n, part))) for part, n in sizes.items())
    unit = train.y.max()
    train, test = (part._replace(y=part.y / unit) for part in (train, test))
    found = predict_both_ways(train, test, spec, keep)
    numbers = {
        "image_to_spectrum": score_predictions(found["there"], train.y, test.y),
        "spectrum_to_image": score_predictions(found["back"], train.x, test.x),
    }
    shown = numpy_generator(spec.seed, "shown").permutation(len(test.x))[:SHOWN]
    arrays = {"images": test.x[shown], "spectra": test.y[shown], "wavelength": pairs.WAVELENGTH}
    for name in ("VED", "dual VAE"):
        key = name.replace(" ", "_")
        mean, std = found["there"][name]
        arrays |= {f"{key}_spectra": mean[shown], f"{key}_std": std[shown]}
        arrays[f"{key}_images"] = found["back"][name].mean[shown].reshape(-1, *test.x.shape[1:])
    return StageResult({"clusters": numbers}, arrays | factors(test.y))


def half(name: str, run: Study, progress: Progress) -> StageResult:
    """Learn from the left half of a measured map, predict the right one; maps of what was measured and predicted."""
    path, read = MAPS[name]
    folder = pairs.measured(*path)
    if folder is None:
        return StageResult({name: ABSENT})
    x, y = read(folder)
    train, test = pairs.halves(x, y)
    found = predict_forward(train, test, run.spec, keep_in(run, progress, 2), name)
    middle = x.shape[1] // 2
    shape = len(x), x.shape[1] - middle, y.shape[2]
    mean, std = (part.reshape(shape) for part in found["VED"])
    numbers = {"available": True, "known": len(train.x), "new": len(test.x)}
    numbers |= score_predictions(found, train.y, test.y)
    image, measured = x[:, :, x.shape[2] // 2, x.shape[3] // 2], y / y[:, :middle].std()
    arrays = {"image": image, "measured": measured, "predicted": mean, "std": std}
    if y.min() >= 0:
        arrays |= factor_maps(measured, np.clip(mean, 0, None))
    return StageResult({name: numbers}, arrays)


def outlines(run: Study, progress: Progress) -> StageResult:
    """Real outlines with simulated spectra, predicted by a model that saw nothing but ellipses."""
    folder = pairs.measured("nanoparticles", "emps")
    if folder is None:
        return StageResult({"outlines": ABSENT})
    ellipses, _ = pairs.lone_particles(run.spec.ellipses, run.spec.seed)
    micrographs = list(read_outlines(folder).values())
    alone = [pairs.apart(found.cluster()) for found in micrographs]
    images = np.concatenate([crops(found, pixels=pairs.PIXELS, field=pairs.FIELD) for found in micrographs])
    truth = np.concatenate([pairs.scattering_efficiencies(particles) for particles in alone])
    unit = ellipses.y.max()
    train, test = Pairs(ellipses.x, ellipses.y / unit), Pairs(images, truth / unit)
    found = predict_forward(train, test, run.spec, keep_in(run, progress, 2), "outlines")
    counts = [len(found) for found in micrographs]
    member, largest = np.repeat(np.arange(len(counts)), counts), int(np.argmax(counts))
    together = np.stack([spectra(found.cluster(), pairs.WAVELENGTH)[0] for found in micrographs])
    lone = np.stack([spectra(particles, pairs.WAVELENGTH).sum(axis=0) for particles in alone])
    shift = pairs.WAVELENGTH[together.argmax(axis=1)] - pairs.WAVELENGTH[lone.argmax(axis=1)]
    numbers = {"available": True, "micrographs": len(micrographs), "new": len(test.x)}
    numbers |= {"coupling_nm": float(shift.mean())} | score_predictions(found, train.y, test.y)
    arrays = {
        "crops": images,
        "truth": test.y,
        "predicted": found["VED"].mean,
        "std": found["VED"].std,
        "micrograph": member,
        "mask": micrographs[largest].mask.astype(np.int16),
        "centres": micrographs[largest].centres,
        "shown": np.flatnonzero(member == largest),
        "wavelength": pairs.WAVELENGTH,
    }
    return StageResult({"outlines": numbers}, arrays)


def _factorisation() -> NMF:
    return NMF(PARTS, init="nndsvda", max_iter=1000, tol=1e-3, random_state=0)  # pyright: ignore[reportArgumentType]


def factors(y: NDArray[np.floating]) -> dict[str, NDArray[np.floating]]:
    """Components of spectra and how much of each there is."""
    model = _factorisation()
    loadings = model.fit_transform(y)
    return {"nmf_components": model.components_, "nmf_loadings": loadings}


def factor_maps(measured: NDArray[np.floating], predicted: NDArray[np.floating]) -> dict[str, NDArray[np.floating]]:
    """Components of a measured map, their maps, and the maps of the predicted half in the same components."""
    model = _factorisation()
    maps = model.fit_transform(measured.reshape(-1, measured.shape[-1])).reshape(*measured.shape[:2], PARTS)
    right = model.transform(predicted.reshape(-1, predicted.shape[-1])).reshape(*predicted.shape[:2], PARTS)
    return {"nmf_components": model.components_, "nmf_maps": maps, "nmf_predicted": right}


STAGES = Stages(
    {"clusters": clusters, "silica": partial(half, "silica"), "loops": partial(half, "loops"), "outlines": outlines}
)
