import h5py
import numpy as np
import pytest

from latscape.data import load_labels, load_samples

CURVES = np.random.default_rng(0).normal(size=(6, 9)).astype(np.float32)
IMAGES = np.random.default_rng(1).normal(size=(6, 5, 4)).astype(np.float32)


def test_curves_come_back_from_every_format_that_can_hold_them(tmp_path):
    np.save(tmp_path / "a.npy", CURVES)
    np.savez(tmp_path / "a.npz", X=CURVES, y=np.arange(6))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["scan/loops"] = CURVES
        file["scan/bias"] = np.zeros(9)
    for name in ("a.npy", "a.npz", "a.h5", "a.h5:/scan/loops"):
        np.testing.assert_array_equal(load_samples(tmp_path / name).images, CURVES)
    np.testing.assert_array_equal(load_samples(tmp_path / "a.npz").labels, np.arange(6))


def test_images_come_before_curves(tmp_path):
    np.savez(tmp_path / "a.npz", positions=np.zeros((6, 2)), patches=IMAGES)
    np.testing.assert_array_equal(load_samples(tmp_path / "a.npz").images, IMAGES)


def test_counts_keep_their_values_unless_they_are_to_be_scaled(tmp_path):
    counts = np.random.default_rng(2).integers(0, 900, size=(4, 3, 3))
    np.save(tmp_path / "long.npy", counts)
    np.testing.assert_array_equal(load_samples(tmp_path / "long.npy", scaled=False).images, counts)
    np.save(tmp_path / "short.npy", (counts % 200).astype(np.uint8))
    np.testing.assert_allclose(load_samples(tmp_path / "short.npy").images, (counts % 200) / 255, rtol=1e-6)


@pytest.mark.parametrize(
    "values", [np.full((4, 6), 2.0), np.where(np.eye(4), np.nan, 0.0), np.zeros((1, 5)), np.zeros(5)]
)
def test_samples_nobody_can_learn_from_are_refused(tmp_path, refused, values):
    np.save(tmp_path / "a.npy", values)
    with refused():
        load_samples(tmp_path / "a.npy")


def test_labels_of_every_format(tmp_path):
    labels = np.array([0, 2, -1, 1])
    np.save(tmp_path / "a.npy", labels.astype(float))
    np.savez(tmp_path / "a.npz", other=np.zeros(4), labels=labels)
    (tmp_path / "a.csv").write_text("kind\n0\n2\n-1\n1\n")
    (tmp_path / "b.csv").write_text("0,2,-1,1\n")
    for name in ("a.npy", "a.npz", "a.csv", "b.csv"):
        np.testing.assert_array_equal(load_labels(tmp_path / name, 4), labels)


def test_labels_nobody_can_read_are_refused(tmp_path, refused):
    np.save(tmp_path / "half.npy", [0.5, 1.0])
    np.savez(tmp_path / "two.npz", a=np.zeros(2), b=np.zeros(2))
    (tmp_path / "words.csv").write_text("kind\ncat\ndog\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "labels.txt").write_text("0 1")
    for name in ("half.npy", "two.npz", "words.csv", "empty.csv", "labels.txt", "none.npy"):
        with refused():
            load_labels(tmp_path / name, 2)
    (tmp_path / "short.csv").write_text("0\n")
    with refused():
        load_labels(tmp_path / "short.csv", 2)
