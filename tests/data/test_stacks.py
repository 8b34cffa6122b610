import os
import pickle
import zipfile

import h5py
import numpy as np
import pytest
import tifffile

from latscape.data import load_images
from latscape.data.check import check_images
from latscape.data.formats import bounds
from latscape.errors import InputError

FLOATS = np.random.default_rng(0).normal(size=(5, 8, 6)).astype(np.float32)
COLOUR = np.random.default_rng(1).uniform(size=(5, 8, 6, 3)).astype(np.float32)
BYTES = np.random.default_rng(2).integers(0, 256, size=(5, 8, 6)).astype(np.uint8)


def write(path, images):
    if path.suffix == ".npy":
        np.save(path, images)
    elif path.suffix == ".npz":
        np.savez_compressed(path, images)
    elif path.suffix in (".h5", ".hdf5"):
        with h5py.File(path, "w") as file:
            file.create_dataset("scan/frames", data=images, compression="gzip")
    else:
        tifffile.imwrite(path, images, photometric="rgb" if images.ndim == 4 else "minisblack")
    return path


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".h5", ".hdf5", ".tif", ".tiff", ".NPY"])
@pytest.mark.parametrize("images", [FLOATS, COLOUR], ids=["grey", "colour"])
def test_every_format_gives_back_what_was_written(tmp_path, suffix, images):
    path = write(tmp_path / f"stack{suffix.lower()}", images)
    path = path.rename(path.with_suffix(suffix))
    loaded = load_images(path)
    np.testing.assert_array_equal(loaded.images, images)
    assert loaded.images.dtype == np.float32
    assert loaded.labels is None
    assert loaded.name == "stack"
    assert loaded.source == str(path)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["float16", "float64", ">f4"])
def test_other_floats_and_orders(tmp_path, dtype, order):
    path = write(tmp_path / "a.npy", np.asarray(FLOATS, dtype=dtype, order=order))
    np.testing.assert_allclose(load_images(path).images, FLOATS, atol=2e-3)


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [("uint8", 0, 255), ("uint16", 0, 65535), ("int8", -128, 127), ("int16", -32768, 32767), ("bool", 0, 1)],
)
def test_short_integers_are_scaled_by_the_range_of_their_type(tmp_path, dtype, low, high):
    images = np.full((2, 7, 7), low, dtype=dtype)
    images[1] = high
    images = load_images(write(tmp_path / "a.npy", images)).images
    assert images[0].max() == 0.0
    assert images[1].min() == 1.0
    bytes_ = load_images(write(tmp_path / "b.tif", BYTES)).images
    np.testing.assert_allclose(bytes_, BYTES / 255.0, rtol=1e-6)


def test_long_integers_are_refused(tmp_path):
    with pytest.raises(InputError, match="int64"):
        load_images(write(tmp_path / "a.npy", BYTES.astype(np.int64)))


@pytest.mark.parametrize("key", ["images", "X", "data"])
@pytest.mark.parametrize("labels", ["labels", "y"])
def test_names_inside_npz(tmp_path, key, labels):
    path = tmp_path / "a.npz"
    np.savez(path, allow_pickle=True, aaa=COLOUR, **{key: FLOATS, labels: np.arange(5.0) - 1}, meta=np.array({"a": 1}))
    loaded = load_images(path)
    np.testing.assert_array_equal(loaded.images, FLOATS)
    assert loaded.labels.tolist() == [-1, 0, 1, 2, 3]
    assert loaded.labels.dtype == np.int64


def test_the_only_usable_array_inside_npz(tmp_path):
    np.savez(tmp_path / "a.npz", axis=np.arange(5), stack=FLOATS)
    np.testing.assert_array_equal(load_images(tmp_path / "a.npz").images, FLOATS)
    np.savez(tmp_path / "b.npz", one=FLOATS, two=FLOATS + 1)
    with pytest.raises(InputError, match=r"one array.*one \(5, 8, 6\), two"):
        load_images(tmp_path / "b.npz")


def test_paths_inside_hdf5(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["a/first"] = COLOUR
        file["b/second"] = FLOATS
        file["b/labels"] = np.arange(5)
    np.testing.assert_array_equal(load_images(path).images, COLOUR)
    loaded = load_images(f"{path}:/b/second")
    np.testing.assert_array_equal(loaded.images, FLOATS)
    assert loaded.labels.tolist() == [0, 1, 2, 3, 4]
    with h5py.File(path, "a") as file:
        file["c/images"] = FLOATS + 1
    np.testing.assert_array_equal(load_images(path).images, FLOATS + 1)
    for inside in ("/b", "/nothing"):
        with pytest.raises(InputError, match=rf"an array {inside}.*/a/first"):
            load_images(f"{path}:{inside}")


class Evil:
    def __reduce__(self):
        return os.mkdir, ("unpickled",)


def hostile_files(folder):
    """Path by what is wrong with it."""
    evil = np.array([Evil()], dtype=object)
    (folder / "folder.npy").mkdir()
    (folder / "empty.npy").write_bytes(b"")
    (folder / "noise.npy").write_bytes(b"\x93NUMPY" + bytes(100))
    (folder / "pickle.npy").write_bytes(pickle.dumps(Evil()))
    np.save(folder / "object.npy", evil, allow_pickle=True)
    (folder / "cut.npy").write_bytes(write(folder / "a.npy", FLOATS).read_bytes()[:-10])
    head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999, 99999, 99999), }".ljust(117) + b"\n"
    (folder / "huge.npy").write_bytes(b"\x93NUMPY\x01\x00\x76\x00" + head)
    for suffix in ("npz", "h5", "tif"):
        (folder / f"empty.{suffix}").write_bytes(b"")
        (folder / f"noise.{suffix}").write_bytes(b"\x89HDF\r\n\x1a\nII*\0PK\3\4" + bytes(50))
    np.savez(folder / "object.npz", allow_pickle=True, images=evil)
    np.savez(folder / "none.npz", spectrum=np.arange(9.0))
    for name, content in {"text.npz": b"hello", "huge.npz": (folder / "huge.npy").read_bytes()}.items():
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("images.npy", content)
    for name, cut in {"cut.npz": 40, "cut.h5": 500, "cut.tif": 300}.items():
        (folder / name).write_bytes(write(folder / f"a{name[3:]}", FLOATS).read_bytes()[:-cut])
    with h5py.File(folder / "none.h5", "w") as file:
        file["text"] = "hello"
        file["spectrum"] = np.arange(9.0)
    with h5py.File(folder / "huge.h5", "w") as file:
        file.create_dataset("images", shape=(10**6, 10**4, 10**4), chunks=(1, 10, 10), dtype="f4")
    tifffile.imwrite(folder / "colour.tif", COLOUR[0], photometric="rgb")
    tifffile.imwrite(folder / "page.tif", FLOATS[0])
    (folder / "image.png").write_bytes(b"")
    (folder / "no_extension").write_bytes(b"")
    np.savez(folder / "few_labels.npz", images=FLOATS, labels=np.arange(4))
    np.savez(folder / "text_labels.npz", images=FLOATS, labels=np.array(list("abcde")))
    np.savez(folder / "half_labels.npz", images=FLOATS, labels=np.arange(5) / 2)
    np.savez(folder / "text_images.npz", images=np.full((2, 2, 2), "a"))
    return [path for path in folder.iterdir() if path.stem != "a"] + [folder / "absent.npy", folder / "absent"]


def test_hostile_files_give_one_line_and_run_nothing(tmp_path, monkeypatch):
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    for path in hostile_files(folder):
        with pytest.raises(InputError, match=r"^Expected .+\. Got .+\. Try .+\.$") as caught:
            load_images(path)
        assert "\n" not in str(caught.value), path
        assert len(str(caught.value)) < 400, path
    assert not (tmp_path / "unpickled").exists()


def test_too_many_values_are_refused_before_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "MOST", 100)
    for suffix in (".npy", ".npz", ".h5", ".tif"):
        with pytest.raises(InputError, match="to be read whole"):
            load_images(write(tmp_path / f"a{suffix}", FLOATS))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((0, 8, 8)), "empty array"),
        (np.zeros((3, 0, 8)), "empty array"),
        (np.zeros((8, 8)), r"Got shape \(8, 8\)\. Try one stack"),
        (np.zeros(8), r"Got shape \(8,\)"),
        (np.zeros((2, 2, 2, 2, 2)), r"Got shape"),
        (np.zeros((1, 8, 8)), "at least 2 samples"),
        (np.full((2, 8, 8), 0.25), "the value 0.25 in every pixel"),
        (np.where(np.arange(32).reshape(2, 4, 4) == 17, np.nan, 0.5), r"1 NaN.* index \(1, 0, 1\)"),
        (np.where(np.arange(32).reshape(2, 4, 4) < 2, np.inf, 0.5), "2 NaN"),
        (np.where(np.arange(32).reshape(2, 4, 4) < 2, 1e300, 0.5), "2 NaN, infinite or too large"),
        (np.ones((2, 4, 4), dtype=complex), "complex"),
        (np.full((2, 4, 4), None), "object"),
    ],
)
@pytest.mark.parametrize("unit_interval", [True, False])
def test_check_images_refuses(images, message, unit_interval):
    with pytest.raises(InputError, match=message):
        check_images(images, unit_interval=unit_interval)


def test_check_images_names_the_range_and_the_ways_out():
    images = np.linspace(-2, 5, 32).reshape(2, 4, 4)
    with pytest.raises(InputError) as caught:
        check_images(images, unit_interval=True)
    for part in ("min -2", "max 5", "(x - x.min()) / (x.max() - x.min())", "Gaussian likelihood"):
        assert part in str(caught.value)
    np.testing.assert_allclose(check_images(images, unit_interval=False), images, rtol=1e-6)
    check_images((images - images.min()) / (images.max() - images.min()), unit_interval=True)


def test_check_images_does_not_copy_or_change_what_fits():
    images = np.random.default_rng(0).uniform(size=(2, 4, 4)).astype(np.float32)
    assert check_images(images, unit_interval=True) is images
