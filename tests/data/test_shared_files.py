"""Every file below $LATSCAPE_DATA that holds a measured array is opened: its shape, its axes and their units."""

import numpy as np
import pytest

from latscape.data import contents, load
from latscape.data.registry import data_folder, published

FOLDER = data_folder()

#: What is no measured array: tables, molecules, and what is said of other files.
OTHERS = (".md", ".json", ".csv", ".yml", ".sdf")


#: File, and the array to pick: shape, names of the axes as `Signal` says them, units of the axes, unit of the values.
EXPECTED = {
    "diffraction/Ni_EBSD_3x3x60x60.h5:Scan 1/EBSD/Data/patterns": ((9, 60, 60), "n | y, x", ("", "", ""), ""),
    "diffraction/many-spots.npy": ((580, 580), "y | x", ("", ""), ""),
    "mnist/t10k-images-idx3-ubyte.gz": ((10000, 28, 28), "n | y, x", ("", "", ""), ""),
    "mnist/t10k-labels-idx1-ubyte.gz": ((10000,), "x", ("",), ""),
    "mnist/train-images-idx3-ubyte.gz": ((60000, 28, 28), "n | y, x", ("", "", ""), ""),
    "mnist/train-labels-idx1-ubyte.gz": ((60000,), "x", ("",), ""),
    "nanoparticles/JEOL_HAADF.dm4": ((112, 112), "y, x", ("µm", "µm"), ""),
    "pfm/DTMicroscope/BEPS_PTO_50x50.h5": ((50, 50, 64), "X, Y | Voltage", ("m", "m", "V"), "a.u."),
    "pfm/DTMicroscope/PTO_Funakubo0001.h5:AmplitudeRetrace": ((256, 256), "x, y", ("m", "m"), "m"),
    "pfm/DTMicroscope/PZT_thick0004.h5:HeightRetrace": ((256, 256), "x, y", ("m", "m"), "m"),
    "pfm/GPim/bepfm_test_data.npy": ((32, 32, 102), "n | y, x", ("", "", ""), ""),
    "pfm/GPim/cKPFM_loop_10x10.npz:Nd_mat_amp": (
        (10, 10, 2, 64, 5),
        "axis 0 | axis 1, axis 2, axis 3, axis 4",
        ("",) * 5,
        "",
    ),
    "pfm/pto_beps_varTBO/bepfm_image.npy": ((256, 256), "y | x", ("", ""), ""),
    "pfm/pto_beps_varTBO/cur_mat_raw.npy": ((2500, 128), "y | x", ("", ""), ""),
    "pfm/pto_beps_varTBO/cur_mat_vdc.npy": ((128,), "x", ("",), ""),
    "pfm/pto_beps_varTBO/dc_vec.npy": ((192,), "x", ("",), ""),
    "pfm/pto_beps_varTBO/loop_mat.npy": ((3600, 64, 3), "n | y, x", ("", "", ""), ""),
    "spectrum_images/eds/NCEM_0deg.bcf": ((256, 256, 2048), "height, width | Energy", ("µm", "µm", "keV"), "Counts"),
    "spectrum_images/eds/P45_the_default_job.bcf": (
        (75, 100, 2048),
        "height, width | Energy",
        ("µm", "µm", "keV"),
        "Counts",
    ),
    "spectrum_images/eds/SiO2_EDS_SI.hspy": ((128, 128, 2048), "y, x | z", ("µm", "µm", "keV"), ""),
    "spectrum_images/eds/SiO2_HAADF.hspy": ((128, 128), "y, x", ("µm", "µm"), ""),
    "spectrum_images/eels/LSMO_STO_linescan.hspy": ((10, 512), "x | Energy loss", ("nm", "eV"), ""),
    "spectrum_images/eels/LSMO_linescan.hspy": ((40, 586), "x | Energy loss", ("µm", "eV"), ""),
    "spectrum_images/eels/LSMO_linescan_low_loss.hspy": ((40, 1024), "x | Energy loss", ("µm", "eV"), ""),
    "spectrum_images/raman/renishaw_test_map2.wdf": ((20, 20, 1015), "Y, X | Wavelength", ("µm", "µm", "nm"), "Counts"),
    "spm/GO_cafm.tif": ((915, 915), "y, x", ("nm", "nm"), ""),
    "spm/cits/Bias_spectroscopy.3ds:Current": ((20, 20, 128), "y, x | bias", ("m", "m", "V"), "A"),
    "spm/cits/Z_spectroscopy.3ds:Frequency Shift": ((32, 32, 256), "y, x | z", ("m", "m", "m"), "Hz"),
    "stem/MoS2/MoS2_stem_Exp-000-2.npy": ((512, 512), "y, x", ("nm", "nm"), ""),
    "stem/MoS2/MoS2_stem_Exp-001-5.npy": ((512, 512), "y, x", ("nm", "nm"), ""),
    "stem/graphene/G-GrainBoundary-4nm.npy": ((512, 512), "y | x", ("", ""), ""),
    "stem/graphene/G-GrainBoundary-6nm.npy": ((512, 512), "y | x", ("", ""), ""),
    "stem/graphene/G-trimSi.hdf5": ((512, 512), "y | x", ("", ""), ""),
    "stem/oxides/NCEM_STO.ser": ((1024, 1024), "y, x", ("nm", "nm"), ""),
    "stem/oxides/STO_ABF.hspy": ((512, 512), "y, x", ("", ""), ""),
    "stem/oxides/STO_ABF_stack.hspy": ((5, 512, 512), "z | y, x", ("", "nm", "nm"), ""),
    "stem/oxides/atomap_ABF_cropped.hdf5": ((400, 380), "y, x", ("", ""), ""),
    "stem/oxides/atomap_ADF_cropped.hdf5": ((400, 380), "y, x", ("", ""), ""),
}
SIZES = {"00655d9628": (515, 512), "03cd0b2741": (512, 514), "1d67fb3321": (512, 512), "48f3a148f6": (512, 779)}
SIZES |= {"513158cf83": (512, 612), "5addfe7111": (512, 768), "8e68b05e0e": (512, 620), "ce46819633": (512, 765)}
SIZES |= {"e211d9d7ac": (512, 772), "f58490bdaf": (512, 770)}
for name, size in SIZES.items():
    EXPECTED[f"nanoparticles/emps/{name}.png"] = ((*size, 3), "y, x, colour", ("", "", ""), "")
    EXPECTED[f"nanoparticles/emps/seg_{name}.png"] = (size, "y, x", ("", ""), "")

#: Widths of pixels that are known from elsewhere: the file's own header or the field of view beside it.
STEPS = {
    "stem/MoS2/MoS2_stem_Exp-000-2.npy": ("x", 9.0 / 512, 0.0),
    "stem/MoS2/MoS2_stem_Exp-001-5.npy": ("x", 7.0 / 512, 0.0),
    "stem/oxides/NCEM_STO.ser": ("x", 0.010012704, 0.0),
    "nanoparticles/JEOL_HAADF.dm4": ("x", 0.0012490136, 0.0),
    "spectrum_images/eds/SiO2_EDS_SI.hspy": ("z", 0.01, 0.0),
    "spectrum_images/eels/LSMO_linescan.hspy": ("Energy loss", 0.5, 428.5),
    "spm/cits/Bias_spectroscopy.3ds:Current": ("bias", -0.3 / 127, 0.2),
    "pfm/DTMicroscope/BEPS_PTO_50x50.h5": ("X", 2e-6 / 49, 0.0),
}


def path_of(name):
    path = None if FOLDER is None else FOLDER / name.split(":")[0]
    if path is None or not path.is_file():
        pytest.skip(f"needs {name.split(':')[0]} below $LATSCAPE_DATA")
    return path


@pytest.mark.parametrize("name", EXPECTED)
def test_its_shape_axes_and_units(name):
    path, (shape, names, units, unit) = path_of(name), EXPECTED[name]
    found = load(path, name.partition(":")[2] or None)
    assert found.shape == shape
    over, rest = ([axis.name for axis in found.axes if axis.navigate is side] for side in (True, False))
    assert (f"{', '.join(over)} | " if over else "") + ", ".join(rest) == names
    assert tuple(axis.units for axis in found.axes) == units
    assert found.units == unit
    values = np.asarray(found)
    assert np.isfinite(values).any()
    assert values.min() < values.max() or np.isnan(values.min())
    if name in STEPS:
        axis, step, offset = STEPS[name]
        assert found.axis(axis).scale == pytest.approx(step, rel=1e-5)
        assert found.axis(axis).offset == pytest.approx(offset, abs=1e-6 * abs(step) + 1e-7)
    if found.navigation and found.ndim > len(found.navigation):
        assert len(found.samples) == np.prod([axis.size for axis in found.navigation])


@pytest.mark.skipif(FOLDER is None, reason="needs $LATSCAPE_DATA")
def test_no_file_is_left_out():
    assert FOLDER is not None
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
    arrays = {name for name in files if not name.endswith(OTHERS)}
    published_files = {file.path for one in published().values() for file in one.files}
    assert (arrays & published_files) <= {name.split(":")[0] for name in EXPECTED}


def test_every_published_array_is_expected_here():
    arrays = {file.path for one in published().values() for file in one.files if not file.path.endswith(OTHERS)}
    assert arrays == {name.split(":")[0] for name in EXPECTED}


def test_a_grid_that_was_stopped_says_how_far_it_came():
    found = load(path_of("spm/cits/Z_spectroscopy.3ds"), "Current")
    assert found.missing == 1024 - 88
    assert np.isnan(found.values.reshape(1024, 256)[88:]).all()
    assert np.isfinite(found.part("z", 0, 100).samples[:88]).all()


def test_pictures_beside_a_map_are_there_too():
    found = contents(path_of("spectrum_images/eds/P45_the_default_job.bcf"))
    assert {name: signal.shape for name, signal in found.items()} == {
        "BSE": (75, 100),
        "SE": (75, 100),
        "EDX": (75, 100, 2048),
    }
