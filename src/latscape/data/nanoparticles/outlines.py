"""Outlines of real particles from segmented micrographs: ellipses with the same moments, on the scale of the study."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage.measure import regionprops

from latscape.errors import InputError
from latscape.physics.plasmon.assembly import Clusters, loosened


@dataclass(frozen=True, eq=False)
class Outlines:
    """The particles of one micrograph.

    Parameters
    ----------
    mask
        (h, w) 0 where there is none, else the number of the particle, 1...n.
    numbers
        (n,) of the particles in the mask.
    centres
        (n, 2) x and y, y upwards [pixels].
    semiaxes
        (n, 2) of the ellipse with the same second moments, the long one first [pixels].
    angles
        (n,) of the long axis, counter-clockwise from x [rad].
    """

    mask: NDArray[np.integer]
    numbers: NDArray[np.int64]
    centres: NDArray[np.float64]
    semiaxes: NDArray[np.float64]
    angles: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.centres)

    @property
    def radii(self) -> NDArray[np.float64]:
        """(n,) of the disc of the same area as the ellipse [pixels]."""
        return np.sqrt(self.semiaxes.prod(axis=1))

    def cluster(self, radius: float = 24.0, gap: float = 0.5) -> Clusters:
        """The particles as one cluster of gold.

        Scaled to a median `radius` [nm], as thick as they are wide, and moved apart until the tightest gap is `gap`
        reaches: pictures seldom tell the gap, and nearer ones are outside of what coupled dipoles can do.
        """
        scale = radius / np.median(self.radii)
        n, sizes = len(self), scale * self.semiaxes[:, [0, 1, 1]]
        places = loosened(scale * (self.centres - self.centres.mean(axis=0)), sizes[:, 0], gap)
        axes, cosine, sine = np.tile(np.eye(3), (n, 1, 1)), np.cos(self.angles), np.sin(self.angles)
        axes[:, 0, :2], axes[:, 1, :2] = np.stack([cosine, sine], axis=1), np.stack([-sine, cosine], axis=1)
        return Clusters(np.array([n]), np.pad(places, ((0, 0), (0, 1)))[None], sizes[None], axes[None])


def outlines(mask: NDArray[np.integer], least: int = 50) -> Outlines:
    """Centres, semiaxes and angles of the particles of a mask (h, w) of their numbers, 0 where there is none.

    Regions of fewer than `least` pixels do not count.

    Raises
    ------
    InputError
        For anything but whole numbers in two axes, or a mask without particles.

    Examples
    --------
    >>> y, x = np.mgrid[30:-31:-1, -40:41]
    >>> found = outlines(((x / 20) ** 2 + (y / 10) ** 2 <= 1).astype(int))
    >>> found.semiaxes.round(0)
    array([[20., 10.]])
    """
    labels = np.asarray(mask)
    if labels.ndim != 2 or labels.dtype.kind not in "iu":
        raise InputError("a mask (h, w) of whole numbers", f"{labels.dtype} {labels.shape}", "a segmented image")
    found = [region for region in regionprops(labels) if region.area >= least]
    if not found:
        raise InputError(f"particles of at least {least} pixels", "none", "another mask")
    return Outlines(
        mask=labels,
        numbers=np.array([region.label for region in found]),
        centres=np.array([(region.centroid[1], -region.centroid[0]) for region in found]),
        semiaxes=np.array([(region.axis_major_length / 2, region.axis_minor_length / 2) for region in found]),
        # skimage counts from the row axis, which goes down
        angles=np.array([region.orientation + np.pi / 2 for region in found]),
    )


def read_outlines(folder: Path) -> dict[str, Outlines]:
    """All segmented micrographs `seg_*.png` of a folder laid out as the EMPS data set, by name.

    Source: Yildirim and Cole 2021, doi:10.1021/acs.jcim.0c01455.
    """
    from PIL import Image

    files = sorted(folder.glob("seg_*.png"))
    return {file.stem.removeprefix("seg_"): outlines(np.array(Image.open(file)).astype(np.int64)) for file in files}


def crops(found: Outlines, radius: float = 24.0, pixels: int = 32, field: float = 150.0) -> NDArray[np.float32]:
    """A window around every particle with nothing else in it, (n, pixels, pixels) in [0, 1], `field` nm wide.

    `radius` [nm] is the median one, as in `Outlines.cluster`; the outline is the real one, not the ellipse.

    Examples
    --------
    >>> y, x = np.mgrid[30:-31:-1, -40:41]
    >>> crops(outlines((x**2 + y**2 <= 400).astype(int)), pixels=16).shape
    (1, 16, 16)
    """
    per_nm, fine, windows = np.median(found.radii) / radius, 4 * pixels, []
    line = per_nm * field * ((np.arange(fine) + 0.5) / fine - 0.5)
    for number, (x, y) in zip(found.numbers, found.centres, strict=True):
        rows, columns = np.rint(line - y).astype(int), np.rint(x + line).astype(int)
        part = np.zeros((fine, fine), dtype=bool)
        inside = np.ix_((rows >= 0) & (rows < found.mask.shape[0]), (columns >= 0) & (columns < found.mask.shape[1]))
        part[inside] = found.mask[np.ix_(rows[inside[0][:, 0]], columns[inside[1][0]])] == number
        windows.append(part.reshape(pixels, 4, pixels, 4).mean(axis=(1, 3)))
    return np.array(windows, dtype=np.float32)
