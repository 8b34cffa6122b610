"""Which images a study trains, compares and measures on."""

from dataclasses import dataclass

from latscape.data.check import check_images
from latscape.data.dataset import Dataset
from latscape.data.io import load_images
from latscape.data.mnist import mnist
from latscape.errors import InputError
from latscape.random import numpy_generator
from latscape.studies.objective import Images, Labels
from latscape.studies.settings import Settings


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


def split(settings: Settings) -> Split:
    """Load and split the images that the settings name; the same settings give the same images."""
    training, held_out = _mnist(settings) if settings.data == "mnist" else _own(settings)
    order = numpy_generator(settings.seed, "subset").permutation(len(training.images))
    return Split(
        subset=training.images[order[: settings.images]],
        training=training.images,
        held_out=held_out.images,
        labels=held_out.labels,
        source=training.source,
        licence=training.licence,
    )


def _mnist(settings: Settings) -> tuple[Dataset, Dataset]:
    total = 10_000
    if settings.final_images + settings.held_out <= total:  # the embedded digits are enough
        return _parted(mnist("embedded"), settings.final_images, settings.held_out, settings.seed)
    return mnist("train", n=settings.final_images, seed=settings.seed), mnist(
        "embedded", n=settings.held_out, seed=settings.seed
    )


def _own(settings: Settings) -> tuple[Dataset, Dataset]:
    data = load_images(settings.data)
    check_images(data.images, unit_interval=settings.sigma is None)
    n = len(data.images)
    if n < 10 * settings.classes:
        raise InputError(
            f"at least {10 * settings.classes} images for {settings.classes} classes", n, "more images or fewer classes"
        )
    held_out = min(settings.held_out, n // 5)
    return _parted(data, min(settings.final_images, n - held_out), held_out, settings.seed)


def _parted(data: Dataset, training: int, held_out: int, seed: int) -> tuple[Dataset, Dataset]:
    order = numpy_generator(seed, "split").permutation(len(data.images))
    return _take(data, order[:training]), _take(data, order[training : training + held_out])


def _take(data: Dataset, index) -> Dataset:
    labels = None if data.labels is None else data.labels[index]
    return Dataset(data.images[index], labels, data.name, data.source, data.licence)
