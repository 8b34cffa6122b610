"""Files that lead elsewhere, declare too much, or were cut, give one line, run nothing and are not followed."""

import os
import pickle
import zipfile

import h5py
import made_files as made
import numpy as np
import pytest
from PIL import Image

from latscape.data import contents, load, reading
from latscape.data.formats import bounds
from latscape.data.registry import data_folder
from latscape.errors import InputError

SECRET = np.arange(20, dtype=np.uint8).reshape(4, 5)


@pytest.fixture
def secret(tmp_path):
    """A file that no other file may lead to."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/raw.bin").write_bytes(SECRET.tobytes())
    with h5py.File(tmp_path / "elsewhere/secret.h5", "w") as file:
        file["data"] = SECRET
    return tmp_path / "elsewhere"


def test_links_out_of_a_hdf5_file_are_not_followed(tmp_path, secret, refused):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["own"] = SECRET + 1
        file["out"] = h5py.ExternalLink(str(secret / "secret.h5"), "/data")
        file["group/out"] = h5py.ExternalLink(str(secret / "secret.h5"), "/")
        file["soft"] = h5py.SoftLink("/group/out/data")
    assert list(contents(path)) == ["/own"]
    with h5py.File(tmp_path / "a.hspy", "w") as file:
        file.attrs["file_format"] = "HyperSpy"
        file["Experiments/own/data"] = SECRET + 1
        file["Experiments/own/metadata"] = h5py.ExternalLink(str(secret / "secret.h5"), "/")
        file["Experiments/out/data"] = h5py.ExternalLink(str(secret / "secret.h5"), "/data")
        file["Experiments/far"] = h5py.ExternalLink(str(secret / "secret.h5"), "/")
    assert list(contents(tmp_path / "a.hspy")) == ["own"]
    for pick in ("/out", "/group/out/data", "/soft"):
        with refused():
            load(path, pick)


def test_values_in_other_files_are_not_read(tmp_path, secret, refused):
    with h5py.File(tmp_path / "raw.h5", "w") as file:
        file.create_dataset("data", (4, 5), np.uint8, external=[(str(secret / "raw.bin"), 0, 20)])
    layout = h5py.VirtualLayout((4, 5), np.uint8)
    layout[:] = h5py.VirtualSource(str(secret / "secret.h5"), "data", (4, 5))
    with h5py.File(tmp_path / "virtual.h5", "w") as file:
        file.create_virtual_dataset("data", layout)
    for name in ("raw.h5", "virtual.h5"):
        with refused():
            load(tmp_path / name)


def test_arrays_that_are_declared_and_not_there(tmp_path, refused):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("data", (10**6, 10**4, 10**2), np.float32, chunks=(1, 10, 10))
    with refused():
        contents(tmp_path / "a.h5")
    made.write_grid(tmp_path / "a.3ds", np.zeros((2, 2, 2, 4)))
    huge = (tmp_path / "a.3ds").read_bytes().replace(b'"2 x 2"', b'"99999 x 99999"')
    (tmp_path / "a.3ds").write_bytes(huge)
    with refused():
        load(tmp_path / "a.3ds")


def test_a_reader_that_prints_what_it_stumbles_over_is_not_heard(tmp_path, capfd):
    path = made.write_grid(tmp_path / "a.3ds", np.zeros((2, 2, 2, 4)))
    path.write_bytes(path.read_bytes().replace(b"=1.0E-7;", b"=1.0EX7;"))
    with pytest.raises(InputError, match=r"a readable \.3ds file"):
        load(path)
    assert capfd.readouterr() == ("", "")


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch, refused):
    np.savez_compressed(tmp_path / "a.npz", data=np.zeros((100, 1000)))
    with zipfile.ZipFile(tmp_path / "b.npz", "w", zipfile.ZIP_DEFLATED) as archive:  # more than it declares
        head = b"{'descr': '|u1', 'fortran_order': False, 'shape': (10, 10), }".ljust(117) + b"\n"
        archive.writestr("data.npy", b"\x93NUMPY\x01\x00\x76\x00" + head + bytes(10**7))
    assert load(tmp_path / "b.npz").shape == (10, 10)
    Image.fromarray(np.zeros((500, 400), np.uint8)).save(tmp_path / "a.png")
    monkeypatch.setattr(bounds, "MOST", 10_000)
    for name in ("a.npz", "a.png"):
        with refused():
            load(tmp_path / name)


class Evil:
    def __reduce__(self):
        return os.mkdir, ("unpickled",)


def test_pickles_are_refused_wherever_they_are(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    objects = np.array([Evil(), Evil()], dtype=object)
    np.save("a.npy", objects, allow_pickle=True)
    np.savez("a.npz", allow_pickle=True, data=objects)
    (tmp_path / "b.npz").write_bytes(pickle.dumps(Evil()))
    zspy = tmp_path / "a.zspy" / "Experiments" / "one" / "data"
    zspy.mkdir(parents=True)
    (zspy / ".zarray").write_text('{"filters": [{"id": "pickle"}], "shape": [1], "dtype": "|O", "zarr_format": 2}')
    for name, word in {"a.npy": "pickled", "a.npz": "pickled", "b.npz": "readable", "a.zspy": "pickled"}.items():
        with pytest.raises(InputError, match=word):
            load(name)
    assert not (tmp_path / "unpickled").exists()


def test_formats_whose_readers_run_text_as_code_are_not_read(tmp_path):
    assert "rsciio.netcdf" not in str(reading.file_formats())
    (tmp_path / "a.nc").write_bytes(b"CDF\x01")
    with pytest.raises(InputError, match=r"docs/data\.md"):
        load(tmp_path / "a.nc")


def test_folders_and_missing_files_and_empty_arrays(tmp_path, refused):
    np.save(tmp_path / "empty.npy", np.zeros((0, 4)))
    np.save(tmp_path / "words.npy", np.array(["a", "b"]))
    for path in (tmp_path, tmp_path / "absent.dm4", tmp_path / "empty.npy", tmp_path / "words.npy", "", ":", "a.h5:/x"):
        with refused():
            load(path)


FOLDER = data_folder()
REAL = [
    "nanoparticles/JEOL_HAADF.dm4",
    "stem/oxides/NCEM_STO.ser",
    "spectrum_images/eds/P45_the_default_job.bcf",
    "spectrum_images/eels/LSMO_STO_linescan.hspy",
    "spectrum_images/raman/renishaw_test_map2.wdf",
    "spm/cits/Bias_spectroscopy.3ds",
    "spm/GO_cafm.tif",
    "nanoparticles/emps/seg_1d67fb3321.png",
    "pfm/DTMicroscope/BEPS_PTO_50x50.h5",
    "mnist/t10k-labels-idx1-ubyte.gz",
]


@pytest.mark.skipif(FOLDER is None, reason="needs the files below $LATSCAPE_DATA")
@pytest.mark.parametrize("name", REAL)
def test_real_files_cut_short_give_one_line_or_what_is_left(tmp_path, name):
    assert FOLDER is not None
    source = FOLDER / name
    if not source.is_file():
        pytest.skip(f"needs {name} below $LATSCAPE_DATA")
    whole, path = source.read_bytes(), tmp_path / source.name
    said = []
    for size in (0, 7, 700, len(whole) // 2, len(whole) - 500):
        path.write_bytes(whole[:size])
        try:
            for array in contents(path):
                load(path, array, lazy=False)
        except InputError as error:
            said.append(str(error))
    assert len(said) >= 3
    assert not any("\n" in line for line in said)
    path.write_bytes(np.random.default_rng(0).bytes(5000))
    with pytest.raises(InputError):
        load(path)


@pytest.mark.skipif(FOLDER is None, reason="needs the files below $LATSCAPE_DATA")
def test_a_map_of_bruker_is_never_read_by_compiled_code_without_bounds(monkeypatch):
    bruker = pytest.importorskip("rsciio.bruker._api")

    def crash(*_):
        raise AssertionError("this parser writes wherever the file tells it to")

    monkeypatch.setattr(bruker, "fast_unbcf", True)
    monkeypatch.setattr(bruker, "unbcf_fast", type("Compiled", (), {"parse_to_numpy": crash}), raising=False)
    assert FOLDER is not None
    path = FOLDER / "spectrum_images/eds/P45_the_default_job.bcf"
    found = [load(path, array, lazy=False) for array in contents(path)]
    assert max(one.values.ndim for one in found) == 3
    assert bruker.fast_unbcf
