"""Scenes that are calculated, so that the truth is known and anybody can try an experiment at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import constants as si
from scipy import ndimage

from latscape.errors import InputError
from latscape.lab.diffraction import momentum_times_speed
from latscape.lab.measurement import Scan, image_of, over_places
from latscape.random import numpy_generator
from latscape.signals import Axis


def domains(size: int = 60, noise: float = 0.05, seed: int = 0) -> Scan:
    """Hysteresis loops over ferroelectric domains: switching is easier near walls, and larger where walls bend.

    The polarization P is a smooth random field, sharpened by tanh; the cheap image is P with a little noise. Where the
    wall function w = 1 - P^2 (smoothed over the tip) is large, the coercive bias falls from 6 V to 3 V, the height of
    the loop grows with w and with the curvature of the wall, and its imprint follows P. All of this is made up to be
    learnable from a patch and from nothing else; it is no model of a material.

    There are `size` rows and columns of places [pixel]; `noise` is the standard deviation of that of a loop, and the
    truth is the scan with noise 0.

    Examples
    --------
    >>> scan = domains(size=12)
    >>> scan.image, scan.measurements
    (Signal (y 12, x 12) of float64, polarization, Signal (row 12, column 12 | bias 64 [V]) of float64)
    """
    if size < 4 or noise < 0:
        raise InputError("a side of at least 4 and noise of at least 0", f"{size}, {noise}", "domains(size=60)")
    rough = numpy_generator(seed, "domains").normal(size=(size, size))
    smooth = ndimage.gaussian_filter(rough, 3.0, mode="wrap")
    polarization = np.tanh(2.5 * smooth / smooth.std())
    wall = ndimage.gaussian_filter(1 - polarization**2, 0.8, mode="wrap")
    normal = np.stack([ndimage.gaussian_filter(one, 1.0, mode="wrap") for one in np.gradient(smooth)])
    steepness = np.hypot(*normal)
    normal = normal / (steepness + 0.3 * steepness.mean())
    bend = np.abs(np.gradient(normal[0], axis=0) + np.gradient(normal[1], axis=1))  # curvature = div of the normal
    height = 1.0 + 0.5 * wall + 1.5 * wall * np.tanh(2.0 * bend)
    coercive, imprint = 6.0 - 3.0 * wall, 1.5 * ndimage.gaussian_filter(polarization, 1.0, mode="wrap")
    bias = 10.0 * _triangle(64)
    rising = np.gradient(bias) >= 0
    turn = np.where(rising, 1.0, -1.0) * coercive[..., None] + imprint[..., None]
    loops = height[..., None] * np.tanh((bias - turn) / 1.2)  # (size, size, 64)
    generator = numpy_generator(seed, "noise")
    image = polarization + 0.05 * generator.normal(size=polarization.shape)
    values = over_places(loops + noise * generator.normal(size=loops.shape), [Axis.at("bias", bias, "V")])
    about = "calculated loops over ferroelectric domains"
    return Scan(image_of(image, "polarization"), values, everywhere(image.shape), "switching", about)


@dataclass(frozen=True, eq=False)
class Charged:
    """A calculated 4D-STEM scan, patterns over the image of the specimen, with what it was calculated from."""

    scan: Scan
    potential: NDArray[np.float64]  # projected, (h, w) [V m]
    fields: NDArray[np.float64]  # projected, along rows and columns, (2, h, w) [V]
    pixel: float  # side [m]
    kilovolts: float  # of the beam


def charged(size: int = 48, counts: float = 2000.0, seed: int = 0, kilovolts: float = 200.0) -> Charged:
    """4D-STEM over charged particles: the bright disc of every pattern is shifted by the projected field there.

    The thin phase-object limit of a beam that is small against the particles: the transmitted disc keeps its form and
    is deflected by -e E t / (p v), E = -grad of the projected potential, which is a sum of Gaussians of either sign.
    No dynamical diffraction. The cheap image shows the particles: bright where the charge is positive and dark where
    it is negative, so the field can be learned from it. Patterns are over +-0.6 mrad with Poisson noise of `counts`
    expected electrons each, 0: none, at `size` rows and columns of places [pixel]; `kilovolts` are those of the beam.

    Examples
    --------
    >>> made = charged(size=12)
    >>> made.scan.samples.shape, made.fields.shape
    ((144, 24, 24), (2, 12, 12))
    """
    generator, pixel = numpy_generator(seed, "charged"), 2e-9
    phi = np.zeros((size, size))
    for _ in range(max(round(size**2 / 120), 2)):
        spot = np.zeros((size, size))
        spot[tuple(generator.integers(0, size, 2))] = 1.0
        width = generator.uniform(2.0, 4.0)
        peak = generator.choice([-1.0, 1.0]) * generator.uniform(0.3, 1.0)
        phi += peak * 2 * np.pi * width**2 * ndimage.gaussian_filter(spot, width, mode="wrap", truncate=6.0)
    phi *= 6e-7  # [V m]: some ten volts projected over nanometres
    waves = 2 * np.pi * np.fft.fftfreq(size, pixel)
    spectrum = np.fft.fft2(phi)
    fields = np.stack([-np.fft.ifft2(1j * k * spectrum).real for k in (waves[:, None], waves[None, :])])
    deflection = -fields * si.e / momentum_times_speed(kilovolts) * 1e3  # [mrad]
    angle = np.linspace(-0.6, 0.6, 24)
    rows = angle[:, None] - deflection[0].reshape(-1, 1, 1)
    columns = angle[None, :] - deflection[1].reshape(-1, 1, 1)
    patterns = 1.0 / (1.0 + np.exp((np.hypot(rows, columns) - 0.3) / 0.02))  # a disc with a soft edge
    if counts:
        patterns = generator.poisson(counts * patterns / patterns.sum(axis=(1, 2), keepdims=True)).astype(float)
    image = phi / np.abs(phi).max() + 0.03 * generator.normal(size=phi.shape)
    axes = [Axis.at(f"angle along {way}", angle, "mrad") for way in ("rows", "columns")]
    measured, about = over_places(patterns.reshape(size, size, 24, 24), axes), "calculated 4D-STEM of charged particles"
    scan = Scan(image_of(image, "contrast"), measured, everywhere(phi.shape), "charged", about)
    return Charged(scan, phi, fields, pixel, kilovolts)


def _triangle(n: int) -> NDArray[np.float64]:
    """One period from 0 to 1, to -1 and back, (n,)."""
    t = np.arange(n) / n
    return 2 / np.pi * np.arcsin(np.sin(2 * np.pi * t))


def everywhere(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Row and column of every pixel, (h w, 2)."""
    return np.argwhere(np.ones(shape)).astype(np.float64)
