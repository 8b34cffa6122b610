"""Is there structure in what was learned: maps against chance, beside what the sites of the unit cell explain."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from latscape.patches import PatchSet, moran


def structure(
    arrays: Mapping[str, NDArray[Any]], patches: PatchSet, sites: NDArray[np.float64], symmetry: int
) -> dict[str, list[float]]:
    """Moran's I, z and p of every map between patches that do not overlap, beside what the sites explain (n, k).

    The nearest patches that do not overlap lie mostly on the same site of the unit cell, so what only differs between
    sites would pass for structure of the map. Angles count by the sine of `symmetry` times them, so that what looks
    alike is alike.
    """
    maps = {"angle": np.sin(symmetry * arrays["angle"])}
    maps |= {"offset x": arrays["offset"][:, 0], "offset y": arrays["offset"][:, 1]}
    maps |= {f"content {k + 1}": values for k, values in enumerate(arrays["content"].T)}
    explaining = np.column_stack([np.ones(len(sites)), sites])
    found = {}
    for name, values in maps.items():
        rest = values - explaining @ np.linalg.lstsq(explaining, values, rcond=None)[0]
        found[name] = [float(one) for one in moran(rest, patches.position, beyond=patches.size)]
    return found


def site_features(atoms: Mapping[str, NDArray[Any]], kept: NDArray[np.int64], symmetry: int) -> NDArray[np.float64]:
    """What tells the sites of a unit cell apart, (n, 3): bright or not, and which way the neighbours lie."""
    return np.column_stack([atoms["bright"], facing(atoms["position"], symmetry)])[kept]


def facing(position: NDArray[np.float64], neighbours: int) -> NDArray[np.float64]:
    """Cosine and sine (n, 2) of `neighbours` times the direction to an atom's so many nearest ones, on average.

    The two sites of a honeycomb face opposite ways: their numbers differ in sign.

    Examples
    --------
    >>> hexagon = np.array([[0.0, 0.0], [-1.0, 0.0], [0.5, 0.866], [0.5, -0.866], [-1.5, 0.866], [-1.5, -0.866]])
    >>> facing(hexagon, 3)[:2].round(1).tolist()
    [[0.0, 1.0], [0.0, -1.0]]
    """
    near = np.asarray(KDTree(position).query(position, neighbours + 1)[1])[:, 1:]
    down, right = np.moveaxis(position[near] - position[:, None], 2, 0)
    mean = np.exp(1j * neighbours * np.arctan2(down, right)).mean(axis=1)
    mean /= np.abs(mean) + 1e-12
    return np.stack([mean.real, mean.imag], axis=1)


def brightness_purity(label: NDArray[np.int64], bright: NDArray[np.bool_], classes: int) -> float:
    """Share of the patches that are bright or faint as most of their class."""
    counts = np.array([[np.sum((label == k) & (bright == kind)) for kind in (False, True)] for k in range(classes)])
    return float(counts.max(axis=1).sum() / len(label))
