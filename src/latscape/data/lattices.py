"""Images of crystals whose every atom is known: strain, grains, vacancies and dopants, or none of them."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from latscape.data.check import check_amounts
from latscape.data.spots import add_spots
from latscape.errors import InputError
from latscape.random import numpy_generator

Crystal = Literal["graphene", "mos2", "hexagonal", "square", "perovskite"]
_HALF = math.sqrt(3.0) / 2.0
#: Cell vectors, places in it [nearest-neighbour distances] and the height of the spot of each species.
CRYSTALS: dict[str, tuple[tuple, tuple, tuple[float, ...]]] = {
    "graphene": (((2 * _HALF, 0.0), (_HALF, 1.5)), ((0.0, 0.0), (0.0, 1.0)), (1.0, 1.0)),
    "mos2": (((2 * _HALF, 0.0), (_HALF, 1.5)), ((0.0, 0.0), (0.0, 1.0)), (1.0, 0.45)),
    "hexagonal": (((1.0, 0.0), (0.5, _HALF)), ((0.0, 0.0),), (1.0,)),
    "square": (((1.0, 0.0), (0.0, 1.0)), ((0.0, 0.0),), (1.0,)),
    "perovskite": (((math.sqrt(2), 0.0), (0.0, math.sqrt(2))), ((0.0, 0.0), (_H2 := math.sqrt(0.5), _H2)), (1.0, 0.6)),
}
DOPANT = 1.8  # height of a dopant's spot against that of the atom it stands for
_CLOSE = 0.8  # atoms of two grains that are closer than this share of the spacing do not exist both
_WAVES = 4  # of the displacement field along each axis


@dataclass(frozen=True, eq=False)
class Lattice:
    """An image of a crystal with the truth about each atom in it.

    Parameters
    ----------
    image
        (h, w) float32: counts, or expected intensities where no dose was given.
    clean
        (h, w) float32, the same without noise.
    position
        (n, 2) row and column of every atom, in the image or within one spacing of it [pixels].
    species
        (n,) int64, number of its place in the cell.
    dopant
        (n,) bool, whether another, brighter element stands there.
    grain
        (n,) int64.
    displacement
        (n, 2) by which strain and disorder moved it [pixels].
    vacancy
        (m, 2) row and column of the missing atoms [pixels].
    angle
        (grains,) orientation of each, counter-clockwise as displayed [rad].
    spacing
        Distance of nearest neighbours in the perfect crystal [pixels].
    sigma
        Of the spots [pixels].
    """

    image: NDArray[np.float32]
    clean: NDArray[np.float32]
    position: NDArray[np.float64]
    species: NDArray[np.int64]
    dopant: NDArray[np.bool_]
    grain: NDArray[np.int64]
    displacement: NDArray[np.float64]
    vacancy: NDArray[np.float64]
    angle: NDArray[np.float64]
    spacing: float
    sigma: float

    def __len__(self) -> int:
        return len(self.position)


def crystal(
    kind: Crystal = "graphene",
    *,
    size: int = 256,
    spacing: float = 12.0,
    sigma: float | None = None,
    angle: float | None = None,
    strain: float = 0.0,
    disorder: float = 0.0,
    vacancies: float = 0.0,
    dopants: float = 0.0,
    grains: int = 1,
    background: float = 0.5,
    haze: float = 0.0,
    dose: float | None = None,
    seed: int = 0,
) -> Lattice:
    """A crystal as a scanning transmission electron microscope shows it: a Gaussian spot for every column of atoms.

    Without any option it is perfect: a model that finds structure in its atoms beyond their species has made it up.

    Parameters
    ----------
    kind
        "graphene" and "mos2" are honeycombs, of one and of two heights; "hexagonal", "square"; "perovskite" is a square
        lattice with lower spots in the middle of its cells.
    size
        Pixels along each side.
    spacing
        Distance of nearest neighbours [pixels].
    sigma
        Of the spots [pixels]; default: spacing / 4.
    angle
        Orientation of the first grain [rad]; default: drawn.
    strain
        Root mean square of the components of a smooth strain field (0.01 is one per cent).
    disorder
        Standard deviation of independent displacements [pixels].
    vacancies, dopants
        Shares of atoms that are missing or replaced by a brighter element.
    grains
        Regions of different orientation, which meet along straight lines.
    background
        Mean intensity besides the spots, whose height is 1.
    haze
        Relative height of smooth variations of the background, as contamination makes.
    dose
        Mean counts of a pixel, with Poisson noise; default: no noise.

    Raises
    ------
    InputError
        For an unknown kind and for sizes, shares and amounts that make no sense.

    Examples
    --------
    >>> made = crystal("mos2", size=64, dose=20.0)
    >>> made.image.shape, made.image.dtype, made.position.shape[1]
    ((64, 64), dtype('float32'), 2)
    """
    sigma = spacing / 4 if sigma is None else sigma
    if kind not in CRYSTALS:
        raise InputError(f"one of {', '.join(CRYSTALS)}", repr(kind), 'crystal("graphene")')
    if size < 8 or grains < 1 or not (2.0 <= spacing < size and 0.0 < sigma < size):
        got = f"size={size}, spacing={spacing}, sigma={sigma}, grains={grains}"
        raise InputError("8 pixels, a spacing of at least 2, a positive sigma, a grain", got, "crystal(spacing=12.0)")
    if dose is not None and not 0 < dose < math.inf:
        raise InputError("a positive number of counts a pixel", f"dose={dose}", "dose=20.0")
    check_amounts(strain=strain, disorder=disorder, background=background, haze=haze)
    check_amounts(1, vacancies=vacancies, dopants=dopants)
    generator = numpy_generator(seed, "crystal")
    angles = generator.uniform(0.0, 2.0 * math.pi, size=grains)
    if angle is not None:
        angles[0] = angle
    ideal, species, grain = _grains(kind, size, spacing, angles, generator)
    moved = _strained(ideal, strain, size, generator) + disorder * generator.standard_normal(ideal.shape)
    missing, dopant = generator.random(len(ideal)) < vacancies, generator.random(len(ideal)) < dopants
    position, kept = ideal + moved, ~missing
    clean = background * (1.0 + haze * _smooth(size, generator))
    heights = np.array(CRYSTALS[kind][2])[species] * np.where(dopant, DOPANT, 1.0)
    add_spots(clean, position[kept], heights[kept], np.full(int(kept.sum()), float(sigma)))
    clean = clean.clip(0.0)
    clean = clean if dose is None else clean * (dose / clean.mean())
    return Lattice(
        image=(clean if dose is None else generator.poisson(clean)).astype(np.float32),
        clean=clean.astype(np.float32),
        position=position[kept],
        species=species[kept],
        dopant=dopant[kept],
        grain=grain[kept],
        displacement=moved[kept],
        vacancy=position[missing],
        angle=angles,
        spacing=float(spacing),
        sigma=float(sigma),
    )


def _grains(
    kind: str, size: int, spacing: float, angles: NDArray[np.float64], generator: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Perfect positions (row, column), species and grain of all atoms: each grain is what is nearest to its seed."""
    seeds = generator.uniform(0.0, size, size=(len(angles), 2))
    offsets = generator.uniform(0.0, 2.0 * spacing, size=(len(angles), 2))
    parts = []
    for number, (angle, offset) in enumerate(zip(angles, offsets, strict=True)):
        position, species = _perfect(kind, size, spacing, angle, offset)
        own = KDTree(seeds).query(position)[1] == number
        parts.append((position[own], species[own], np.full(int(own.sum()), number)))
    position, species, grain = (np.concatenate(values) for values in zip(*parts, strict=True))
    close = KDTree(position).query_pairs(_CLOSE * spacing, output_type="ndarray")
    kept = np.ones(len(position), dtype=bool)
    kept[close[:, 1]] = False  # the second of a pair has the larger number
    return position[kept], species[kept], grain[kept]


def _perfect(
    kind: str, size: int, spacing: float, angle: float, offset: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    vectors, places, _ = CRYSTALS[kind]
    reach = math.ceil(0.85 * size / spacing) + 8  # half a diagonal, in vectors that may stand at 60 degrees
    steps = np.arange(-reach, reach + 1)
    cells = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2) @ np.array(vectors)
    xy = spacing * (cells[:, None] + np.array(places)[None]).reshape(-1, 2)
    species = np.tile(np.arange(len(places)), len(cells))
    cosine, sine = math.cos(angle), math.sin(angle)
    x, y = xy[:, 0] * cosine - xy[:, 1] * sine, xy[:, 0] * sine + xy[:, 1] * cosine
    position = np.stack([-y, x], axis=1) + size / 2 + offset
    inside = ((position > -spacing) & (position < size - 1 + spacing)).all(axis=1)
    return position[inside], species[inside]


def _smooth(size: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """A sum of a few long waves with deviation 1, (size, size)."""
    y, x = np.mgrid[:size, :size] / size
    total = np.zeros((size, size))
    for _ in range(_WAVES):
        wave, phase = generator.normal(scale=1.5, size=2), generator.uniform(0.0, 2.0 * math.pi)
        total += np.sin(2.0 * math.pi * (wave[0] * y + wave[1] * x) + phase)
    return total / math.sqrt(_WAVES / 2.0)


def _strained(
    position: NDArray[np.float64], strain: float, size: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Displacements whose derivatives have the deviation `strain`: u(r) = sum of a sin(k r + phase), long waves."""
    u, squares = np.zeros_like(position), 0.0
    for _ in range(_WAVES):
        k = generator.uniform(0.5, 1.5) * 2.0 * math.pi / size
        direction, phase = generator.uniform(0.0, 2.0 * math.pi, size=2)
        along = position @ np.array([math.sin(direction), math.cos(direction)])
        amplitude = generator.normal(size=2)
        u += amplitude * np.sin(k * along + phase)[:, None]
        squares += float(np.sum(amplitude**2)) * k**2 / 2.0 / 4.0  # of the four components du_i / dr_j, on average
    return u * (strain / math.sqrt(squares))
