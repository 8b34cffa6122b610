"""A spectrum at every pixel: an autoencoder of the spectra against non-negative factors, on counts neither has seen.

Poisson counts can be parted at random into two sets that know nothing of each other (each photon goes to one of them by
a coin). Both methods learn one and are asked for the rates of the other, so neither gains by learning noise.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import NMF

import latscape as ls
from latscape.data.reading import load
from latscape.data.registry import data_set, locate
from latscape.errors import InputError
from latscape.random import derive_seed, numpy_generator
from latscape.signals import Signal
from latscape.studies.study import Definition, Found, NamedStudy, about

Progress = Callable[[int, int, str], None]
_LEAST_RATE = 1e-6  # counts per channel, so that a channel no factor reaches costs something finite


@dataclass(frozen=True)
class SpectrumSettings:
    """What the study of a spectrum image is told."""

    seed: int = about("All randomness follows from it.", 0)
    input: str | None = about("A spectrum image of your own: two axes of places, one of the spectrum.", None)
    factors: int = about("Of NMF, and content numbers of the autoencoder.", 4)
    channels: int = about("To which spectra are summed at most.", 128)
    pixels: int = about("Spectra at most; more are summed over squares of places.", 4096)
    cycles: int = about("Passes over the spectra.", 30)


def view(settings: SpectrumSettings) -> tuple[NDArray[np.float32], NDArray[np.float64], str, str]:
    """Counts or intensities (h, w, channels), positions of the channels, their unit, and the source."""
    if settings.input:
        signal = load(settings.input)
    else:
        files = data_set("sio2-eds").files
        signal = load(str(locate(next(one for one in files if one.path.endswith("SiO2_EDS_SI.hspy")))))
    if signal.ndim != 3:
        got = f"{signal.ndim} axes of {signal.shape}"
        raise InputError("a spectrum image of three axes", got, "--input FILE:NAME, as `latscape data` lists them")
    if signal.metadata.get("measured", 1) < signal.metadata.get("places", 1):
        got = f"{signal.source} with {signal.metadata['measured']} of {signal.metadata['places']} places measured"
        raise InputError("a grid that was finished", got, "`latscape fit --finite`, which leaves the others out")
    values = np.asarray(signal.values, dtype=np.float32)
    order = _spectrum_axis(signal)
    values, positions = np.moveaxis(values, order, 2), signal.axes[order].positions
    if not np.isfinite(values).all():
        raise InputError("finite spectra", f"{int((~np.isfinite(values)).sum())} NaN or infinite", "another file")
    step = max(1, -(-values.shape[2] // settings.channels))
    keep = values.shape[2] // step * step
    values = values[:, :, :keep].reshape(*values.shape[:2], -1, step).sum(axis=3)
    positions = positions[:keep].reshape(-1, step).mean(axis=1)
    side = max(1, math.ceil(math.sqrt(values.shape[0] * values.shape[1] / settings.pixels)))
    rows, columns = (length // side * side for length in values.shape[:2])
    values = values[:rows, :columns].reshape(rows // side, side, columns // side, side, -1).sum(axis=(1, 3))
    return values, positions, signal.axes[order].units, signal.source


def _spectrum_axis(signal: Signal) -> int:
    along = [index for index, axis in enumerate(signal.axes) if not axis.navigate]
    return along[-1] if along else 2


def parted(counts: NDArray[np.float32], generator: np.random.Generator) -> tuple[NDArray, NDArray]:
    """Two independent halves of Poisson counts: each count falls into one of them with equal chance.

    Examples
    --------
    >>> first, second = parted(np.full((3, 3), 100.0, np.float32), np.random.default_rng(0))
    >>> bool((first + second == 100).all())
    True
    """
    first = generator.binomial(counts.astype(np.int64), 0.5).astype(np.float32)
    return first, counts - first


def deviance(counts: NDArray, rate: NDArray) -> float:
    """Poisson deviance per sample, 2 sum(n log(n / r) - n + r): 0 if the rates are the counts [nat]."""
    n, r = counts.astype(np.float64), np.maximum(rate, _LEAST_RATE)
    return float(2.0 * (n * np.log(np.where(n > 0, n, 1.0) / r) - n + r).sum(axis=1).mean())


def _data(study: NamedStudy, tell: Progress) -> Found:
    values, positions, unit, source = view(study.settings)
    counts = bool((values >= 0).all() and (values == np.round(values)).all())
    flat = values.reshape(-1, values.shape[2])
    if counts:
        known, asked = parted(flat, numpy_generator(study.settings.seed, "parted"))
    else:  # only counts can be parted: of other intensities the very spectra that were learned are asked for
        low, high = np.quantile(flat, [0.001, 0.999])
        known = asked = ((flat - low) / (high - low)).astype(np.float32)
    numbers = {"source": source, "unit": unit, "shape": list(values.shape), "counts": counts}
    numbers["mean_counts"] = float(flat.sum(axis=1).mean())
    return Found(numbers, {"known": known, "asked": asked, "position": positions, "total": values.sum(axis=2)})


def _nmf(study: NamedStudy, tell: Progress) -> Found:
    found, settings = study.arrays("data"), study.settings
    counts = study.numbers("data")["counts"]
    x = np.maximum(found["known"], 0.0)
    loss: dict[str, Any] = {"solver": "mu", "beta_loss": "kullback-leibler"} if counts else {}
    model = NMF(settings.factors, init="nndsvda", max_iter=300, random_state=settings.seed, **loss)
    loading = model.fit_transform(x)
    numbers = {"nmf_score": _score(found["asked"], loading @ model.components_, counts)}
    mean = np.broadcast_to(x.mean(axis=0), x.shape)
    numbers["mean_score"] = _score(found["asked"], mean, counts)
    return Found(numbers, {"loading": loading, "components": model.components_})


def _vae(study: NamedStudy, tell: Progress) -> Found:
    found, settings = study.arrays("data"), study.settings
    counts = study.numbers("data")["counts"]
    likelihood: Any = ls.Poisson() if counts else ls.Gaussian(0.05)
    model = ls.vae(
        latent=settings.factors,
        likelihood=likelihood,
        cycles=settings.cycles,
        batch=100,
        learning_rate=2e-3,
        seed=derive_seed(settings.seed, "vae"),
    )
    model.fit(found["known"], on_cycle=lambda cycle, means: tell(cycle + 1, settings.cycles, f"{means['loss']:.5g}"))
    model.save(study.folder / "vae.safetensors")
    content = model.transform(found["known"])
    ends = np.quantile(content, [0.05, 0.5, 0.95], axis=0)
    walk = np.tile(ends[1], (settings.factors, 2, 1))
    for k in range(settings.factors):
        walk[k, :, k] = ends[[0, 2], k]
    decoded = model.decode(walk.reshape(-1, settings.factors))
    numbers = {"vae_score": _score(found["asked"], model.reconstruct(found["known"]), counts)}
    return Found(numbers, {"content": content, "decoded": decoded.reshape(settings.factors, 2, -1)})


def _score(asked: NDArray, rate: NDArray, counts: bool) -> float:
    return deviance(asked, rate) if counts else float(np.sqrt(np.mean(np.square(asked - rate))))


SPECTRUM_IMAGE = Definition(
    SpectrumSettings,
    {"quick": {}, "paper": {"cycles": 150, "pixels": 16384, "channels": 256}},
    {"data": _data, "nmf": _nmf, "vae": _vae},
)
