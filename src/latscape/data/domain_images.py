"""Ferroelectric domains whose walls are known, at rest or on their way through pinning sites."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from latscape.errors import InputError
from latscape.random import numpy_generator


@dataclass(frozen=True, eq=False)
class Domains:
    """An image of two kinds of domains with the truth about it.

    Parameters
    ----------
    image
        (h, w) float32: +1 and -1 in the domains, through 0 across the walls, with noise.
    up
        (h, w) bool, the domain of each pixel.
    distance
        (h, w) float32 distance from the nearest wall, positive where the domain is up [pixels].
    """

    image: NDArray[np.float32]
    up: NDArray[np.bool_]
    distance: NDArray[np.float32]


def domains(
    size: int = 128,
    *,
    scale: float = 12.0,
    width: float = 1.5,
    stripes: float = 0.0,
    share: float = 0.5,
    noise: float = 0.1,
    seed: int = 0,
) -> Domains:
    """Domains with smooth walls, as piezoresponse force microscopy shows them: a random field, above and below a level.

    Parameters
    ----------
    size
        Pixels along each side.
    scale
        Correlation length of the field [pixels]; domains are a few of it wide.
    width
        Half-width of a wall: the image is tanh(distance / width) [pixels].
    stripes
        From 0, domains of no direction, to 1, stripes.
    share
        Of the image that is up.
    noise
        Standard deviation in every pixel.

    Raises
    ------
    InputError
        For sizes, shares and amounts that make no sense.

    Examples
    --------
    >>> made = domains(64, share=0.3)
    >>> made.image.shape, round(float(made.up.mean()), 1)
    ((64, 64), 0.3)
    """
    if size < 8 or not (0 < scale < size and 0 < width < size):
        got = f"size={size}, scale={scale}, width={width}"
        raise InputError("8 pixels, a scale and a width below the size", got, "domains(128, scale=12.0)")
    if not (0 < share < 1 and 0 <= stripes <= 1 and 0 <= noise < math.inf):
        got = f"share={share}, stripes={stripes}, noise={noise}"
        raise InputError("a share inside (0, 1), stripes in [0, 1], noise of at least 0", got, "domains(share=0.5)")
    generator = numpy_generator(seed, "domains")
    field = _field(size, scale, stripes, generator)
    up = field > np.quantile(field, 1.0 - share)
    distance = signed_distance(up)
    clean = np.tanh(distance / width)
    image = clean + noise * generator.standard_normal(clean.shape)
    return Domains(image.astype(np.float32), up, distance)


def signed_distance(up: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Distance from the nearest wall, positive inside what is up [pixels]; a wall lies between two pixels.

    Examples
    --------
    >>> signed_distance(np.array([[False, False, True, True]]))
    array([[-1.5, -0.5,  0.5,  1.5]], dtype=float32)
    """
    inside, outside = (np.asarray(ndimage.distance_transform_edt(part)) - 0.5 for part in (up, ~up))
    return np.where(up, inside, -outside).astype(np.float32)


def curvature(phi: NDArray[np.floating]) -> NDArray[np.float64]:
    """-div(grad phi / |grad phi|), (h, w): positive where what phi is positive in is convex [1 / pixel]."""
    down, right = np.gradient(phi)
    steep = np.hypot(down, right) + 1e-9
    return -(np.gradient(down / steep, axis=0) + np.gradient(right / steep, axis=1))


def _field(size: int, scale: float, stripes: float, generator: np.random.Generator) -> NDArray[np.float64]:
    """A Gaussian random field with correlation length `scale`, drawn out along a random direction by `stripes`."""
    ky, kx = np.meshgrid(np.fft.fftfreq(size), np.fft.rfftfreq(size), indexing="ij")
    angle = generator.uniform(0.0, math.pi)
    along, across = kx * math.cos(angle) + ky * math.sin(angle), ky * math.cos(angle) - kx * math.sin(angle)
    power = np.exp(-((2.0 * math.pi * scale) ** 2) * ((1.0 + 8.0 * stripes) * along**2 + across**2) / 2.0)
    white = np.fft.rfft2(generator.standard_normal((size, size)))
    return np.fft.irfft2(white * np.sqrt(power), s=(size, size))
