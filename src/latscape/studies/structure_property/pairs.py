"""Pairs of structure and property: clusters and lone particles with spectra, and the two halves of measured maps."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latscape.data.nanoparticles.population import nanoparticles, spectra, taken
from latscape.data.registry import data_folder
from latscape.physics.plasmon.assembly import Clusters
from latscape.random import numpy_generator
from latscape.studies.structure_property.prediction import Pairs

#: In vacuum [nm].
WAVELENGTH = np.linspace(450.0, 750.0, 61)
#: Window around a lone particle: pixels, and its side [nm].
PIXELS, FIELD = 32, 150.0


def scattering_efficiencies(clusters: Clusters, wavelength: NDArray[np.floating] = WAVELENGTH) -> NDArray[np.float64]:
    """Scattering cross sections over the area of the gold seen from above, (clusters, wavelengths)."""
    area = np.pi * (clusters.semiaxes[..., 0] * clusters.semiaxes[..., 1]).sum(axis=1, keepdims=True)
    return spectra(clusters, wavelength) / area


def clusters_and_spectra(n: int, part: str, max_particles: int, seed: int) -> Pairs:
    """Images of n clusters and their efficiencies, no cluster twice; those of the parts of a seed are independent."""
    made = nanoparticles(3 * n, counts=max_particles, part=part, seed=seed)
    once = np.sort(np.unique(made.origin, return_index=True)[1])[:n]  # balancing takes rare ones repeatedly
    return Pairs(made.images[once], scattering_efficiencies(taken(made.clusters, once)), made.labels[once])


def lone_particles(n: int, seed: int) -> tuple[Pairs, Clusters]:
    """Outlines of ellipses, 14 to 40 nm in mean radius and up to twice as long as wide, with their efficiencies."""
    generator = numpy_generator(seed, "lone")
    radius, aspect = 24 * np.exp(generator.uniform(-0.5, 0.5, size=n)), generator.uniform(1, 2, size=n)
    long, wide = radius * np.sqrt(aspect), radius / np.sqrt(aspect)
    axes = np.tile(np.eye(3), (n, 1, 1, 1))
    clusters = Clusters(np.ones(n, dtype=int), np.zeros((n, 1, 3)), np.stack([long, wide, wide], 1)[:, None], axes)
    return Pairs(_ellipses(long, wide, np.pi * generator.random(n)), scattering_efficiencies(clusters)), clusters


def apart(cluster: Clusters) -> Clusters:
    """The particles of one cluster, each alone."""
    n, sizes, axes = len(cluster.positions[0]), cluster.semiaxes[0][:, None], cluster.axes[0][:, None]
    return Clusters(np.ones(n, dtype=int), np.zeros((n, 1, 3)), sizes, axes)


def _ellipses(long, wide, angle) -> NDArray[np.float32]:
    fine = 4 * PIXELS
    line = FIELD * ((np.arange(fine) + 0.5) / fine - 0.5)
    drawn = np.empty((len(long), PIXELS, PIXELS), dtype=np.float32)
    for row, (a, b, turn) in enumerate(zip(long, wide, angle, strict=True)):
        along = line * np.cos(turn) - line[:, None] * np.sin(turn)
        across = line * np.sin(turn) + line[:, None] * np.cos(turn)
        inside = (along / a) ** 2 + (across / b) ** 2 <= 1
        drawn[row] = inside.reshape(PIXELS, 4, PIXELS, 4).mean(axis=(1, 3))
    return drawn


# --- measured maps ---


def measured(*path: str) -> Path | None:
    """A file or folder below `$LATSCAPE_DATA`, None where it is not."""
    folder = data_folder()
    found = None if folder is None else folder.joinpath(*path)
    return found if found is not None and found.exists() else None


def silica(folder: Path, block: int = 4, channels: int = 64) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """SiO2 particles: HAADF windows (rows, columns, 12, 12) and EDS counts (rows, columns, channels), block by block.

    A pixel has some 50 counts: the sums over `block` x `block` pixels and groups of energies have enough of them. The
    upper half of the energies holds next to nothing.
    """
    import h5py

    with h5py.File(folder / "SiO2_EDS_SI.hspy") as spectra, h5py.File(folder / "SiO2_HAADF.hspy") as image:
        cube = np.asarray(spectra["Experiments/EDS Spectrum Image/data"])
        haadf = np.asarray(image["Experiments/HAADF Image/data"], dtype=float)
    rows, columns, energies = cube.shape[0] // block, cube.shape[1] // block, cube.shape[2] // 2 // channels
    cube = cube[: rows * block, : columns * block, : energies * channels].astype(float)
    counts = cube.reshape(rows, block, columns, block, channels, energies).sum(axis=(1, 3, 5))
    down, across = (block * (np.arange(size) + 0.5) for size in (rows, columns))
    return windows(haadf, down, across, 12), counts


def loops(folder: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """PbTiO3: windows of the amplitude image (60, 60, 16, 16) and last-cycle hysteresis loops (60, 60, 64)."""
    image = np.load(folder / "bepfm_image.npy", allow_pickle=False)
    cycles = np.load(folder / "loop_mat.npy", allow_pickle=False).reshape(60, 60, 64, 3)
    centres = len(image) / 60 * (np.arange(60) + 0.5)
    return windows(image, centres, centres, 16), cycles[..., -1].astype(float)


def windows(image: NDArray, rows: NDArray, columns: NDArray, side: int) -> NDArray[np.float64]:
    """Windows around places of an image, mirrored at its edges, (rows, columns, side, side), 0 mean and unit spread."""
    scaled = (image - image.mean()) / image.std()
    framed = np.pad(scaled, side, mode="reflect")
    first = [np.rint(places).astype(int) + side - side // 2 for places in (rows, columns)]
    index = [start[:, None] + np.arange(side) for start in first]
    return framed[index[0][:, None, :, None], index[1][None, :, None, :]]


def halves(x: NDArray, y: NDArray) -> tuple[Pairs, Pairs]:
    """The left half of a map to learn from, the right half to predict; y in units of its spread on the left.

    Examples
    --------
    >>> left, right = halves(np.zeros((4, 6, 2, 2)), np.arange(48.0).reshape(4, 6, 2))
    >>> left.x.shape, right.y.shape
    ((12, 2, 2), (12, 2))
    """
    middle = x.shape[1] // 2
    unit = y[:, :middle].std()
    left, right = (
        Pairs(x[:, part].reshape(-1, *x.shape[2:]), y[:, part].reshape(-1, y.shape[2]) / unit)
        for part in (slice(0, middle), slice(middle, None))
    )
    return left, right
