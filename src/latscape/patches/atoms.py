"""Where the atoms are: maxima of a response, strong enough and far enough apart, then finer than a pixel."""

from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree
from skimage.feature import peak_local_max
from skimage.morphology import disk

from latscape.errors import InputError
from latscape.patches.image import check_image, check_mask
from latscape.patches.refine import centres_of_mass, fit_gaussians
from latscape.patches.response import RESPONSES, Image, filled, local_maximum, noise_gain, noise_of, spacing_of

Method = Literal["maxima", "log", "dog", "unet"]
Refine = Literal["gaussian", "mass", "response", "none"]


class Responder(Protocol):
    """A network, or several that answer together."""

    def respond(self, image: Image, unit: float) -> Image:
        """Probability (h, w) of an atom at each pixel; `unit` is the distance of neighbours [pixels]."""
        ...


@dataclass(frozen=True, eq=False)
class Atoms:
    """Atoms found in an image.

    Parameters
    ----------
    position
        (n, 2) row and column of each, 0 in the middle of the first pixel [pixels].
    height
        (n,) of the fitted spot above its background, in the unit of the image; without a fit, of the response.
    sigma
        (n,) of the fitted spot [pixels].
    background
        (n,) below it.
    response
        (n,) how strongly the method answered.
    shape
        Of the image.
    spacing
        Distance of neighbours that was told or estimated [pixels].
    """

    position: NDArray[np.float64]
    height: NDArray[np.float64]
    sigma: NDArray[np.float64]
    background: NDArray[np.float64]
    response: NDArray[np.float64]
    shape: tuple[int, int]
    spacing: float

    def __len__(self) -> int:
        return len(self.position)

    def select(self, index: NDArray) -> "Atoms":
        """Some of them, by a mask or by number."""
        names = ("position", "height", "sigma", "background", "response")
        return replace(self, **{name: getattr(self, name)[index] for name in names})

    def neighbours(self, k: int = 1) -> NDArray[np.float64]:
        """Distances of the k nearest atoms of each, nearest first, (n, k) [pixels]; infinite where there are fewer."""
        return KDTree(self.position).query(self.position, k + 1)[0].reshape(len(self), k + 1)[:, 1:]

    def bonds(self, longest: float = 1.4) -> NDArray[np.float64]:
        """Distances of all pairs closer than `longest` spacings [pixels]: over all directions a scan's distortion of
        the lattice cancels to first order, which it does not for the nearest neighbour alone.
        """
        pairs = KDTree(self.position).query_pairs(longest * self.spacing, output_type="ndarray")
        return np.linalg.norm(self.position[pairs[:, 0]] - self.position[pairs[:, 1]], axis=1)


def find_atoms(
    image: ArrayLike,
    *,
    spacing: float | None = None,
    method: Method = "log",
    sigma: float | None = None,
    threshold: float = 0.15,
    significance: float = 3.5,
    closest: float = 0.6,
    refine: Refine = "gaussian",
    dark: bool = False,
    mask: ArrayLike | None = None,
    border: float | None = None,
    net: Responder | None = None,
) -> Atoms:
    """Find the atoms of an image, possibly none, from the top down, and where they are to a fraction of a pixel.

    Parameters
    ----------
    image
        (h, w) real numbers. NaN means nothing was measured there: no atom is sought, and fits leave such pixels out.
    spacing
        Distance of nearest neighbours [pixels]; default: that of the autocorrelation's first maximum.
    method
        What is large where an atom is: "maxima" of the smoothed brightness; "log", the Laplacian of a Gaussian; "dog",
        a difference of two; "unet", a small network trained on generated images, which knows crystals with defects.
    sigma
        Of the spots [pixels]; default: spacing / 4.
    threshold
        Least response, as a share of that of the strong atoms (the 90th percentile of all maxima).
    significance
        Least response in standard deviations of what the image's noise makes of it; not for "unet".
    closest
        Least distance of two atoms [spacings].
    refine
        "gaussian", a fit beside all neighbours; "mass", a centre of mass; "response", the top of the response, which is
        the better of them for "unet" where there are few counts; "none", whole pixels.
    dark
        Whether atoms are dark on a bright ground, as in a bright-field image.
    mask
        (h, w) booleans, True where atoms are sought.
    border
        Least distance of an atom from the image's edge [pixels]; default: half a spacing.
    net
        For "unet", another network, such as what `latscape.patches.adapt` or `latscape.patches.unet.load_net` gives.

    Raises
    ------
    InputError
        No grey image, an unknown method, a spacing below 2 pixels or above half the image, an image where nothing
        repeats if no spacing is given, or a mask of another shape.

    Examples
    --------
    >>> from latscape.data.lattices import crystal
    >>> made = crystal("graphene", size=128, dose=30.0)
    >>> atoms = find_atoms(made.image, spacing=made.spacing)
    >>> round(float(np.median(atoms.neighbours())))
    12
    """
    grey = check_image(image)
    if method not in (*RESPONSES, "unet"):
        raise InputError(f"one of {', '.join(RESPONSES)}, unet", repr(method), 'method="log"')
    if refine not in ("gaussian", "mass", "response", "none"):
        raise InputError("gaussian, mass, response or none", repr(refine), 'refine="gaussian"')
    allowed = check_mask(mask, grey.shape) & np.isfinite(grey)
    whole = filled(-grey if dark else grey)
    if np.ptp(whole) == 0:
        raise InputError("an image that differs somewhere", f"the value {grey.flat[0]:g} everywhere", "another image")
    spacing = spacing_of(whole) if spacing is None else spacing
    if not 2.0 <= spacing <= min(grey.shape) / 2:
        expected = f"a spacing of 2 to {min(grey.shape) / 2:g} pixels"
        raise InputError(expected, spacing, "the distance of neighbouring atoms in pixels")
    sigma = spacing / 4.0 if sigma is None else sigma
    response, floor = _respond(whole, method, sigma, spacing, significance, net)
    edge = spacing / 2.0 if border is None else border
    at, height = _peaks(response, allowed, closest * spacing, threshold, floor)
    start = local_maximum(response, at) if refine == "response" else at.astype(np.float64)
    atoms = _refined(np.where(allowed, -grey if dark else grey, np.nan), start, height, sigma, spacing, refine)
    # Those at the edge are fitted too, for the sake of their neighbours.
    inside = (atoms.position >= edge) & (atoms.position <= np.array(grey.shape) - 1 - edge)
    return atoms.select(np.asarray(inside.all(axis=1)))


def _respond(
    image: Image, method: str, sigma: float, spacing: float, significance: float, net: Responder | None
) -> tuple[Image, float]:
    """The response, and the least of it that noise does not explain."""
    if method == "unet":
        from latscape.patches.unet import shipped_net  # here, because it loads torch

        return (net or shipped_net("atoms")).respond(image, spacing), 0.0
    respond = RESPONSES[method]
    return respond(image, sigma), significance * noise_of(image) * noise_gain(respond, sigma)


def _peaks(
    response: Image, allowed: NDArray[np.bool_], apart: float, threshold: float, floor: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Maxima in rows from the top, and how high they are."""
    # A footprint of half the distance: a faint atom need not outshine the flank of a bright neighbour.
    at = peak_local_max(response, footprint=disk(max(1, round(apart / 2))), exclude_border=False)
    at = at[allowed[tuple(at.T)]]
    height = response[tuple(at.T)].astype(np.float64)
    positive = height[height > floor]
    if not len(positive):
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0)
    kept = height > max(floor, threshold * float(np.quantile(positive, 0.9)))
    at, height = at[kept], height[kept]
    kept = _strongest(at, height, apart)
    at, height = at[kept], height[kept]
    order = np.lexsort(at.T[::-1])
    return at[order], height[order]


def _strongest(at: NDArray[np.int64], height: NDArray[np.float64], apart: float) -> NDArray[np.int64]:
    """Numbers of those that no stronger one is near, strongest first."""
    order = np.argsort(-height, kind="stable")
    alive = np.ones(len(at), dtype=bool)
    near = KDTree(at[order]).query_pairs(apart, output_type="ndarray")
    for first, second in near[np.argsort(near[:, 0], kind="stable")]:  # first is the stronger one
        alive[second] &= not alive[first]
    return order[alive]


def _refined(
    image: Image, start: NDArray[np.float64], response: NDArray[np.float64], sigma: float, spacing: float, refine: str
) -> Atoms:
    shape, radius = (image.shape[0], image.shape[1]), max(2, round(spacing / 2))
    none = np.full(len(start), np.nan)
    if refine == "gaussian" and len(start):
        height, y, x, width, ground = fit_gaussians(image, start, sigma, radius).T
        return Atoms(np.stack([y, x], axis=1), height, width, ground, response, shape, float(spacing))
    position = centres_of_mass(image, start, radius) if refine == "mass" and len(start) else start
    return Atoms(position, response, none, none, response, shape, float(spacing))
