"""Scenes by name: calculated ones, and real data where `$LATSCAPE_DATA` has them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from latscape.data import contents, load
from latscape.data.registry import locate, published
from latscape.errors import InputError
from latscape.lab.measurement import Scan, image_of, over_places
from latscape.lab.synthetic import charged, domains, everywhere
from latscape.signals import Axis


@dataclass(frozen=True)
class Scene:
    """A scan that can be explored, and how that is usually done."""

    about: str
    load: Callable[[], Scan]  # reads or calculates it
    scalarizers: tuple[str, ...]  # words for those that make sense here, the usual one first
    window: int  # side of the patches [pixel of the image]


def scene(name: str) -> Scan:
    """The scan of a scene of the registry.

    Raises
    ------
    InputError
        For an unknown name, which lists the known ones; DataUnavailable where its files are not on this machine.

    Examples
    --------
    >>> len(scene("switching"))
    3600
    """
    return known(name).load()


def known(name: str) -> Scene:
    """The entry of a name."""
    if name not in SCENES:
        raise InputError(f"a scene among {', '.join(SCENES)}", repr(name), "latscape explore switching")
    return SCENES[name]


def find(path: str) -> Path:
    """A file of the registry of data sets by where it lies below `$LATSCAPE_DATA`; downloaded if it is not there."""
    return locate(next(one for entry in published().values() for one in entry.files if one.path == path))


def pto_beps() -> Scan:
    """PbTiO3: 60 x 60 loops of 64 bias steps and 3 cycles, with the amplitude image of the same area.

    Biswas et al., repository varTBO; the image has 256 x 256 pixels, so loops lie 4.27 pixels apart.
    """
    folder = "pfm/pto_beps_varTBO"
    image, loops, bias = (np.load(find(f"{folder}/{name}.npy")) for name in ("bepfm_image", "loop_mat", "dc_vec"))
    axes = [Axis.at("bias", bias[:64], "V"), Axis.at("cycle", [1, 2, 3])]
    about = "hysteresis loops of PbTiO3 with the amplitude image of the same area"
    places = (everywhere((60, 60)) + 0.5) * image.shape[0] / 60 - 0.5
    loops = over_places(1e6 * loops.reshape(60, 60, 64, 3), axes)
    return Scan(image_of(1e6 * image, "amplitude", "1e-6"), loops, places, "pto-beps", about)


def pto_loops() -> Scan:
    """PbTiO3: 50 x 50 loops of 64 bias steps, 2 % of the values wild fit failures; the image is the first bias step.

    Before any bias was applied that is the plain piezoresponse, which an instrument images quickly. The image is
    arcsinh of it in units of its median magnitude, so that wild values do not hide the domains.
    """
    loops = load(find("pfm/DTMicroscope/BEPS_PTO_50x50.h5"))
    values = 1e3 * np.asarray(loops)
    image = np.arcsinh(values[..., 0] / np.median(np.abs(values[..., 0])))
    about = "hysteresis loops of PbTiO3 with wild fit failures; the image is the response at the first bias step"
    measured = over_places(values, [replace(loops.axis("Voltage"), name="bias", units="V", navigate=False)])
    image = image_of(image, "arcsinh of the piezoresponse")
    return Scan(image, measured, everywhere((50, 50)), "pto-loops", about)


def sio2_eds() -> Scan:
    """SiO2: X-ray spectra with the HAADF image; 2 x 2 pixels and 4 channels are added up to 64 x 64 x 512."""
    image = np.asarray(load(find("spectrum_images/eds/SiO2_HAADF.hspy")), dtype=float)
    counts = np.asarray(load(find("spectrum_images/eds/SiO2_EDS_SI.hspy")))
    summed = counts.reshape(64, 2, 64, 2, 512, 4).sum(axis=(1, 3, 5)).astype(float)
    measured = over_places(summed, [Axis.at("energy", 0.01 * (4 * np.arange(512) + 1.5), "keV")])
    centres = 2.0 * everywhere((64, 64)) + 0.5
    about = "X-ray spectra of SiO2 with the HAADF image, 2 x 2 pixels added up"
    return Scan(image_of(1e-6 * image, "HAADF", "1e6"), measured, centres, "sio2-eds", about)


def cits() -> Scan:
    """Frequency shift over bias (Kelvin probe) on 20 x 20 places; the image is the current at the first bias."""
    channels = contents(find("spm/cits/Bias_spectroscopy.3ds"))
    shift, current = channels["Frequency Shift"], np.asarray(channels["Current"], dtype=float)
    measured = over_places(np.asarray(shift, dtype=float), [replace(shift.axis("bias"), units="V")])
    about = "frequency shift over bias (Kelvin probe) with an image of the current"
    image = image_of(1e12 * current[..., 0], "current", "pA")
    return Scan(image, measured, everywhere((20, 20)), "cits", about)


def raman() -> Scan:
    """A Raman map, 20 x 20 x 1,015; the image is the total intensity, as a fast detector would see it."""
    found = next(iter(contents(find("spectrum_images/raman/renishaw_test_map2.wdf")).values()))
    values = np.asarray(found, dtype=float)
    measured = over_places(values, [replace(found.axis("Wavelength"), name="wavelength", units="nm")])
    about = "a Raman map; the image is its total intensity"
    image = image_of(1e-3 * values.sum(axis=2), "total intensity", "1e3")
    return Scan(image, measured, everywhere((20, 20)), "raman", about)


LOOPS = ("loop-height", "loop-area")
SCENES = {
    "switching": Scene("calculated loops over ferroelectric domains", domains, LOOPS[::-1], 8),
    "charged": Scene("calculated 4D-STEM of charged particles", lambda: charged().scan, ("com", "com:angle"), 8),
    "pto-beps": Scene("loops of PbTiO3, 60 x 60, with an amplitude image", pto_beps, LOOPS, 8),
    "pto-loops": Scene("loops of PbTiO3, 50 x 50, with wild fit failures", pto_loops, LOOPS[::-1], 8),
    "sio2-eds": Scene("X-ray spectra of SiO2, 64 x 64, with HAADF", sio2_eds, ("integral:1.6,1.95",), 8),
    "cits": Scene("frequency shift over bias, 20 x 20", cits, ("vertex", "vertex:curvature"), 5),
    "raman": Scene("a Raman map, 20 x 20", raman, ("integral:355,359,background", "peak:350,365,center"), 5),
}
