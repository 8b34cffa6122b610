"""Which images a zBO run trains, compares and measures on."""

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
from latscape.studies.zbo.objective import Images, Labels
from latscape.studies.zbo.spec import ZboSpec

#: Side of the window of SSIM.
SMALLEST = 7


@dataclass(frozen=True)
class Split:
    """Images of a run.

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


def split(spec: ZboSpec) -> Split:
    """Load and split the images that that a spec names; the same spec gives the same images."""
    parts = SOURCES.get(spec.data, _own)(spec)
    training, held_out = parts if spec.window is None else (_seen(data, spec.window) for data in parts)
    order = numpy_generator(spec.seed, "subset").permutation(len(training.images))
    return Split(
        subset=training.images[order[: spec.images]],
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


def _mnist(spec: ZboSpec) -> tuple[Dataset, Dataset]:
    total, held_out = 10_000, spec.validation_count(spec.final_images)
    if spec.final_images + held_out <= total:  # the embedded digits are enough
        return _parted(mnist("embedded"), spec.final_images, held_out, spec.seed)
    return mnist("train", n=spec.final_images, seed=spec.seed), mnist("embedded", n=held_out, seed=spec.seed)


def _plasmonics(spec: ZboSpec) -> tuple[Dataset, Dataset]:
    training, held_out = (
        nanoparticles(n, counts=spec.classes, part=part, seed=spec.seed)
        for n, part in (
            (spec.final_images, "training"),
            (spec.validation_count(spec.final_images), "held out"),
        )
    )
    return training, held_out


#: Data by name; anything else is a file.
SOURCES = {"mnist": _mnist, "plasmonics": _plasmonics}


def _own(spec: ZboSpec) -> tuple[Dataset, Dataset]:
    data = _grey(load_images(spec.data))
    check_images(data.images, unit_interval=True)  # SSIM needs a known range, whatever the likelihood
    if min(data.images.shape[1:]) < SMALLEST:
        got = f"{data.images.shape[1]} x {data.images.shape[2]}"
        raise InputError(
            f"images of at least {SMALLEST} x {SMALLEST} pixels, which SSIM compares", got, "larger patches"
        )
    n = len(data.images)
    if n < 10 * spec.classes:
        raise InputError(
            f"at least {10 * spec.classes} images for {spec.classes} classes", n, "more images or fewer classes"
        )
    held_out = spec.validation_count(n)
    if spec.validation >= 1:  # a default that would leave too few to learn from
        held_out = min(held_out, n // 5)
    return _parted(data, min(spec.final_images, n - held_out), held_out, spec.seed)


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
