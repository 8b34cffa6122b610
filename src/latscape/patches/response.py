"""What is large where an atom is: a smoothed image, minus the Laplacian of one, a difference of two, or a network's.

Atoms are the maxima of a response. The Laplacian of a Gaussian (Lindeberg 1998, doi:10.1023/A:1008045108935) does not
see a background that changes slowly, and answers best to spots as wide as the Gaussian.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters import difference_of_gaussians, gaussian

from latscape.errors import InputError

Image = NDArray[np.float32]
Response = Callable[[Image, float], Image]
_RATIO = 1.6  # of the two Gaussians, where their difference is closest to a Laplacian (Marr and Hildreth 1980)


def smoothed(image: Image, sigma: float) -> Image:
    """The image less its surroundings, both smoothed: its maxima are those of the brightness."""
    return np.asarray(
        gaussian(image, sigma / 2.0, mode="reflect") - gaussian(image, 4.0 * sigma, mode="reflect"), dtype=np.float32
    )


def laplacian(image: Image, sigma: float) -> Image:
    """-sigma^2 times the Laplacian of the image smoothed by sigma [pixels]."""
    return -(sigma**2) * np.asarray(ndimage.gaussian_laplace(image, sigma, mode="reflect"), dtype=np.float32)


def difference(image: Image, sigma: float) -> Image:
    """The image smoothed by sigma less that smoothed by 1.6 sigma."""
    return np.asarray(difference_of_gaussians(image, sigma, _RATIO * sigma, mode="reflect"), dtype=np.float32)


RESPONSES: dict[str, Response] = {"maxima": smoothed, "log": laplacian, "dog": difference}


def noise_of(image: Image) -> float:
    """Standard deviation of independent noise in every pixel (Immerkaer 1996, doi:10.1006/cviu.1996.0060).

    Examples
    --------
    >>> round(noise_of(np.random.default_rng(0).normal(scale=3.0, size=(256, 256)).astype(np.float32)), 1)
    3.0
    """
    second = np.array([1.0, -2.0, 1.0], dtype=np.float32)
    rough = ndimage.convolve1d(ndimage.convolve1d(image, second, axis=0), second, axis=1)
    return math.sqrt(math.pi / 2.0) * float(np.abs(rough).mean()) / 6.0


def noise_gain(response: Response, sigma: float) -> float:
    """Standard deviation of a response to noise of deviation 1."""
    side = 2 * math.ceil(18 * sigma) + 1
    impulse = np.zeros((side, side), dtype=np.float32)
    impulse[side // 2, side // 2] = 1.0
    return float(np.sqrt(np.square(response(impulse, sigma), dtype=float).sum()))


def filled(image: Image) -> Image:
    """The image with its nearest measured value wherever there is none."""
    missing = ~np.isfinite(image)
    if not missing.any():
        return image
    nearest = ndimage.distance_transform_edt(missing, return_distances=False, return_indices=True)
    return image[tuple(np.asarray(nearest))]


def spacing_of(image: Image) -> float:
    """Distance of neighbouring atoms [pixels]: of the autocorrelation's nearest maximum beside the middle.

    Raises
    ------
    InputError
        If nothing repeats.

    Examples
    --------
    >>> from latscape.data.lattices import crystal
    >>> round(spacing_of(crystal("square", spacing=10.0, dose=20.0).image), 1)
    10.0
    """
    flat = image - gaussian(image, 0.1 * min(image.shape), mode="reflect")
    window = np.hanning(image.shape[0])[:, None] * np.hanning(image.shape[1])[None]
    power = np.abs(np.fft.rfft2(flat * window)) ** 2
    correlation = np.fft.fftshift(np.fft.irfft2(power - np.median(power), s=image.shape))
    correlation = gaussian(correlation, 1.0)
    middle = np.array(image.shape) // 2
    highest = ndimage.maximum_filter(correlation, size=5) == correlation
    at = np.argwhere(highest) - middle
    height, distance = correlation[highest], np.hypot(*at.T)
    far = (distance > 2.5) & (distance < min(image.shape) / 3)
    strong = far & (height > 0.3 * height[far].max(initial=0.0)) & (height > 0.02 * height[distance < 2.0].max())
    if not strong.any():
        hint = "spacing=<distance of neighbouring atoms in pixels>"
        raise InputError("an image in which something repeats", "one whose autocorrelation has no second maximum", hint)
    nearest = at[strong][np.argmin(distance[strong])] + middle
    return float(np.hypot(*(local_maximum(correlation, nearest[None])[0] - middle)))


def local_maximum(response: NDArray, at: NDArray[np.int64]) -> NDArray[np.float64]:
    """Where the parabola through each maximum (n, 2) and its neighbours is highest, along each axis."""
    place = at.astype(np.float64)
    padded = np.pad(response.astype(np.float64), 1, mode="edge")
    row, column = (at + 1).T
    middle = padded[row, column]
    for axis, (dy, dx) in enumerate(((1, 0), (0, 1))):
        before, after = padded[row - dy, column - dx], padded[row + dy, column + dx]
        curvature = before - 2.0 * middle + after
        step = np.divide(0.5 * (before - after), curvature, out=np.zeros(len(at)), where=curvature < 0)
        place[:, axis] += step.clip(-0.5, 0.5)
    return place
