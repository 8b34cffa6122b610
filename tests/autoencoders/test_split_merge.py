"""Split and merge, on kinds of image that a training was made to part wrongly."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

import latscape as ls
from latscape.autoencoders import split_merge as module
from latscape.autoencoders.split_merge import copy_class, exchanges
from latscape.autoencoders.terms import mutual_information
from latscape.errors import InputError
from latscape.metrics.clustering import accuracy, class_information

CLASSES, EACH = 4, 60


@pytest.fixture(scope="module")
def kinds():
    """Four noisy patterns of 10 x 10 pixels, and which is which."""
    patterns = np.zeros((CLASSES, 10, 10))
    patterns[0, :3], patterns[1, 4:6], patterns[2, :, :3], patterns[3, :, 4:6] = 0.9, 0.9, 0.9, 0.9
    labels = np.repeat(np.arange(CLASSES), EACH)
    noise = np.random.default_rng(0).normal(0, 0.1, (len(labels), 10, 10))
    return (patterns[labels] + noise).clip(0, 1), labels


@pytest.fixture(scope="module")
def stuck(kinds):
    """A model without labels whose classes 0 and 1 share the first kind, and whose class 3 holds the last two."""
    images, labels = kinds
    told = np.choose(labels, [np.arange(len(labels)) % 2, 2, 3, 3])
    options = {"batch": 20, "learning_rate": 2e-3, "seed": 0, "beta_c": 20.0, "beta_d": 3.0}
    options["terms"] = {"mutual_information": (mutual_information, 3.0)}
    taught = ls.ssvae(CLASSES, decoder=ls.WarpDecoder(), epochs=20, **options).fit(images, told)
    model = ls.jvae(CLASSES, decoder=ls.WarpDecoder(), epochs=20, **options)
    return model.fit(images, weights=taught.model_.state_dict())


def test_training_does_not_leave_a_wrong_partition_but_a_move_does(kinds, stuck):
    images, labels = kinds
    assert accuracy(labels, stuck.predict(images)) < 0.8
    (largest, least), *others = exchanges(stuck, images)
    assert (largest, least) in ((3, 0), (3, 1))
    assert sorted([least, *(other for _, other in others)]) == list(range(CLASSES))
    better = ls.split_merge(stuck, images)
    assert accuracy(labels, better.predict(images)) > 0.98
    told = [class_information(model.predict_proba(images)) for model in (stuck, better)]
    halves, quarters = 1.5 * np.log(2), 2 * np.log(2)  # entropies of the shares 1/2, 1/4, 1/4 and of four quarters
    assert told == pytest.approx([halves, quarters], abs=0.01)


def test_the_given_model_stays_as_it_is_and_the_result_remembers_both_trainings(kinds, stuck):
    before = deepcopy(stuck.model_.state_dict())
    better = ls.split_merge(stuck, kinds[0], moves=1, epochs=7)
    assert all(torch.equal(value, before[name]) for name, value in stuck.model_.state_dict().items())
    assert {len(values) for values in better.history_.values()} == {27}
    assert {len(values) for values in stuck.history_.values()} == {20}
    assert better.get_params() == stuck.get_params()


def test_the_same_again(kinds, stuck):
    first, again = (ls.split_merge(stuck, kinds[0], moves=1) for _ in range(2))
    assert np.array_equal(first.predict_proba(kinds[0]), again.predict_proba(kinds[0]))


def test_a_saved_result_is_the_result(kinds, stuck, tmp_path):
    better = ls.split_merge(stuck, kinds[0], moves=1)
    again = ls.load(better.save(tmp_path / "better.safetensors"))
    assert np.array_equal(better.predict_proba(kinds[0]), again.predict_proba(kinds[0]))


def test_a_good_partition_is_kept(kinds, stuck):
    good = ls.split_merge(stuck, kinds[0])
    assert ls.split_merge(good, kinds[0]) is good
    assert ls.split_merge(stuck, kinds[0], moves=0) is stuck


@pytest.mark.parametrize("decoder", [ls.WarpDecoder(), ls.DenseDecoder(), ls.CoordinateDecoder((8,))], ids=str)
def test_a_copied_class_is_the_other_one(monkeypatch, kinds, decoder):
    monkeypatch.setattr(module, "_NOISE", 0.0)
    model = ls.jvae(3, decoder=decoder, epochs=1).fit(kinds[0])
    before = model.manifold(size=2)
    copy_class(model.model_, 0, 2, torch.Generator().manual_seed(0))
    after, probabilities = model.manifold(size=2), model.predict_proba(kinds[0])
    assert np.array_equal(after[:2], before[:2])
    np.testing.assert_allclose(after[2], before[0], rtol=1e-5)
    np.testing.assert_allclose(probabilities[:, 2], probabilities[:, 0], rtol=1e-5)


class Mixed(nn.Module):
    """Ends with something else than a linear layer of all outputs."""

    def __init__(self, outputs):
        super().__init__()
        self.first, self.last = nn.Linear(100, outputs), nn.Linear(outputs, 1)

    def forward(self, x):
        rows = self.first(x)
        return rows + self.last(rows)


class MixedEncoder:
    """Options of it."""

    def build(self, shape, channels, outputs, generator):
        return Mixed(outputs)


def test_what_cannot_be_moved_is_refused(kinds, stuck):
    images, labels = kinds
    with pytest.raises(InputError, match="finds classes by itself"):
        ls.split_merge(ls.vae(epochs=1).fit(images), images)
    with pytest.raises(InputError, match="finds classes by itself"):
        ls.split_merge(ls.ssvae(CLASSES, epochs=1).fit(images, labels), images)
    with pytest.raises(InputError, match="moves of at least 0"):
        ls.split_merge(stuck, images, moves=-1)
    with pytest.raises(InputError, match="1 to 20 epochs"):
        ls.split_merge(stuck, images, epochs=21)
    with pytest.raises(InputError, match="ends with a linear layer"):
        ls.split_merge(ls.jvae(3, encoder=MixedEncoder(), epochs=1).fit(images), images)
