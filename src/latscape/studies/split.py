"""Which images a study trains, compares and measures on."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from latscape.data.check import check_images
from latscape.data.dataset import Dataset
from latscape.data.mnist import mnist
from latscape.data.samples import load_images
from latscape.errors import InputError
from latscape.random import numpy_generator
from latscape.studies.nanoparticles.population import nanoparticles
from latscape.studies.nanoparticles.windows import windows
from latscape.studies.objective import Images, Labels
from latscape.studies.settings import Settings

#: Side of the window of SSIM.
SMALLEST = 7


@dataclass(frozen=True)
class Split:
    """Images of a study.

    Attributes
    ----------
    subset : ndarray
        The random subset every trajectory is evaluated on; part of `training`.
    training : ndarray
        For the final comparison.
    held_out : ndarray
    labels : ndarray or None
        Of the held-out images.
    source, licence : str
    """

    subset: Images
    training: Images
    held_out: Images
    labels: Labels | None
    source: str
    licence: str

    @property
    def fingerprint(self) -> dict[str, Any]:
        """What a resumed run must find again: sizes, and a digest of the pixels."""
        digest = hashlib.sha256(b"".join(np.ascontiguousarray(part).data for part in (self.training, self.held_out)))
        return {"training": len(self.training), "held_out": len(self.held_out), "sha256": digest.hexdigest()[:16]}


def split(settings: Settings) -> Split:
    """Load and split the images that the settings name; the same settings give the same images."""
    parts = SOURCES.get(settings.data, _own)(settings)
    training, held_out = parts if settings.window is None else (_seen(data, settings.window) for data in parts)
    order = numpy_generator(settings.seed, "subset").permutation(len(training.images))
    return Split(
        subset=training.images[order[: settings.images]],
        training=training.images,
        held_out=held_out.images,
        labels=_known(held_out.labels),
        source=training.source,
        licence=training.licence,
    )


def _seen(data: Dataset, side: int) -> Dataset:
    return Dataset(windows(data.images, side), data.labels, data.name, data.source, data.licence)


def _known(labels: Labels | None) -> Labels | None:
    """None if no held-out image has a label."""
    return labels if labels is not None and (labels >= 0).any() else None


def _mnist(settings: Settings) -> tuple[Dataset, Dataset]:
    total = 10_000
    if settings.final_images + settings.held_out <= total:  # the embedded digits are enough
        return _parted(mnist("embedded"), settings.final_images, settings.held_out, settings.seed)
    return mnist("train", n=settings.final_images, seed=settings.seed), mnist(
        "embedded", n=settings.held_out, seed=settings.seed
    )


def _plasmonics(settings: Settings) -> tuple[Dataset, Dataset]:
    training, held_out = (
        nanoparticles(n, counts=settings.classes, part=part, seed=settings.seed)
        for n, part in ((settings.final_images, "training"), (settings.held_out, "held out"))
    )
    return training, held_out


#: Data by name; anything else is a file.
SOURCES = {"mnist": _mnist, "plasmonics": _plasmonics}


def _own(settings: Settings) -> tuple[Dataset, Dataset]:
    data = _grey(load_images(settings.data))
    check_images(data.images, unit_interval=True)  # SSIM needs a known range, whatever the likelihood
    if min(data.images.shape[1:]) < SMALLEST:
        got = f"{data.images.shape[1]} x {data.images.shape[2]}"
        raise InputError(
            f"images of at least {SMALLEST} x {SMALLEST} pixels, which SSIM compares", got, "larger patches"
        )
    n = len(data.images)
    if n < 10 * settings.classes:
        raise InputError(
            f"at least {10 * settings.classes} images for {settings.classes} classes", n, "more images or fewer classes"
        )
    held_out = min(settings.held_out, n // 5)
    return _parted(data, min(settings.final_images, n - held_out), held_out, settings.seed)


def _grey(data: Dataset) -> Dataset:
    if data.images.ndim == 3:
        return data
    if data.images.shape[3] != 1:
        raise InputError(
            "images of one channel, which SSIM compares", f"shape {data.images.shape}", "images.mean(axis=3)"
        )
    return replace(data, images=data.images[..., 0])


def _parted(data: Dataset, training: int, held_out: int, seed: int) -> tuple[Dataset, Dataset]:
    order = numpy_generator(seed, "split").permutation(len(data.images))
    return _take(data, order[:training]), _take(data, order[training : training + held_out])


def _take(data: Dataset, index) -> Dataset:
    labels = None if data.labels is None else data.labels[index]
    return Dataset(data.images[index], labels, data.name, data.source, data.licence)
