"""Images of clusters as a scanning electron microscope would take them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from latscape.errors import InputError
from latscape.physics.plasmon.assembly import Clusters

_CHUNK = 100


@dataclass(frozen=True)
class Microscope:
    """How the images are taken; lengths in nm unless they say otherwise.

    Parameters
    ----------
    pixels
        Along each side.
    field
        Side of the image.
    offset
        Largest distance of a cluster's centre from that of the image, along x and y.
    edge
        How much brighter than its middle a particle is at its edge, as a share.
    contrast
        Range of the brightness of particles; the support has 0.25.
    blur
        Range of the width over which edges are smeared.
    drift
        Standard deviation of the drift between first and last row, along x and y.
    shake
        Standard deviation of a row's displacement.
    electrons
        Range of the dose, electrons per pixel at brightness 1.
    """

    pixels: int = 32
    field: float = 300.0
    offset: float = 20.0
    edge: float = 0.35
    contrast: tuple[float, float] = (0.55, 0.9)
    blur: tuple[float, float] = (2.0, 5.0)
    drift: float = 10.0
    shake: float = 1.0
    electrons: tuple[float, float] = (100.0, 400.0)

    def __post_init__(self) -> None:
        if self.pixels < 8 or not self.field > 0:
            raise InputError("at least 8 pixels and a field above 0 nm", f"{self.pixels}, {self.field}", "Microscope()")

    def image(self, clusters: Clusters, generator: np.random.Generator) -> NDArray[np.float32]:
        """One image of each cluster, turned by any angle, (clusters, pixels, pixels) in [0, 1].

        Examples
        --------
        >>> from latscape.physics.plasmon import assemble
        >>> generator = np.random.default_rng(0)
        >>> Microscope().image(assemble([1, 5], generator), generator).shape
        (2, 32, 32)
        """
        starts = range(0, len(clusters), _CHUNK)
        return np.concatenate([self._image(taken(clusters, slice(k, k + _CHUNK)), generator) for k in starts])

    def _image(self, clusters: Clusters, generator: np.random.Generator) -> NDArray[np.float32]:
        n, side = len(clusters), self.pixels
        turn = _rotation(2 * np.pi * generator.random(n))
        centres = np.einsum("cij,cpj->cpi", turn, clusters.positions[..., :2])
        centres += generator.uniform(-self.offset, self.offset, size=(n, 1, 2))
        long = np.einsum("cij,cpj->cpi", turn, clusters.axes[..., 0, :2])
        x, y = self._beam(n, generator)
        brightness = generator.uniform(*self.contrast, size=(n, 1)) * (1 + 0.08 * generator.standard_normal((n, 1)))
        width = generator.uniform(*self.blur, size=n)
        signal = self._support(n, generator)
        for particle in range(centres.shape[1]):
            there = clusters.semiaxes[:, particle, 0] > 0
            dx = x[there] - centres[there, particle, 0, None, None]
            dy = y[there] - centres[there, particle, 1, None, None]
            part = self._particle(dx, dy, long[there, particle], clusters.semiaxes[there, particle], width[there])
            signal[there] += brightness[there, :, None] * part * (1 - signal[there] * (part > 0.5))
        dose = generator.uniform(*self.electrons, size=(n, 1, 1))
        counted = signal + np.sqrt(np.clip(signal, 0, None) / dose) * generator.standard_normal((n, side, side))
        return normalised(counted)

    def _particle(self, dx, dy, long, semiaxes, width) -> NDArray[np.float64]:
        """Yield of one particle, brighter where its surface is steep, with a soft edge."""
        along = dx * long[:, 0, None, None] + dy * long[:, 1, None, None]
        across = dy * long[:, 0, None, None] - dx * long[:, 1, None, None]
        a, b = semiaxes[:, 0, None, None], semiaxes[:, 1, None, None]
        reach = np.sqrt((along / a) ** 2 + (across / b) ** 2)
        inside = 0.5 * (1 - np.tanh((reach - 1) * np.sqrt(a * b) / width[:, None, None]))
        return inside * (1 - self.edge + self.edge * np.clip(reach, 0, 1) ** 4)

    def _beam(self, n: int, generator: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where the beam was at every pixel, (n, pixels, pixels) each: rows come one after the other."""
        line = (np.arange(self.pixels) + 0.5) / self.pixels - 0.5
        drift = self.drift * generator.standard_normal((n, 2, 1)) * line
        drift += self.shake * generator.standard_normal((n, 2, self.pixels))
        x = self.field * line + drift[:, 0, :, None]
        y = np.broadcast_to((-self.field * line + drift[:, 1])[:, :, None], x.shape)
        return x, y

    def _support(self, n: int, generator: np.random.Generator) -> NDArray[np.float64]:
        """A support with a slope and a grain."""
        line = np.linspace(-1, 1, self.pixels)
        slope = 0.04 * generator.standard_normal((n, 2, 1))
        plane = (slope[:, 0] * line)[:, None, :] + (slope[:, 1] * line)[:, :, None]
        grain = gaussian_filter(generator.standard_normal((n, self.pixels, self.pixels)), (0, 1.5, 1.5))
        return 0.25 + plane + 0.06 * grain


def taken(clusters: Clusters, index: NDArray[np.integer] | slice) -> Clusters:
    """Some of the clusters."""
    return Clusters(clusters.counts[index], clusters.positions[index], clusters.semiaxes[index], clusters.axes[index])


def normalised(images: NDArray[np.floating]) -> NDArray[np.float32]:
    """Every image from 0 to 1, in 256 steps as a detector counts them.

    Examples
    --------
    >>> normalised(np.array([[[0.0, 5.0], [10.0, 2.0]]])).max()
    np.float32(1.0)
    """
    low, high = images.min(axis=(1, 2), keepdims=True), images.max(axis=(1, 2), keepdims=True)
    steps = np.rint(255 * (images - low) / np.maximum(high - low, np.finfo(float).tiny))
    return (steps / 255).astype(np.float32)


def _rotation(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([cosine, -sine], axis=-1), np.stack([sine, cosine], axis=-1)], axis=-2)
