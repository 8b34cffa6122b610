"""A movie of domain walls that a field drives through pinning sites, with the truth about every wall.

The order parameter follows Allen and Cahn (1979, doi:10.1016/0001-6160(79)90196-2) in a potential that is deeper at
pinning sites, where a wall costs more, so that it waits before them and bends around them:

    dp/dt = g(r) (p - p^3) + w^2/2 nabla^2 p + E,    g(r) = 1 + s sum_k exp(-|r - r_k|^2 / 2 a^2)

Far from pins a wall is tanh(x / w) wide and moves as fast as field and curvature say, v = 3 w E / 2 - w^2 kappa / 2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from latscape.data.domain_images import curvature, domains
from latscape.errors import InputError
from latscape.random import numpy_generator

_STEP = 0.07  # of time; stable below 2 / (4 w^2 + 2 + 2 s), which is 0.071 for the widest wall at the strongest site
_RELAX = 60  # steps without field, in which the walls find their shape


@dataclass(frozen=True, eq=False)
class DomainMovie:
    """Frames of moving walls with the truth about them.

    Parameters
    ----------
    movie
        (t, h, w) float32: the order parameter with noise, as a measurement shows it.
    order
        (t, h, w) float32, the same without noise.
    pin
        (m, 2) row and column of the pinning sites [pixels].
    field
        That drives the walls.
    """

    movie: NDArray[np.float32]
    order: NDArray[np.float32]
    pin: NDArray[np.float64]
    field: float

    def __len__(self) -> int:
        return len(self.movie)

    def walls(self, frame: int, spacing: int = 4) -> "WallPoints":
        """Points about `spacing` pixels apart along the walls of a frame (not the first or last), where p = 0.

        There the wall moves at v = (dp/dt) / |grad p| and is curved by -div(grad p / |grad p|).
        """
        from skimage.measure import find_contours

        before, now, after = self.order[frame - 1 : frame + 2].astype(np.float64)
        bend = curvature(ndimage.gaussian_filter(now, 1.0, mode="wrap"))
        velocity = (after - before) / 2.0 / (np.hypot(*np.gradient(now)) + 1e-9)
        lines = [line[:: max(1, spacing)] for line in find_contours(now, 0.0)]
        position = np.concatenate(lines) if lines else np.zeros((0, 2))
        speed, bend = (ndimage.map_coordinates(values, position.T, order=1) for values in (velocity, bend))
        pinned = KDTree(self.pin).query(position)[0] if len(self.pin) else np.full(len(position), np.inf)
        return WallPoints(position, speed, bend, np.asarray(pinned))


@dataclass(frozen=True, eq=False)
class WallPoints:
    """Points on walls.

    Parameters
    ----------
    position
        (n, 2) row and column [pixels].
    velocity
        (n,) at which the up domain grows there [pixels per frame].
    curvature
        (n,) positive where the up domain is convex [1 / pixel].
    pinned
        (n,) distance to the nearest pinning site [pixels].
    """

    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    curvature: NDArray[np.float64]
    pinned: NDArray[np.float64]


def domain_movie(
    frames: int = 40,
    *,
    size: int = 128,
    scale: float = 16.0,
    width: float = 2.0,
    pins: int = 60,
    strength: float = 1.5,
    radius: float = 3.0,
    field: float = 0.05,
    every: int = 60,
    noise: float = 0.1,
    seed: int = 0,
) -> DomainMovie:
    """Walls between random domains, driven by a field so that the up domains grow, and held by pinning sites.

    Parameters
    ----------
    size
        Pixels along each side; the edges are periodic.
    scale
        Correlation length of the first domains [pixels].
    width
        Half-width w of a wall [pixels].
    pins, strength, radius
        How many sites; s, by which the potential is deeper there; a, their size [pixels].
    field
        E; above 0.38 domains would switch everywhere at once.
    every
        Steps of time 0.07 from one frame to the next.
    noise
        Standard deviation in every pixel of every frame.

    Raises
    ------
    InputError
        For fewer than three frames, and for sizes and strengths outside of the limits named here.

    Examples
    --------
    >>> made = domain_movie(5, size=64)
    >>> made.movie.shape, made.walls(2).position.shape[1]
    ((5, 64, 64), 2)
    """
    if frames < 3 or size < 16 or pins < 0 or every < 1:
        got = f"frames={frames}, size={size}, pins={pins}, every={every}"
        raise InputError("3 frames of 16 pixels, no fewer than 0 pins, a step a frame", got, "domain_movie(40)")
    if not (0.5 <= width <= 2.0 and 0 <= strength <= 5 and 0 < radius < size and abs(field) < 0.38 and noise >= 0):
        got = f"width={width}, strength={strength}, radius={radius}, field={field}, noise={noise}"
        expected = "a width of 0.5 to 2.0, a strength in [0, 5], a positive radius, a field below 0.38"
        raise InputError(expected, got, "width=2.0, strength=1.5, radius=3.0, field=0.05")
    generator = numpy_generator(seed, "domain movie")
    made = domains(size, scale=scale, width=width, share=0.35, noise=0.0, seed=int(generator.integers(2**62)))
    pin = generator.uniform(0.0, size, size=(pins, 2))
    depth = 1.0 + strength * _sites(pin, radius, size)
    p, order = made.image.astype(np.float64), []
    for _ in range(_RELAX):
        p = _step(p, depth, width, 0.0)
    for _ in range(frames):
        order.append(p.astype(np.float32))
        for _ in range(every):
            p = _step(p, depth, width, field)
    clean = np.stack(order)
    movie = clean + noise * generator.standard_normal(clean.shape)
    return DomainMovie(movie.astype(np.float32), clean, pin, field)


def _sites(pin: NDArray[np.float64], radius: float, size: int) -> NDArray[np.float64]:
    """What the pinning sites add to the potential, in [0, 1], periodic."""
    total, axis = np.zeros((size, size)), np.arange(size)
    for y, x in pin:
        dy, dx = (np.abs(axis - at) for at in (y, x))
        dy, dx = np.minimum(dy, size - dy), np.minimum(dx, size - dx)
        total += np.exp(-0.5 * (dy[:, None] ** 2 + dx**2) / radius**2)
    return total.clip(0.0, 1.0)


def _step(p: NDArray[np.float64], depth: NDArray[np.float64], width: float, field: float) -> NDArray[np.float64]:
    laplacian = ndimage.laplace(p, mode="wrap")
    return p + _STEP * (depth * (p - p**3) + 0.5 * width**2 * laplacian + field)
