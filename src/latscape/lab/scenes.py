"""Scenes by name: calculated ones, and real data where `$LATSCAPE_DATA` has them."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from latscape.data import contents, load
from latscape.data.catalogue import find_scene, scenes_of_kind
from latscape.lab.measurement import Scan, image_of, over_places
from latscape.lab.synthetic import charged, domains, everywhere
from latscape.signals import Axis

#: Scans that can be explored, and how that is usually done.
SCENES = scenes_of_kind("explore")


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
    return _MAKERS[name](*find_scene("explore", name).paths())


def pto_beps(*files: Path) -> Scan:
    """PbTiO3: 60 x 60 loops of 64 bias steps and 3 cycles, with the amplitude image of the same area.

    Biswas et al., repository varTBO; the image has 256 x 256 pixels, so loops lie 4.27 pixels apart.
    """
    image, loops, bias = (np.load(file) for file in files)
    axes = [Axis.at("bias", bias[:64], "V"), Axis.at("cycle", [1, 2, 3])]
    about = "hysteresis loops of PbTiO3 with the amplitude image of the same area"
    places = (everywhere((60, 60)) + 0.5) * image.shape[0] / 60 - 0.5
    loops = over_places(1e6 * loops.reshape(60, 60, 64, 3), axes)
    return Scan(image_of(1e6 * image, "amplitude", "1e-6"), loops, places, "pto-beps", about)


def pto_loops(file: Path) -> Scan:
    """PbTiO3: 50 x 50 loops of 64 bias steps, 2 % of the values wild fit failures; the image is the first bias step.

    Before any bias was applied that is the plain piezoresponse, which an instrument images quickly. The image is
    arcsinh of it in units of its median magnitude, so that wild values do not hide the domains.
    """
    loops = load(file)
    values = 1e3 * np.asarray(loops)
    image = np.arcsinh(values[..., 0] / np.median(np.abs(values[..., 0])))
    about = "hysteresis loops of PbTiO3 with wild fit failures; the image is the response at the first bias step"
    measured = over_places(values, [replace(loops.axis("Voltage"), name="bias", units="V", navigate=False)])
    image = image_of(image, "arcsinh of the piezoresponse")
    return Scan(image, measured, everywhere((50, 50)), "pto-loops", about)


def sio2_eds(haadf: Path, spectra: Path) -> Scan:
    """SiO2: X-ray spectra with the HAADF image; 2 x 2 pixels and 4 channels are added up to 64 x 64 x 512."""
    image = np.asarray(load(haadf), dtype=float)
    counts = np.asarray(load(spectra))
    summed = counts.reshape(64, 2, 64, 2, 512, 4).sum(axis=(1, 3, 5)).astype(float)
    measured = over_places(summed, [Axis.at("energy", 0.01 * (4 * np.arange(512) + 1.5), "keV")])
    centres = 2.0 * everywhere((64, 64)) + 0.5
    about = "X-ray spectra of SiO2 with the HAADF image, 2 x 2 pixels added up"
    return Scan(image_of(1e-6 * image, "HAADF", "1e6"), measured, centres, "sio2-eds", about)


def cits(file: Path) -> Scan:
    """Frequency shift over bias (Kelvin probe) on 20 x 20 places; the image is the current at the first bias."""
    channels = contents(file)
    shift, current = channels["Frequency Shift"], np.asarray(channels["Current"], dtype=float)
    measured = over_places(np.asarray(shift, dtype=float), [replace(shift.axis("bias"), units="V")])
    about = "frequency shift over bias (Kelvin probe) with an image of the current"
    image = image_of(1e12 * current[..., 0], "current", "pA")
    return Scan(image, measured, everywhere((20, 20)), "cits", about)


def raman(file: Path) -> Scan:
    """A Raman map, 20 x 20 x 1,015; the image is the total intensity, as a fast detector would see it."""
    found = next(iter(contents(file).values()))
    values = np.asarray(found, dtype=float)
    measured = over_places(values, [replace(found.axis("Wavelength"), name="wavelength", units="nm")])
    about = "a Raman map; the image is its total intensity"
    image = image_of(1e-3 * values.sum(axis=2), "total intensity", "1e3")
    return Scan(image, measured, everywhere((20, 20)), "raman", about)


_MAKERS = {
    "switching": domains,
    "charged": lambda: charged().scan,
    "pto-beps": pto_beps,
    "pto-loops": pto_loops,
    "sio2-eds": sio2_eds,
    "cits": cits,
    "raman": raman,
}
