"""Samples that stay on disk train the same model as those in memory, and are read as they are needed."""

import dask.array
import h5py
import numpy as np
import pytest
import torch
from torch.utils.data import Dataset, IterableDataset

import latscape as ls


class Items(Dataset):
    """A data set as PyTorch's users write them; it counts what is read."""

    def __init__(self, *arrays):
        self.arrays, self.read = arrays, []

    def __len__(self):
        return len(self.arrays[0])

    def __getitem__(self, index):
        self.read.append(index)
        items = tuple(array[index] for array in self.arrays)
        return items if len(items) > 1 else items[0]


class Stream(IterableDataset):
    """Samples without numbers."""

    def __iter__(self):
        return iter(np.zeros((3, 4, 4)))


def memory_map(images, folder):
    np.save(folder / "images.npy", images)
    return np.load(folder / "images.npy", mmap_mode="r")


def hdf5(images, folder):
    h5py.File(folder / "images.h5", "w").create_dataset("images", data=images, chunks=(5, 6, 8))
    return h5py.File(folder / "images.h5")["images"]


KINDS = {
    "memory map": memory_map,
    "hdf5": hdf5,
    "dask": lambda images, folder: dask.array.from_array(images, chunks=(7, 6, 8)),
    "data set": lambda images, folder: Items(images),
    "data set with labels": lambda images, folder: Items(torch.from_numpy(images), np.arange(len(images))),
}


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
def test_they_train_and_are_read_as_in_memory(make, images, small, weights, tmp_path):
    stored, options = make(images, tmp_path), {"epochs": 2, **small}
    expected, model = ls.jrvae(3, **options).fit(images), ls.jrvae(3, **options).fit(stored)
    assert torch.equal(weights(model), weights(expected))
    np.testing.assert_array_equal(model.transform(stored), expected.transform(images))
    np.testing.assert_array_equal(model.predict_proba(stored), expected.predict_proba(images))
    np.testing.assert_array_equal(model.score_samples(stored), expected.score_samples(images))
    np.testing.assert_array_equal(model.reconstruct(stored), expected.reconstruct(images))


def test_labels_and_pairs_may_stay_on_disk_too(images, small, weights, tmp_path):
    y = np.where(np.arange(24) % 2, -1, np.arange(24) % 3)
    both = [ls.ssvae(3, epochs=1, **small).fit(X, y) for X in (images, hdf5(images, tmp_path))]
    assert torch.equal(*(weights(model) for model in both))
    assert both[0].history_ == both[1].history_
    other = images[:, ::-1, ::-1].copy()
    pairs = [(images, other), (Items(images), Items(other)), (images, Items(other))]
    both = [ls.ved(epochs=1).fit(X, y) for X, y in pairs]
    assert torch.equal(weights(both[0]), weights(both[1]))
    assert torch.equal(weights(both[0]), weights(both[2]))
    factors = np.linspace(0, 1, 24)
    both = [ls.cvae(factors=1, epochs=1).fit(X, factors) for X in (images, Items(images))]
    assert torch.equal(weights(both[0]), weights(both[1]))


def test_no_more_than_a_batch_is_read_at_a_time(images, small):
    stored, most = Items(images), 0

    def note(output, batch, step):
        nonlocal most
        most = max(most, len(batch))
        return output.nll[:, 0] * 0

    ls.vae(epochs=1, terms={"note": (note, 1.0)}, **small).fit(stored)
    assert most == 10
    assert len(stored.read) == 1 + len(images)  # the first, for its shape, and then each once


def test_plain_autoencoders_and_resumed_ones_read_them_too(images, small, weights, tmp_path):
    both = [ls.ae(epochs=1).fit(X, checkpoint=tmp_path / name) for name, X in (("a", images), ("b", Items(images)))]
    assert torch.equal(*(weights(model) for model in both))
    assert both[0].statistics_ == both[1].statistics_


def bad(images, at, value):
    copy = images.copy()
    copy[at, 0, 0] = value
    return Items(copy)


BAD = {
    "nan in the last": lambda images: bad(images, 23, np.nan),
    "above one": lambda images: bad(images, 9, 2.0),
    "one sample": lambda images: Items(images[:1]),
    "shapes that differ": lambda images: Items([*images[:5], images[5][:3]]),
    "a stream": lambda images: Stream(),
    "numbers": lambda images: Items(np.arange(10.0)),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_what_cannot_be_trained_on_is_refused_when_it_is_read(make, images, small, refused):
    with refused():
        ls.vae(epochs=1, **small).fit(make(images))


def test_several_models_at_once_want_arrays(images, small, refused):
    from latscape.autoencoders.population import fit_together

    with refused():
        fit_together([ls.vae(epochs=1, **small), ls.vae(epochs=1, seed=1, **small)], Items(images))
    with refused():
        fit_together([ls.vae(epochs=1, validation=0.5, **small)], images)
