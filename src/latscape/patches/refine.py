"""Positions finer than a pixel: a Gaussian fitted to every atom beside its neighbours, or a centre of mass.

The fit is least squares by Levenberg and Marquardt over a window around the atom, of

    I(y, x) = background + height exp(-((y - y0)^2 + (x - x0)^2) / 2 sigma^2)

to the image less the spots of all other atoms and the smooth rest as they were found last, so that neither neighbours
nor a sloping background draw an atom away. The widths of all spots are thought to be alike within 15 %, a normal prior
about the median of the last round, which decides only where there are few counts.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from latscape.compilation import OPTIONS, compiled_loop
from latscape.data.spots import add_spots
from latscape.patches.response import filled, noise_of

ROUNDS = 4  # of fits; from the second on neighbours and background are taken off
_STEPS = 12
_ALIKE = 0.15  # deviation of the widths of spots, as a share of their median
WIDTH = 5  # height, row, column, sigma, background


def fit_gaussians(
    image: NDArray[np.float32], position: NDArray[np.float64], sigma: float, radius: int
) -> NDArray[np.float64]:
    """The spots at `position` (n, 2) as (n, 5): height, row, column, sigma, background.

    Parameters
    ----------
    image
        (h, w); NaN is left out.
    position
        Where to start from, within a pixel or two.
    sigma
        To start from [pixels]; what is found lies between a half and twice of it.
    radius
        Of the square window around every atom [pixels].
    """
    spots = np.zeros((len(position), WIDTH))
    spots[:, 1:3], spots[:, 3] = position, sigma
    pixels, whole = image.astype(np.float64), filled(image).astype(np.float64)
    noise, ground = noise_of(filled(image)), np.zeros(image.shape)
    _start(pixels, spots, radius)
    for round_ in range(ROUNDS):
        others = np.zeros(image.shape)
        if round_:
            add_spots(others, spots[:, 1:3], spots[:, 0], spots[:, 3])
            # What no spot explains, smoothed: a background that slopes would draw all atoms uphill.
            ground = ndimage.gaussian_filter(whole - others, 2.0 * radius)
            others += ground
        usual = float(np.median(spots[:, 3]))
        prior = np.array([usual, (noise / (_ALIKE * usual)) ** 2])
        _fit(pixels, others, spots, position, sigma, prior, radius, round_ > 0)
    spots[:, 4] += ndimage.map_coordinates(ground, spots[:, 1:3].T, order=1, mode="nearest")
    return spots


def centres_of_mass(
    image: NDArray[np.float32], position: NDArray[np.float64], radius: int, rounds: int = 5
) -> NDArray[np.float64]:
    """Centres of the brightness above the least in a disc around each position, (n, 2), moved with what is found."""
    found = position.astype(np.float64).copy()
    for _ in range(rounds):
        _centre(image.astype(np.float64), found, float(radius))
    return found


@compiled_loop(OPTIONS)
def _window(at, radius, size):
    middle = int(np.round(at))
    first = min(max(0, middle - radius), size)
    return first, max(first, min(size, middle + radius + 1))


@compiled_loop(OPTIONS)
def _start(image, spots, radius):
    """Heights and backgrounds by the extremes of each window."""
    for k in range(len(spots)):
        top, bottom = _window(spots[k, 1], radius, image.shape[0])
        left, right = _window(spots[k, 2], radius, image.shape[1])
        low, high = np.inf, -np.inf
        for i in range(top, bottom):
            for j in range(left, right):
                if np.isfinite(image[i, j]):
                    low, high = min(low, image[i, j]), max(high, image[i, j])
        if high < low:  # wholly outside, or nothing measured
            low, high = 0.0, 0.0
        spots[k, 0], spots[k, 4] = 0.6 * (high - low), low + 0.2 * (high - low)


@compiled_loop(OPTIONS)
def _residual(image, others, spot, own, prior, taken_off, radius, normal, gradient):
    """Sum of squares of data minus model and of the prior; fills the normal matrix and gradient of a spot's numbers."""
    normal[:] = 0.0
    gradient[:] = 0.0
    slope = np.empty(5)
    total = 0.0
    top, bottom = _window(own[1], radius, image.shape[0])
    left, right = _window(own[2], radius, image.shape[1])
    # A Gaussian is the product of one along the rows and one along the columns: few exponentials are needed.
    across, own_across = np.empty(right - left), np.empty(right - left)
    for j in range(left, right):
        across[j - left] = np.exp(-0.5 * ((j - spot[2]) / spot[3]) ** 2)
        own_across[j - left] = np.exp(-0.5 * ((j - own[2]) / own[3]) ** 2)
    for i in range(top, bottom):
        dy = i - spot[1]
        down = np.exp(-0.5 * (dy / spot[3]) ** 2)
        own_down = own[0] * np.exp(-0.5 * ((i - own[1]) / own[3]) ** 2) if taken_off else 0.0
        for j in range(left, right):
            if not np.isfinite(image[i, j]):
                continue
            dx = j - spot[2]
            bell, before = down * across[j - left], own_down * own_across[j - left]
            data = image[i, j] - (others[i, j] - before)
            rest = data - spot[4] - spot[0] * bell
            total += rest * rest
            slope[0] = bell
            slope[1] = spot[0] * bell * dy / spot[3] ** 2
            slope[2] = spot[0] * bell * dx / spot[3] ** 2
            slope[3] = spot[0] * bell * (dy * dy + dx * dx) / spot[3] ** 3
            slope[4] = 1.0
            for a in range(5):
                gradient[a] += slope[a] * rest
                for b in range(a + 1):
                    normal[a, b] += slope[a] * slope[b]
    gradient[3] -= prior[1] * (spot[3] - prior[0])
    normal[3, 3] += prior[1]
    return total + prior[1] * (spot[3] - prior[0]) ** 2


@compiled_loop(OPTIONS)
def _solve(normal, gradient, damping, step):
    """Solve (normal + damping diag(normal)) step = gradient by Cholesky; whether that was possible."""
    lower = np.zeros((5, 5))
    for a in range(5):
        for b in range(a + 1):
            value = normal[a, b] * (1.0 + damping if a == b else 1.0)
            for c in range(b):
                value -= lower[a, c] * lower[b, c]
            if a == b:
                if not value > 1e-12:
                    return False
                lower[a, a] = np.sqrt(value)
            else:
                lower[a, b] = value / lower[b, b]
    for a in range(5):
        value = gradient[a]
        for b in range(a):
            value -= lower[a, b] * step[b]
        step[a] = value / lower[a, a]
    for a in range(4, -1, -1):
        value = step[a]
        for b in range(a + 1, 5):
            value -= lower[b, a] * step[b]
        step[a] = value / lower[a, a]
    return True


@compiled_loop(OPTIONS)
def _fit(image, others, spots, start, sigma, prior, radius, taken_off):
    normal, gradient, step = np.empty((5, 5)), np.empty(5), np.empty(5)
    trial_normal, trial_gradient = np.empty((5, 5)), np.empty(5)
    for k in range(len(spots)):
        own, spot = spots[k].copy(), spots[k].copy()
        damping = 1e-3
        error = _residual(image, others, spot, own, prior, taken_off, radius, normal, gradient)
        for _ in range(_STEPS):
            if not _solve(normal, gradient, damping, step):
                break
            trial = spot + step
            trial[0] = max(trial[0], 0.0)
            trial[3] = min(max(trial[3], 0.5 * sigma), 2.0 * sigma)
            for axis in range(1, 3):  # an atom stays where it was seen
                low, high = start[k, axis - 1] - 0.6 * radius, start[k, axis - 1] + 0.6 * radius
                trial[axis] = min(max(trial[axis], low), high)
            better = _residual(image, others, trial, own, prior, taken_off, radius, trial_normal, trial_gradient)
            if better < error:
                done = error - better < 1e-7 * error
                spot, error = trial, better
                normal, trial_normal = trial_normal, normal
                gradient, trial_gradient = trial_gradient, gradient
                damping *= 0.2
                if done:
                    break
            else:
                damping *= 8.0
                if damping > 1e6:
                    break
        spots[k] = spot


@compiled_loop(OPTIONS)
def _centre(image, found, radius):
    reach = int(np.ceil(radius))
    for k in range(len(found)):
        top, bottom = _window(found[k, 0], reach, image.shape[0])
        left, right = _window(found[k, 1], reach, image.shape[1])
        low = np.inf
        for i in range(top, bottom):
            for j in range(left, right):
                if (i - found[k, 0]) ** 2 + (j - found[k, 1]) ** 2 <= radius**2 and image[i, j] < low:
                    low = image[i, j]
        total, y, x = 0.0, 0.0, 0.0
        for i in range(top, bottom):
            for j in range(left, right):
                if (i - found[k, 0]) ** 2 + (j - found[k, 1]) ** 2 <= radius**2 and np.isfinite(image[i, j]):
                    weight = image[i, j] - low
                    total += weight
                    y += weight * i
                    x += weight * j
        if total > 0.0:
            found[k, 0], found[k, 1] = y / total, x / total
