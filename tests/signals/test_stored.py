"""Samples that stay in their file are those that indexing the whole array gives."""

import dask.array
import h5py
import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from latscape.signals import Rows
from latscape.signals import stored as module
from latscape.signals.signal import Signal

VALUES = np.random.default_rng(0).normal(size=(7, 6, 5, 4)).astype(np.float32)


def memory_map(folder):
    np.save(folder / "a.npy", VALUES)
    return np.load(folder / "a.npy", mmap_mode="r")


def hdf5(folder, **how):
    h5py.File(folder / "a.h5", "w").create_dataset("a", data=VALUES, **how)
    return h5py.File(folder / "a.h5")["a"]


KINDS = {
    "memory map": memory_map,
    "hdf5 in one piece": hdf5,
    "hdf5 in chunks": lambda folder: hdf5(folder, chunks=(3, 2, 5, 4), compression="gzip"),
    "hdf5 in odd chunks": lambda folder: hdf5(folder, chunks=(2, 6, 2, 3)),
    "zarr": lambda folder: zarr.array(VALUES, chunks=(3, 4, 5, 4)),
    "dask": lambda folder: dask.array.from_array(VALUES, chunks=(3, 4, 2, 4)),
}
OVER = [(0,), (0, 1), (1, 2), (0, 1, 2), (0, 2)]


def brute(over):
    return np.moveaxis(VALUES, over, range(len(over))).reshape(-1, *np.delete(VALUES.shape, over))


@pytest.mark.parametrize("kind", KINDS)
def test_any_samples_in_any_order(tmp_path, kind):
    values = KINDS[kind](tmp_path)

    @given(st.sampled_from(OVER), st.data())
    @settings(max_examples=25)
    def check(over, data):
        rows, expected = Rows(values, over), brute(over)
        assert rows.shape == expected.shape
        index = np.array(data.draw(st.lists(st.integers(0, len(expected) - 1), min_size=1, max_size=30)))
        np.testing.assert_array_equal(np.asarray(rows[index]), expected[index])
        part = rows[index][::-1]
        np.testing.assert_array_equal(np.asarray(part), expected[index[::-1]])

    check()
    rows = Rows(values, (0, 1))
    np.testing.assert_array_equal(np.asarray(rows), brute((0, 1)))
    np.testing.assert_array_equal(rows[5], brute((0, 1))[5])
    np.testing.assert_array_equal(np.asarray(rows[np.arange(42) % 2 == 0]), brute((0, 1))[::2])
    np.testing.assert_array_equal(np.asarray(rows[3:9]), brute((0, 1))[3:9])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 200, 2**23])
def test_passes_over_all_samples_in_parts(tmp_path, monkeypatch, kind, size):
    monkeypatch.setattr(module, "PART", size)
    monkeypatch.setattr(module, "MOST", size)
    rows = Rows(KINDS[kind](tmp_path), (0, 1))
    parts = list(rows.parts())
    np.testing.assert_array_equal(np.concatenate(parts), brute((0, 1)))
    assert size > 200 or max(map(len, parts)) <= 2
    assert rows.range == (VALUES.min(), VALUES.max())
    assert rows.finite().all()
    np.testing.assert_array_equal(np.asarray(rows.scratch()), np.asarray(rows))


def test_scaled_samples_fill_zero_to_one(tmp_path):
    rows = Rows(hdf5(tmp_path), (0, 1))
    low, high = rows.range
    unit = rows.scaled(low, high)
    expected = (brute((0, 1)) - low) / (high - low)
    np.testing.assert_allclose(np.asarray(unit[3:5]), expected[3:5], atol=1e-6)
    assert unit.range == (0.0, 1.0)
    assert (np.asarray(unit).min(), np.asarray(unit).max()) == (0.0, 1.0)
    assert unit.dtype == np.float32
    assert rows.scaled(0.0, 1.0).range == (0.0, 1.0)


def test_every_chunk_is_read_once_for_what_is_asked_together(tmp_path):
    class Counting:
        def __init__(self, values):
            self.values, self.shape, self.ndim, self.dtype = values, values.shape, values.ndim, values.dtype
            self.chunks, self.read = values.chunks, []

        def __getitem__(self, at):
            self.read.append(at)
            return self.values[at]

    values = Counting(hdf5(tmp_path, chunks=(3, 2, 5, 4)))
    index = np.random.default_rng(1).permutation(42)
    np.testing.assert_array_equal(np.asarray(Rows(values, (0, 1))[index]), brute((0, 1))[index])
    assert len(values.read) == 3 * 3


def test_nan_is_found_and_said_where(tmp_path):
    values = VALUES.copy()
    values[2, 3, 1, 1] = np.nan
    rows = Rows(dask.array.from_array(values, chunks=(2, 6, 5, 4)), (0, 1))
    assert np.flatnonzero(~rows.finite()).tolist() == [2 * 6 + 3]
    assert np.isnan(rows.range).any()


def test_a_copy_that_has_no_room_is_refused(tmp_path, monkeypatch, refused):
    monkeypatch.setattr(module.tempfile, "TemporaryFile", lambda **how: (_ for _ in ()).throw(OSError("disk full")))
    with refused():
        Rows(hdf5(tmp_path), (0, 1)).scratch()


def test_values_in_memory_are_an_array():
    assert isinstance(Signal(VALUES[:, 0]).samples, np.ndarray)
