"""What was written by others is read with its axes, units and metadata."""

import gzip
import json
import struct
import sys
from importlib import import_module

import h5py
import made_files as made
import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

from latscape.data import contents, file_formats, load, load_samples, reading
from latscape.data.formats import rosetta
from latscape.errors import InputError
from latscape.signals import Axis, Signal, as_signal, save_nsid
from latscape.signals.axis import COLOUR

VALUES = np.random.default_rng(0).integers(0, 200, size=(4, 5, 6)).astype(np.uint8)
CURVES = np.random.default_rng(1).normal(size=(2, 3, 4, 16)).astype(np.float32)


def axes_of(signal):
    return [(axis.name, axis.size, round(axis.scale, 9), axis.units, axis.navigate) for axis in signal.axes]


def test_numpy_files_are_samples_along_the_first_axis(tmp_path):
    np.save(tmp_path / "a.npy", VALUES.astype(">f8"))
    signal = load(tmp_path / "a.npy")
    np.testing.assert_array_equal(signal.values, VALUES)
    assert signal.dtype == np.dtype("=f8")
    assert [axis.navigate for axis in signal.axes] == [True, False, False]
    named = load(tmp_path / "a.npy", axes="y [nm], x [nm] | energy [eV]")
    assert named.samples.shape == (20, 6)
    assert signal.source == str(tmp_path / "a.npy")


def test_large_files_stay_where_they_are(tmp_path, monkeypatch):
    np.save(tmp_path / "a.npy", VALUES)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["a"] = VALUES
    tifffile.imwrite(tmp_path / "a.tif", VALUES, photometric="minisblack")
    for name in ("a.npy", "a.h5", "a.tif"):
        assert not load(tmp_path / name).lazy
        assert load(tmp_path / name, lazy=True).lazy
        monkeypatch.setattr(reading, "WHOLE", 10)
        assert load(tmp_path / name).lazy
        assert not load(tmp_path / name, lazy=False).lazy
        np.testing.assert_array_equal(np.asarray(load(tmp_path / name)), VALUES)
        monkeypatch.undo()


def test_idx_files_packed_or_not(tmp_path):
    content = bytes([0, 0, 8, 3]) + struct.pack(">3I", *VALUES.shape) + VALUES.tobytes()
    (tmp_path / "train-images-idx3-ubyte").write_bytes(content)
    (tmp_path / "a.gz").write_bytes(gzip.compress(content))
    (tmp_path / "a.idx").write_bytes(content)
    for path in tmp_path.iterdir():
        np.testing.assert_array_equal(load(path).values, VALUES)


def test_pictures(tmp_path):
    Image.fromarray(VALUES[0]).save(tmp_path / "grey.png")
    Image.fromarray(VALUES[:3].transpose(1, 2, 0)).save(tmp_path / "colour.png")
    Image.fromarray(VALUES[0].astype(np.uint16) * 300).save(tmp_path / "deep.png")
    Image.fromarray(VALUES[0]).convert("P").save(tmp_path / "palette.png")
    assert axes_of(load(tmp_path / "grey.png")) == [("y", 5, 1.0, "", False), ("x", 6, 1.0, "", False)]
    np.testing.assert_array_equal(load(tmp_path / "grey.png").image(), VALUES[0])
    np.testing.assert_array_equal(load(tmp_path / "deep.png").values, VALUES[0].astype(np.uint16) * 300)
    colour = load(tmp_path / "colour.png")
    np.testing.assert_array_equal(colour.values, VALUES[:3].transpose(1, 2, 0))
    assert colour.axes[-1].name == COLOUR
    assert load(tmp_path / "palette.png").shape == (5, 6, 3)


def test_tiff_of_imagej_and_ome(tmp_path):
    calibrated = {"resolution": (1 / 0.25, 1 / 0.5), "metadata": {"axes": "TYX", "unit": "nm"}}
    tifffile.imwrite(tmp_path / "a.tif", VALUES, imagej=True, **calibrated)
    assert axes_of(load(tmp_path / "a.tif")) == [
        ("t", 4, 1.0, "", True),
        ("y", 5, 0.5, "nm", False),
        ("x", 6, 0.25, "nm", False),
    ]
    said = {
        "axes": "ZYX",
        "PhysicalSizeX": 0.1,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.2,
        "PhysicalSizeYUnit": "nm",
    }
    tifffile.imwrite(tmp_path / "a.ome.tif", VALUES, metadata=said)
    assert axes_of(load(tmp_path / "a.ome.tif"))[1:] == [("y", 5, 0.2, "nm", False), ("x", 6, 0.1, "nm", False)]
    tifffile.imwrite(tmp_path / "b.tif", VALUES[0])
    assert not load(tmp_path / "b.tif").navigation


def test_a_json_file_beside_it_tells_the_field_of_view(tmp_path):
    np.save(tmp_path / "a.npy", VALUES[0])
    said = {
        "material": "MoS2",
        "spatial_info": {"field_of_view_x": 3.0, "field_of_view_y": 5.0, "field_of_view_units": "nm"},
    }
    (tmp_path / "a.json").write_text(json.dumps({"details": said}))
    signal = load(tmp_path / "a.npy")
    assert axes_of(signal) == [("y", 5, 1.0, "nm", False), ("x", 6, 0.5, "nm", False)]
    assert signal.metadata["details"]["material"] == "MoS2"
    (tmp_path / "a.json").write_text("no json")
    assert not load(tmp_path / "a.npy").axes[0].calibrated


def test_one_of_several_arrays(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for channel, quantity in enumerate(("Height", "Phase")):
            file[f"Measurement/Channel_{channel}/image"] = VALUES[channel]
            file[f"Measurement/Channel_{channel}/image"].attrs["quantity"] = quantity
    path = tmp_path / "a.h5"
    with pytest.raises(InputError, match="pick='Height'"):
        load(path)
    for pick in ("/Measurement/Channel_1/image", "Channel_1/image", "Phase"):
        np.testing.assert_array_equal(load(path, pick).values, VALUES[1])
        np.testing.assert_array_equal(load(f"{path}:{pick}").values, VALUES[1])
    with pytest.raises(InputError, match="the whole path"):
        load(path, "image")
    with pytest.raises(InputError, match=r"Height \(5, 6\), Phase"):
        load(path, "Amplitude")


def test_scales_that_are_attached_to_hdf5_arrays(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["spectra"], file["energy"] = VALUES[0].astype(float), np.arange(6) * 0.5
        file["energy"].attrs["units"] = "eV"
        file["energy"].make_scale("energy")
        file["spectra"].dims[1].attach_scale(file["energy"])
    assert list(contents(tmp_path / "a.h5")) == ["/spectra"]
    assert axes_of(load(tmp_path / "a.h5"))[1] == ("energy", 6, 0.5, "eV", False)


def test_grids_of_nanonis(tmp_path):
    pytest.importorskip("nanonispy2")
    path = made.write_grid(tmp_path / "a.3ds", CURVES, header='Other>Channels="A;B;C"')
    signal = load(path, "Phase")
    np.testing.assert_array_equal(signal.values, CURVES[1])
    assert axes_of(signal)[:2] == [("y", 3, round(2e-9 / 3, 9), "m", True), ("x", 4, 1e-9, "m", True)]
    np.testing.assert_allclose(signal.axis("x").positions, 1e-7 + 1e-9 * np.array([-1.5, -0.5, 0.5, 1.5]))
    np.testing.assert_allclose(signal.axis("bias").positions, np.linspace(-1, 1, 16), atol=1e-6)
    assert (signal.quantity, signal.units, signal.missing) == ("Phase", "deg", 0)


def test_a_grid_that_was_stopped(tmp_path, refused):
    pytest.importorskip("nanonispy2")
    path = made.write_grid(tmp_path / "a.3ds", CURVES, places=7)
    signal = load(path, "Current")
    assert signal.complete().tolist() == [True] * 7 + [False] * 5
    np.testing.assert_array_equal(signal.values.reshape(12, 16)[:7], CURVES[0].reshape(12, 16)[:7])
    with pytest.raises(InputError, match=r"7 of 12 places measured\. Try finite=True, or --finite"):
        load_samples(f"{path}:Current")
    kept = load_samples(f"{path}:Current", finite=True)
    np.testing.assert_array_equal(kept.images, CURVES[0].reshape(12, 16)[:7])
    assert kept.places.tolist() == list(range(7))
    with refused():
        load(made.write_grid(tmp_path / "b.3ds", CURVES, places=0))


@pytest.mark.parametrize("said", [{"measured": "yesterday", "places": 3}, {"places": [1, 2]}, {"measured": -1}])
def test_words_of_metadata_are_not_taken_for_counts_of_places(tmp_path, said):
    np.save(tmp_path / "map.npy", np.random.default_rng(0).uniform(size=(4, 8, 8)).astype(np.float32))
    (tmp_path / "map.json").write_text(json.dumps(said))
    assert len(load_samples(tmp_path / "map.npy")) == 4
    with h5py.File(tmp_path / "map.h5", "w") as file:
        file["images"] = np.load(tmp_path / "map.npy")
        file["images"].attrs.update(said)
    assert len(load_samples(tmp_path / "map.h5")) == 4


@pytest.mark.parametrize("direction", ["up", "down"])
def test_scans_of_nanonis(tmp_path, direction):
    pytest.importorskip("nanonispy2")
    path = made.write_scan(tmp_path / "a.sxm", CURVES[:, :2, :, :], direction=direction)
    assert list(contents(path)) == ["Z forward", "Z backward", "Current forward", "Current backward"]
    forward, backward = load(path, "Z forward"), load(path, "Z backward")
    np.testing.assert_array_equal(backward.values, CURVES[0, 1])
    np.testing.assert_allclose(forward.axis("x").positions, backward.axis("x").positions[::-1])
    assert (forward.axis("y").scale > 0) == (direction == "up")
    assert (forward.units, forward.axis("x").units, forward.navigation) == ("m", "m", ())


def test_waves_of_igor(tmp_path):
    pytest.importorskip("igor2")
    values = CURVES[0]  # [x][y][layer]
    path = made.write_wave(tmp_path / "a.ibw", values, labels=[f"Layer{i}" for i in range(16)])
    signal = load(path, "Layer3")
    np.testing.assert_array_equal(signal.values, values[:, :, 3].T)
    assert axes_of(signal) == [("y", 4, 1.0, "m", False), ("x", 3, 0.5, "m", False)]
    assert (signal.axis("x").offset, signal.axis("y").offset) == (10.0, 20.0)
    assert signal.metadata["Mode"] == "AC"
    whole = load(made.write_wave(tmp_path / "b.ibw", values))
    np.testing.assert_array_equal(whole.values, values.T)
    assert [axis.navigate for axis in whole.axes] == [True, False, False]
    assert load(made.write_wave(tmp_path / "c.ibw", values[0, 0])).shape == (16,)


#: RosettaSciIO's own writers: the file, the shape, how many axes are of places, and what of it the format keeps.
WRITERS = {
    "hspy": ("a.hspy", (4, 5, 6), 2, "everything"),
    "zspy": ("a.zspy", (4, 5, 6), 2, "everything"),
    "nexus": ("a.nxs", (4, 5, 6), 2, "axes"),
    "ripple": ("a.rpl", (4, 5, 6), 2, "scales"),
    "msa": ("a.msa", (7,), 0, "scales"),
    "emd": ("a.emd", (4, 5, 6), 0, "values"),
    "blockfile": ("a.blo", (2, 3, 8, 8), 2, "values"),
    "mrcz": ("a.mrcz", (4, 8, 8), 1, "values"),
}


def as_rosettasciio_has_it(values, names, navigate, units):
    common = {"scale": 0.5, "offset": 2.0, "_type": "UniformDataAxis", "is_binned": False}
    axes = [
        {"name": name, "size": size, "units": units, "navigate": index < navigate, "index_in_array": index, **common}
        for index, (name, size) in enumerate(zip(names, values.shape, strict=True))
    ]
    kind = "image" if values.ndim - navigate == 2 else "spectrum"
    signal = {"signal_type": "", "quantity": "Counts (e)", "record_by": kind}
    empty = {"original_metadata": {}, "learning_results": {}, "tmp_parameters": {}, "attributes": {"_lazy": False}}
    package = {"package": "", "package_version": "", "package_info": {}, "models": {}}
    metadata = {"General": {"title": "made"}, "Signal": signal}
    return {"data": values, "axes": axes, "metadata": metadata, **empty, **package}


@pytest.mark.parametrize("writer", WRITERS)
def test_formats_of_vendors_as_rosettasciio_writes_them(tmp_path, writer):
    pytest.importorskip("rsciio")
    name, shape, navigate, keeps = WRITERS[writer]
    values = np.random.default_rng(2).integers(0, 200, size=shape).astype(np.uint8)
    values = values.astype(np.float32) if writer in ("mrcz", "msa") else values
    names = ("y", "x", "ky", "kx") if len(shape) == 4 else ("y", "x", "energy")[-len(shape) :]
    found = as_rosettasciio_has_it(values, names, navigate, "km" if writer == "blockfile" else "nm")
    import_module(f"rsciio.{writer}").file_writer(str(tmp_path / name), found)
    signal = load(tmp_path / name)
    np.testing.assert_array_equal(np.asarray(signal), values)
    assert len(signal.navigation) == navigate
    if keeps in ("everything", "axes"):
        assert [axis.name for axis in signal.axes] == list(names)
    if keeps == "everything":
        assert (signal.name, signal.quantity, signal.units) == ("made", "Counts", "e")
    if keeps != "values":
        assert {(axis.scale, axis.offset, axis.units) for axis in signal.axes} == {(0.5, 2.0, "nm")}


def test_the_table_of_formats_is_that_of_rosettasciio():
    rsciio = pytest.importorskip("rsciio")
    theirs = {
        f".{ending.lower()}"
        for plugin in rsciio.IO_PLUGINS
        if plugin["name"] not in (*rosetta.REFUSED, "USID", "Tofwerk", "Delmic", "Arina")
        for ending in plugin["file_extensions"]
    }
    pictures = {
        ".png",
        ".bmp",
        ".dib",
        ".gif",
        ".jpeg",
        ".jpe",
        ".jpg",
        ".msp",
        ".pcx",
        ".ppm",
        ".pbm",
        ".pgm",
        ".xbm",
        ".spi",
    }
    assert set(rosetta.SUFFIXES) == theirs - pictures


@pytest.mark.parametrize(
    ("name", "package", "module"),
    [("a.dm4", "RosettaSciIO", "rsciio"), ("a.3ds", "nanonispy2", "nanonispy2.read"), ("a.ibw", "igor2", "igor2")],
)
def test_a_reader_that_is_not_installed_is_named_with_its_extra(tmp_path, monkeypatch, refused, name, package, module):
    monkeypatch.setitem(sys.modules, module, None)
    made.write_grid(tmp_path / name, CURVES)
    with pytest.raises(InputError, match=rf"{package}.*latscape\[io\]"):
        load(tmp_path / name)
    with refused():
        load(tmp_path / name)


def test_every_format_has_a_reader():
    for how in file_formats():
        assert callable(how.read), how.name
        assert all(suffix == suffix.lower() for suffix in how.suffixes)


def test_several_arrays_are_offered_by_what_they_hold(tmp_path):
    axes = (Axis("y", 4), Axis("x", 5))
    signals = [
        Signal(np.zeros((4, 5)), axes, name=f"channel {k}", quantity=q) for k, q in enumerate(["Height", "Phase"])
    ]
    save_nsid(tmp_path / "a.h5", signals)
    with pytest.raises(InputError, match=r"with Height \(4, 5\), Phase \(4, 5\)\. Try pick='Height'"):
        load(tmp_path / "a.h5")
    assert load(tmp_path / "a.h5", "Phase").quantity == "Phase"


def test_a_tensor_of_torch_is_an_array():
    assert as_signal(torch.zeros(3, 4)).shape == (3, 4)
    assert as_signal(torch.zeros(3, 4)).dtype == np.float32
