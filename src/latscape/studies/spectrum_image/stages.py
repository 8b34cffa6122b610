"""A spectrum at every pixel: an autoencoder of the spectra against non-negative factors, on counts neither has seen.

Poisson counts can be split at random into two sets that know nothing of each other (each photon goes to one of them by
a coin). Both methods learn one and are asked for the rates of the other, so neither gains by learning noise.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import NMF

import latscape as ls
from latscape.data import load
from latscape.data.catalogue import scenes_of_kind
from latscape.errors import InputError
from latscape.random import derive_seed, numpy_generator
from latscape.runs import Progress, Run, StageResult, Stages
from latscape.signals import Signal
from latscape.studies.shared.training import fit_and_save
from latscape.studies.spectrum_image.spec import SpectrumSpec

_LEAST_RATE = 1e-6  # counts per channel, so that a channel no component reaches costs something finite


class Spectra(NamedTuple):
    """Counts or intensities (h, w, channels), positions of the channels with their unit, and where they are from."""

    values: NDArray[np.float32]
    positions: NDArray[np.float64]
    unit: str
    source: str


def read_spectra(spec: SpectrumSpec) -> Spectra:
    """The spectra of the study, summed to the channels and places that are asked for."""
    signal = _read(spec)
    order = max((index for index, axis in enumerate(signal.axes) if not axis.navigate), default=2)
    values = np.moveaxis(np.asarray(signal.values, dtype=np.float32), order, 2)
    positions = signal.axes[order].positions
    if not np.isfinite(values).all():
        raise InputError("finite spectra", f"{int((~np.isfinite(values)).sum())} NaN or infinite", "another file")
    step = max(1, -(-values.shape[2] // spec.max_channels))
    keep = values.shape[2] // step * step
    values = values[:, :, :keep].reshape(*values.shape[:2], -1, step).sum(axis=3)
    positions = positions[:keep].reshape(-1, step).mean(axis=1)
    side = max(1, math.ceil(math.sqrt(values.shape[0] * values.shape[1] / spec.max_spectra)))
    rows, columns = (length // side * side for length in values.shape[:2])
    values = values[:rows, :columns].reshape(rows // side, side, columns // side, side, -1).sum(axis=(1, 3))
    if spec.latent > min(rows * columns // side**2, values.shape[2]):
        got = f"{spec.latent} for {values.shape[0]} × {values.shape[1]} spectra of {values.shape[2]} channels"
        raise InputError("--latent of at most the channels and the spectra", got, "--latent 2")
    return Spectra(values, positions, signal.axes[order].units, signal.source)


def _read(spec: SpectrumSpec) -> Signal:
    signal = load(spec.input or scenes_of_kind("spectrum-image")["sio2"].paths()[0])
    if signal.ndim != 3:
        got = f"{signal.ndim} axes of {signal.shape}"
        raise InputError("a spectrum image of three axes", got, "--input FILE:NAME, as `latscape data` lists them")
    if signal.missing:
        got = f"{signal.source}, of which {signal.missing} places were not measured"
        raise InputError("a grid that was finished", got, "`latscape fit --finite`, which leaves the others out")
    return signal


def split_counts(counts: NDArray[np.float32], generator: np.random.Generator) -> tuple[NDArray, NDArray]:
    """Two independent halves of Poisson counts: each count falls into one of them with equal chance.

    Examples
    --------
    >>> first, second = split_counts(np.full((3, 3), 100.0, np.float32), np.random.default_rng(0))
    >>> bool((first + second == 100).all())
    True
    """
    first = generator.binomial(counts.astype(np.int64), 0.5).astype(np.float32)
    return first, counts - first


def poisson_deviance(counts: NDArray, rate: NDArray) -> float:
    """Poisson deviance per sample, 2 sum(n log(n / r) - n + r): 0 if the rates are the counts [nat]."""
    n, r = counts.astype(np.float64), np.maximum(rate, _LEAST_RATE)
    return float(2.0 * (n * np.log(np.where(n > 0, n, 1.0) / r) - n + r).sum(axis=1).mean())


def split(run: Run[SpectrumSpec], progress: Progress) -> StageResult:
    """What is learned, and what is asked for afterwards."""
    values, positions, unit, source = run.prepared
    counts = bool((values >= 0).all() and (values == np.round(values)).all())
    flat = values.reshape(-1, values.shape[2])
    if counts:
        known, asked = split_counts(flat, numpy_generator(run.spec.seed, "parted"))
    else:  # only counts can be split: of other intensities the very spectra that were learned are asked for
        low, high = np.quantile(flat, [0.001, 0.999])
        known = asked = ((flat - low) / (high - low)).astype(np.float32)
    numbers = {"source": source, "unit": unit, "shape": list(values.shape), "counts": counts}
    numbers["mean_counts"] = float(flat.sum(axis=1).mean())
    return StageResult(numbers, {"known": known, "asked": asked, "position": positions, "total": values.sum(axis=2)})


def factorize(run: Run[SpectrumSpec], progress: Progress) -> StageResult:
    """Non-negative components, and how well they and the mean spectrum tell what was not seen."""
    found, counts = run.arrays("data"), run.numbers("data")["counts"]
    x = np.maximum(found["known"], 0.0)
    options: dict[str, Any] = {"n_components": run.spec.latent, "init": "nndsvda", "max_iter": 300}
    options |= {"solver": "mu", "beta_loss": "kullback-leibler"} if counts else {}
    model = NMF(random_state=run.spec.seed, **options)
    loading = model.fit_transform(x)
    rates = {"nmf_score": loading @ model.components_, "mean_score": np.broadcast_to(x.mean(axis=0), x.shape)}
    numbers = {name: _score(found["asked"], rate, counts) for name, rate in rates.items()}
    return StageResult(numbers, {"loading": loading, "components": model.components_})


def learn(run: Run[SpectrumSpec], progress: Progress) -> StageResult:
    """An autoencoder of as many numbers, and how well it tells what was not seen."""
    spec, found, counts = run.spec, run.arrays("data"), run.numbers("data")["counts"]
    options: dict[str, Any] = {"latent": spec.latent, "epochs": spec.epochs, "batch": 100, "learning_rate": 2e-3}
    likelihood: Any = ls.Poisson() if counts else ls.Gaussian(0.05)
    model = ls.vae(likelihood=likelihood, seed=derive_seed(spec.seed, "vae"), **options)
    fit_and_save(model, run, "vae", progress, found["known"])
    content = model.transform(found["known"])
    low, middle, high = np.quantile(content, [0.05, 0.5, 0.95], axis=0)
    walk = np.tile(middle, (spec.latent, 2, 1))
    for k in range(spec.latent):
        walk[k, :, k] = low[k], high[k]
    decoded = model.decode(walk.reshape(-1, spec.latent)).reshape(spec.latent, 2, -1)
    score = _score(found["asked"], model.reconstruct(found["known"]), counts)
    return StageResult({"vae_score": score}, {"content": content, "decoded": decoded})


def _score(asked: NDArray, rate: NDArray, counts: bool) -> float:
    return poisson_deviance(asked, rate) if counts else float(np.sqrt(np.mean(np.square(asked - rate))))


STAGES = Stages({"data": split, "nmf": factorize, "vae": learn}, read_spectra)
