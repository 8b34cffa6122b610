"""Spectra of one variable whose peaks move together: the one-dimensional twin of the cards."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.data.check import check_amounts
from latscape.errors import InputError
from latscape.random import numpy_generator

_CENTRES, _WIDTHS = (-0.25, 0.0, 0.3), (0.04, 0.07, 0.05)  # [half lengths]


@dataclass(frozen=True, eq=False)
class Spectra:
    """Spectra with the truth about each.

    Parameters
    ----------
    spectra
        (n, length) intensities, float32 in [0, 1].
    x
        (length,) positions of the channels, -1...1 between the outer edges [half lengths].
    shift
        (n,) displacement of all peaks to the right [half lengths].
    ratio
        (n,) height of the outer peaks against each other: their heights are `ratio` and `1 - ratio`.
    """

    spectra: NDArray[np.float32]
    x: NDArray[np.float32]
    shift: NDArray[np.float32]
    ratio: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.spectra)


def shifted_spectra(
    n: int = 1000, *, length: int = 128, shift: float = 0.3, noise: float = 0.05, seed: int = 0
) -> Spectra:
    """Three Lorentzian peaks, moved together at random; the outer two trade intensity, and noise lies over all.

    Parameters
    ----------
    n, length
        How many, of how many channels.
    shift
        Largest displacement, to either side [half lengths].
    noise
        Standard deviation of normal noise in every channel; the tallest possible peak is 0.8 high.
    seed
        Of displacements, ratios (uniform in 0.2...0.8) and noise.

    Raises
    ------
    InputError
        For less than one spectrum or two channels, or a shift or noise that is negative or not finite.

    Examples
    --------
    >>> made = shifted_spectra(10, noise=0.0)
    >>> made.spectra.shape, made.shift.shape
    ((10, 128), (10,))
    """
    if n < 1 or length < 2:
        raise InputError("at least one spectrum of two channels", f"n={n}, length={length}", "shifted_spectra(1000)")
    check_amounts(shift=shift, noise=noise)
    generator = numpy_generator(seed, "spectra")
    x = ((np.arange(length) + 0.5) * 2.0 / length - 1.0).astype(np.float32)
    moved = (shift * generator.uniform(-1.0, 1.0, size=n)).astype(np.float32)
    ratio = generator.uniform(0.2, 0.8, size=n).astype(np.float32)
    heights = np.stack([ratio, np.full_like(ratio, 0.5), 1.0 - ratio], axis=1)
    offset = (x - moved[:, None])[:, None] - np.array(_CENTRES)[:, None]  # (n, peaks, length)
    clean = (heights[:, :, None] / (1.0 + (offset / np.array(_WIDTHS)[:, None]) ** 2)).sum(axis=1)
    return Spectra(noisy(clean, noise, generator), x, moved, ratio)


def noisy(clean: ArrayLike, sigma: float, generator: np.random.Generator) -> NDArray[np.float32]:
    """Images or spectra with normal noise of deviation `sigma`, clipped to [0, 1]: with `clean`, a pair to learn from.

    Examples
    --------
    >>> clean = np.full((2, 8, 8), 0.5)
    >>> pair = noisy(clean, 0.1, np.random.default_rng(0)), clean
    >>> pair[0].shape, round(float(np.std(pair[0] - clean)), 1)
    ((2, 8, 8), 0.1)
    """
    values = np.asarray(clean, dtype=np.float64)
    return np.clip(values + sigma * generator.standard_normal(values.shape), 0.0, 1.0).astype(np.float32)
