"""Scenes by name: calculated ones, and real data where `$LATSCAPE_DATA` has them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latscape.data.registry import data_folder
from latscape.errors import DataUnavailable, InputError
from latscape.lab import made
from latscape.lab.measurement import Axis, Scan


@dataclass(frozen=True)
class Scene:
    """A scan that can be explored, and how that is usually done.

    Attributes
    ----------
    about
        What it is.
    load
        Reads or calculates it.
    scalarizers
        Words for scalarizers that make sense here, the usual one first.
    window
        Side of the patches [pixel of the image].
    """

    about: str
    load: Callable[[], Scan]
    scalarizers: tuple[str, ...]
    window: int


def scene(name: str) -> Scan:
    """The scan of a scene of the registry.

    Raises
    ------
    InputError
        For an unknown name, which lists the known ones; DataUnavailable where its files are not on this machine.

    Examples
    --------
    >>> len(scene("domains"))
    3600
    """
    return known(name).load()


def known(name: str) -> Scene:
    """The entry of a name."""
    if name not in SCENES:
        raise InputError(f"a scene among {', '.join(SCENES)}", repr(name), "latscape explore domains")
    return SCENES[name]


def find(path: str) -> Path:
    """A file below `$LATSCAPE_DATA`."""
    folder = data_folder()
    if folder is not None and (folder / path).is_file():
        return folder / path
    place = "$LATSCAPE_DATA, which is not set" if folder is None else f"$LATSCAPE_DATA ({folder})"
    raise DataUnavailable(
        f"{path} below {place}", "no such file", "LATSCAPE_DATA=<a folder that holds it>, or `domains`"
    )


def pto_loops() -> Scan:
    """PbTiO3: 60 x 60 loops of 64 bias steps and 3 cycles, with the amplitude image of the same area.

    Biswas et al., repository varTBO; the image has 256 x 256 pixels, so loops lie 4.27 pixels apart.
    """
    folder = "pfm/pto_beps_varTBO"
    image, loops, bias = (np.load(find(f"{folder}/{name}.npy")) for name in ("bepfm_image", "loop_mat", "dc_vec"))
    side = image.shape[0] / 60
    centres = (np.argwhere(np.ones((60, 60))) + 0.5) * side - 0.5
    axes = [Axis("bias", "V", bias[:64]), Axis("cycle", "", [1, 2, 3])]
    about = "hysteresis loops of PbTiO3 with the amplitude image of the same area"
    return Scan(1e6 * image, centres, 1e6 * loops, axes, (60, 60), "pto-loops", about, "amplitude [1e-6]")


def pto_beps() -> Scan:
    """PbTiO3: 50 x 50 loops of 64 bias steps, 2 % of the values wild fit failures; the image is the first bias step.

    Before any bias was applied that is the plain piezoresponse, which an instrument images quickly. The image is
    arcsinh of it in units of its median magnitude, so that wild values do not hide the domains.
    """
    import h5py

    with h5py.File(find("pfm/DTMicroscope/BEPS_PTO_50x50.h5"), "r") as file:
        loops = 1e3 * np.asarray(file["Channel_000/generic/generic"])
        bias = np.asarray(file["Channel_000/generic/Voltage"])
    image = np.arcsinh(loops[..., 0] / np.median(np.abs(loops[..., 0])))
    about = "hysteresis loops of PbTiO3 with wild fit failures; the image is the response at the first bias step"
    axes = [Axis("bias", "V", bias)]
    return Scan(
        image,
        _pixels((50, 50)),
        loops.reshape(-1, 64),
        axes,
        (50, 50),
        "pto-beps",
        about,
        "arcsinh of the piezoresponse",
    )


def sio2_eds() -> Scan:
    """SiO2: X-ray spectra with the HAADF image; 2 x 2 pixels and 4 channels are added up to 64 x 64 x 512."""
    import h5py

    with h5py.File(find("spectrum_images/eds/SiO2_HAADF.hspy"), "r") as file:
        image = np.asarray(file["Experiments/HAADF Image/data"], dtype=float)
    with h5py.File(find("spectrum_images/eds/SiO2_EDS_SI.hspy"), "r") as file:
        counts = np.asarray(file["Experiments/EDS Spectrum Image/data"])
    summed = counts.reshape(64, 2, 64, 2, 512, 4).sum(axis=(1, 3, 5)).astype(float)
    axes = [Axis("energy", "keV", 0.01 * (4 * np.arange(512) + 1.5))]
    centres = 2.0 * _pixels((64, 64)) + 0.5
    about = "X-ray spectra of SiO2 with the HAADF image, 2 x 2 pixels added up"
    return Scan(1e-6 * image, centres, summed.reshape(-1, 512), axes, (64, 64), "sio2-eds", about, "HAADF [1e6]")


def kelvin() -> Scan:
    """Frequency shift over bias (Kelvin probe) on 20 x 20 places, and the image of the current at constant bias."""
    parameters, channels, bias = read_grid(find("spm/cits/Bias_spectroscopy.3ds"))
    shift = channels["Frequency Shift (Hz)"]
    rows, columns = shift.shape[:2]
    about = "frequency shift over bias (Kelvin probe) with an image of the current"
    return Scan(
        1e12 * parameters["Scan:Current (A)"],
        _pixels((rows, columns)),
        shift.reshape(rows * columns, -1),
        [Axis("bias", "V", bias)],
        (rows, columns),
        "kelvin",
        about,
        "current [pA]",
    )


def raman() -> Scan:
    """A Raman map, 20 x 20 x 1,015; the image is the total intensity, as a fast detector would see it."""
    try:
        from rsciio.renishaw import file_reader
    except ImportError as error:
        hint = 'pip install "latscape[io]"'
        raise InputError("the package rosettasciio, which reads this file", "none installed", hint) from error
    found = file_reader(str(find("spectrum_images/raman/renishaw_test_map2.wdf")))[0]
    values, axis = np.asarray(found["data"], dtype=float), found["axes"][-1]
    about = "a Raman map; the image is its total intensity"
    axes = [Axis("wavelength", "nm", axis["axis"])]
    rows, columns, length = values.shape
    spectra = values.reshape(-1, length)
    return Scan(
        1e-3 * values.sum(axis=2),
        _pixels((rows, columns)),
        spectra,
        axes,
        (rows, columns),
        "raman",
        about,
        "total intensity [1e3]",
    )


def read_grid(path: Path) -> tuple[dict[str, NDArray], dict[str, NDArray], NDArray[np.float64]]:
    """Parameters (rows, columns), channels (rows, columns, points) and sweep (points,) of a Nanonis grid (.3ds).

    Places of a grid that was not finished are NaN.

    Raises
    ------
    InputError
        If the file is no such grid.
    """
    head, mark, body = path.read_bytes().partition(b":HEADER_END:\r\n")
    words = dict(line.split("=", 1) for line in head.decode("latin-1").splitlines() if "=" in line)
    try:
        columns, rows = (int(n) for n in words["Grid dim"].strip('"').split("x"))
        points, count = int(words["Points"]), int(words["# Parameters (4 byte)"])
        channels = words["Channels"].strip('"').split(";")
        names = [n for key in ("Fixed", "Experiment") for n in words[f"{key} parameters"].strip('"').split(";")]
    except (KeyError, ValueError) as error:
        raise InputError("a Nanonis grid (.3ds)", f"{path.name}, whose head lacks {error}", "another file") from error
    values = np.full(rows * columns * (count + points * len(channels)), np.nan)
    read = np.frombuffer(body[: 4 * values.size // 4 * 4], ">f4") if mark else values[:0]
    read = read[: values.size]
    values[: read.size] = read
    grid = values.reshape(rows, columns, -1)
    spectra = grid[..., count:].reshape(rows, columns, len(channels), points)
    parameters = {name: grid[..., k] for k, name in enumerate(names[:count])}
    sweep = np.linspace(*(float(np.nanmedian(parameters[f"Sweep {end}"])) for end in ("Start", "End")), points)
    return parameters, {name: spectra[:, :, k] for k, name in enumerate(channels)}, sweep


def _pixels(shape: tuple[int, int]) -> NDArray[np.float64]:
    return np.argwhere(np.ones(shape)).astype(np.float64)


LOOPS = ("loop-height", "loop-area")
SCENES = {
    "domains": Scene(
        "calculated hysteresis loops over ferroelectric domains", made.domains, ("loop-area", LOOPS[0]), 8
    ),
    "charged": Scene("calculated 4D-STEM of charged particles", lambda: made.charged().scan, ("com", "com:angle"), 8),
    "pto-loops": Scene("loops of PbTiO3, 60 x 60, with an amplitude image", pto_loops, LOOPS, 8),
    "pto-beps": Scene("loops of PbTiO3, 50 x 50, with wild fit failures", pto_beps, LOOPS[::-1], 8),
    "sio2-eds": Scene("X-ray spectra of SiO2, 64 x 64, with HAADF", sio2_eds, ("integral:1.6,1.95",), 8),
    "kelvin": Scene("frequency shift over bias, 20 x 20", kelvin, ("vertex", "vertex:curvature"), 5),
    "raman": Scene("a Raman map, 20 x 20", raman, ("integral:355,359,background", "peak:350,365,center"), 5),
}
