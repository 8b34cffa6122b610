"""The study `structure-property`: spectra from images and images from spectra, where truth is known and where not."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import NMF

from latscape.random import numpy_generator
from latscape.studies.nanoparticles import pairs
from latscape.studies.nanoparticles.outlines import crops, read_outlines
from latscape.studies.nanoparticles.population import spectra
from latscape.studies.prediction import (
    Pairs,
    Training,
    encoder_decoder,
    judged,
    mean_of_all,
    predictions,
    ridge,
)
from latscape.studies.study import Definition, Found, NamedStudy, about

Note = Callable[[int, int, str], None]

#: Samples kept for the pictures.
SHOWN = 8
#: Components of the non-negative factorisation.
PARTS = 3
ABSENT = {"available": False}


@dataclass(frozen=True)
class Settings:
    """Settings of the study; the defaults are those of the preset `quick`."""

    seed: int = about("All randomness follows from it.", 0)
    counts: int = about("Largest number of particles of a cluster.", 7)
    clusters: int = about("Clusters to learn from.", 2000)
    held_out: int = about("New clusters that are predicted.", 500)
    particles: int = about("Lone ellipses to learn outlines from.", 1500)
    latent: int = about("Content numbers of the models.", 8)
    cycles: int = about("Passes over the pairs.", 30)


def training(settings: Settings) -> Training:
    """How the models of this study learn."""
    return Training(latent=settings.latent, cycles=settings.cycles, seed=settings.seed)


def clusters(study: NamedStudy, tell: Note) -> Found:
    """Images of clusters and their spectra, both ways: every model and baseline."""
    s: Settings = study.settings
    tell(0, 1, "spectra")
    known, new = pairs.clusters_and_spectra(s.clusters, s.held_out, s.counts, s.seed)
    unit = known.y.max()
    known, new = (Pairs(part.x, part.y / unit, part.labels) for part in (known, new))
    found = predictions(known, new, training(s), lambda text: tell(0, 1, text))
    there, back = judged(found["there"], known, new), judged(found["back"], known.back(), new.back())
    shown = numpy_generator(s.seed, "shown").permutation(len(new.x))[:SHOWN]
    arrays = {"images": new.x[shown], "spectra": new.y[shown], "wavelength": pairs.WAVELENGTH}
    for name in ("VED", "dual VAE"):
        key = name.replace(" ", "_")
        mean, std = found["there"][name]
        arrays |= {f"{key}_spectra": mean[shown], f"{key}_std": std[shown]}
        arrays[f"{key}_images"] = found["back"][name][0][shown].reshape(-1, *new.x.shape[1:])
    return Found({"clusters": {"image_to_spectrum": there, "spectrum_to_image": back}}, arrays | factors(new.y))


def silica(study: NamedStudy, tell: Note) -> Found:
    """The right half of an EDS map of SiO2 particles from the left."""
    folder = pairs.measured("spectrum_images", "eds")
    if folder is None:
        return Found({"silica": ABSENT})
    return half("silica", *pairs.silica(folder), study.settings, tell)


def loops(study: NamedStudy, tell: Note) -> Found:
    """The right half of a map of hysteresis loops of PbTiO3 from the left."""
    folder = pairs.measured("pfm", "pto_beps_varTBO")
    if folder is None:
        return Found({"loops": ABSENT})
    return half("loops", *pairs.loops(folder), study.settings, tell)


def half(name: str, x: NDArray, y: NDArray, settings: Settings, tell: Note) -> Found:
    """Learn from the left half, predict the right one; maps of what was measured and of what was predicted."""
    known, new = pairs.halves(x, y)
    tell(0, 1, f"{len(known.x)} places")
    model = training(settings)
    found = {"mean": mean_of_all(known, new), "ridge": ridge(known, new), "VED": encoder_decoder(known, new, model)}
    rows, columns = x.shape[:2]
    shape = rows, columns - columns // 2, y.shape[2]
    predicted = found["VED"][0]
    numbers = {"available": True, "known": len(known.x), "new": len(new.x)} | judged(found, known, new)
    arrays = {
        "image": x[:, :, x.shape[2] // 2, x.shape[3] // 2],
        "measured": y / y[:, : columns // 2].std(),
        "predicted": predicted.reshape(shape),
        "std": found["VED"][1].reshape(shape),
    }
    if y.min() >= 0:
        arrays |= factor_maps(arrays["measured"], np.clip(arrays["predicted"], 0, None))
    return Found({name: numbers}, arrays)


def outlines(study: NamedStudy, tell: Note) -> Found:
    """Real outlines with simulated spectra, predicted by a model that saw nothing but ellipses."""
    folder = pairs.measured("nanoparticles", "emps")
    if folder is None:
        return Found({"outlines": ABSENT})
    s: Settings = study.settings
    tell(0, 1, "ellipses")
    known, _ = pairs.lone_particles(s.particles, s.seed)
    micrographs = read_outlines(folder)
    alone = {name: pairs.apart(found.cluster()) for name, found in micrographs.items()}
    images = np.concatenate([crops(found, pixels=pairs.PIXELS, field=pairs.FIELD) for found in micrographs.values()])
    truth = np.concatenate([pairs.efficiencies(particles) for particles in alone.values()])
    unit = known.y.max()
    known, new = Pairs(known.x, known.y / unit), Pairs(images, truth / unit)
    tell(0, 1, "models")
    found = {"mean": mean_of_all(known, new), "ridge": ridge(known, new)}
    found["VED"] = encoder_decoder(known, new, training(s))
    member = np.repeat(np.arange(len(micrographs)), [len(found) for found in micrographs.values()])
    largest = max(micrographs, key=lambda name: len(micrographs[name]))
    together = np.stack([spectra(one.cluster(), pairs.WAVELENGTH)[0] for one in micrographs.values()])
    lone = np.stack([spectra(particles, pairs.WAVELENGTH).sum(axis=0) for particles in alone.values()])
    shift = pairs.WAVELENGTH[together.argmax(axis=1)] - pairs.WAVELENGTH[lone.argmax(axis=1)]
    numbers = {
        "available": True,
        "micrographs": len(micrographs),
        "new": len(new.x),
        "coupling_nm": float(shift.mean()),
    }
    arrays = {
        "crops": images,
        "truth": new.y,
        "predicted": found["VED"][0],
        "std": found["VED"][1],
        "micrograph": member,
        "mask": micrographs[largest].mask.astype(np.int16),
        "centres": micrographs[largest].centres,
        "shown": np.flatnonzero(member == list(micrographs).index(largest)),
        "wavelength": pairs.WAVELENGTH,
    }
    return Found({"outlines": numbers | judged(found, known, new)}, arrays)


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
    half = model.transform(predicted.reshape(-1, predicted.shape[-1])).reshape(*predicted.shape[:2], PARTS)
    return {"nmf_components": model.components_, "nmf_maps": maps, "nmf_predicted": half}


STUDY = Definition(
    Settings,
    {"quick": {}, "paper": {"clusters": 10_000, "held_out": 2000, "particles": 5000, "cycles": 120}},
    {"clusters": clusters, "silica": silica, "loops": loops, "outlines": outlines},
)
