"""Which images a zBO run trains, compares and measures on."""

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from latscape.data import Dataset, load_images, mnist
from latscape.data.check import check_images
from latscape.data.nanoparticles.population import nanoparticles
from latscape.data.nanoparticles.windows import windows
from latscape.errors import InputError
from latscape.random import numpy_generator
from latscape.studies.zbo.objective import Images, Labels
from latscape.studies.zbo.spec import ZboSpec

#: Side of the window of SSIM.
SMALLEST = 7


@dataclass(frozen=True)
class Split:
    """Images of a run.

    Attributes
    ----------
    subset
        The random subset every trajectory is evaluated on; part of `training`.
    training
        For the final comparison.
    labels
        Of the held-out images; None if no one of them has a label.
    """

    subset: Images
    training: Images
    validation: Images
    labels: Labels | None
    source: str
    licence: str

    @property
    def fingerprint(self) -> dict[str, Any]:
        """What a resumed run must find again: sizes, and a digest of the pixels."""
        digest = hashlib.sha256(b"".join(np.ascontiguousarray(part).data for part in (self.training, self.validation)))
        return {"training": len(self.training), "validation": len(self.validation), "sha256": digest.hexdigest()[:16]}


def split(spec: ZboSpec) -> Split:
    """Load and split the images that a spec names; the same spec gives the same images."""
    parts = SOURCES.get(spec.data, _own)(spec)
    training, validation = (one.images if spec.window is None else windows(one.images, spec.window) for one in parts)
    order = numpy_generator(spec.seed, "subset").permutation(len(training))
    labels = parts[1].labels
    return Split(
        subset=training[order[: spec.images]],
        training=training,
        validation=validation,
        labels=labels if labels is not None and (labels >= 0).any() else None,
        source=parts[0].source,
        licence=parts[0].licence,
    )


def _mnist(spec: ZboSpec) -> tuple[Dataset, Dataset]:
    total, validation = 10_000, spec.validation_count(spec.final_images)
    if spec.final_images + validation <= total:  # the embedded digits are enough
        return _parted(mnist("embedded"), spec.final_images, validation, spec.seed)
    return mnist("train", n=spec.final_images, seed=spec.seed), mnist("embedded", n=validation, seed=spec.seed)


def _plasmonics(spec: ZboSpec) -> tuple[Dataset, Dataset]:
    made = partial(nanoparticles, counts=spec.classes, seed=spec.seed)
    validation = made(spec.validation_count(spec.final_images), part="held out")
    return made(spec.final_images, part="training"), validation


#: Data by name; anything else is a file.
SOURCES = {"mnist": _mnist, "plasmonics": _plasmonics}


def _own(spec: ZboSpec) -> tuple[Dataset, Dataset]:
    data = _grey(load_images(spec.data))
    check_images(data.images, unit_interval=True)  # SSIM needs a known range, whatever the likelihood
    if min(data.images.shape[1:]) < SMALLEST:
        expected = f"images of at least {SMALLEST} x {SMALLEST} pixels, which SSIM compares"
        raise InputError(expected, f"{data.images.shape[1]} x {data.images.shape[2]}", "larger patches")
    n, least = len(data.images), 10 * spec.classes
    if n < least:
        raise InputError(f"at least {least} images for {spec.classes} classes", n, "more images or fewer classes")
    validation = spec.validation_count(n)
    if spec.validation >= 1:  # a default that would leave too few to learn from
        validation = min(validation, n // 5)
    return _parted(data, min(spec.final_images, n - validation), validation, spec.seed)


def _grey(data: Dataset) -> Dataset:
    shape = data.images.shape
    if len(shape) > 3 and shape[3] != 1:
        raise InputError("images of one channel, which SSIM compares", f"shape {shape}", "images.mean(axis=3)")
    return data if len(shape) == 3 else replace(data, images=data.images[..., 0])


def _parted(data: Dataset, training: int, validation: int, seed: int) -> tuple[Dataset, Dataset]:
    order, labels = numpy_generator(seed, "split").permutation(len(data)), data.labels
    first, second = (
        replace(data, images=data.images[index], labels=None if labels is None else labels[index], places=None)
        for index in (order[:training], order[training : training + validation])
    )
    return first, second
