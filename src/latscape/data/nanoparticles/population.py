"""The frozen set of images of clusters: an open stand-in for the particles of Biswas et al. 2023, section 3."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latscape.data.dataset import Dataset
from latscape.data.nanoparticles.micrographs import Microscope, taken
from latscape.errors import InputError
from latscape.physics.plasmon import assemble, cross_sections
from latscape.physics.plasmon.assembly import Clusters
from latscape.random import numpy_generator

#: Raised whenever a change makes other images; a test holds their digest.
GENERATOR = 1
#: A cluster of n + 1 particles is this much rarer than one of n.
RARER = 0.75


@dataclass(frozen=True, eq=False)
class Nanoparticles(Dataset):
    """Images of clusters with the truth about each: `labels` are counts minus 1.

    Parameters
    ----------
    clusters
        Geometry, (n,).
    origin
        (n,) which cluster of the raw population each is: balancing takes rare ones more than once.
    """

    labels: NDArray[np.int64]
    clusters: Clusters
    origin: NDArray[np.int64]


def nanoparticles(n: int = 2000, *, counts: int = 7, part: str = "training", seed: int = 0) -> Nanoparticles:
    """Images of clusters of 1 to `counts` gold particles, every count about as frequent.

    A raw population, in which large clusters are rare, is imaged and then balanced by weighted resampling (section 3 of
    the paper), so that images of rare counts come more than once. Every image goes from 0 to 1.

    Parameters
    ----------
    n
        Images (n, 32, 32) float32 in [0, 1].
    counts
        Largest number of particles, 1 to 7.
    part
        "training", "held out" or any other name: populations of their own.
    seed
        Of all chance.

    Raises
    ------
    InputError
        For no images or counts that are not 1 to 7.

    Examples
    --------
    >>> made = nanoparticles(12, counts=3)
    >>> made.images.shape, sorted(set(made.labels.tolist()))
    ((12, 32, 32), [0, 1, 2])
    """
    if n < 1 or not 1 <= counts <= 7:
        raise InputError("at least one image, and 1 to 7 particles", f"n={n}, counts={counts}", "nanoparticles(2000)")
    generator = numpy_generator(seed, "nanoparticles", GENERATOR, part, counts)
    abundance = RARER ** np.arange(counts)
    raw = 1 + generator.choice(counts, size=n, p=abundance / abundance.sum())
    clusters = assemble(raw, generator)
    images = Microscope().image(clusters, generator)
    drawn = balanced(raw, n, generator)
    return Nanoparticles(
        images=images[drawn],
        labels=raw[drawn] - 1,
        name=f"clusters of 1 to {counts} gold particles",
        source=f"generated, version {GENERATOR}",
        licence="CC0",
        clusters=taken(clusters, drawn),
        origin=drawn,
    )


def balanced(labels: NDArray[np.integer], n: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Indices (n,) of a weighted resampling, with replacement, in which every label is as likely."""
    _, inverse, frequency = np.unique(labels, return_inverse=True, return_counts=True)
    weight = 1.0 / frequency[inverse]
    return generator.choice(len(labels), size=n, p=weight / weight.sum())


def spectra(clusters: Clusters, wavelength: NDArray[np.floating], medium: float = 1.25) -> NDArray[np.float64]:
    """Scattering cross sections in unpolarized light from above, (clusters, wavelengths) [nm^2].

    Examples
    --------
    >>> spectra(nanoparticles(2, counts=3).clusters, np.linspace(450.0, 750.0, 31)).shape
    (2, 31)
    """
    found = np.empty((len(clusters), len(wavelength)))
    for count in np.unique(clusters.counts):  # absent particles need not be solved for
        where = np.flatnonzero(clusters.counts == count)
        part, present = taken(clusters, where), slice(0, count)
        found[where] = cross_sections(
            part.positions[:, present],
            part.semiaxes[:, present],
            wavelength,
            axes=part.axes[:, present],
            polarization=[[1, 0, 0], [0, 1, 0]],
            medium=medium,
        ).scattering.mean(axis=1)
    return found


def digest(images: NDArray[np.float32]) -> str:
    """SHA-256 of images in 256 steps."""
    return hashlib.sha256(np.rint(255 * images).astype(np.uint8).tobytes()).hexdigest()
