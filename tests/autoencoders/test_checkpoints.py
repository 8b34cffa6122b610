"""A training that was stopped ends with the weights of one that was not, whatever it was stopped by."""

import math

import numpy as np
import pytest
import torch

import latscape as ls
from latscape.errors import InputError, TrainingError


class Stop(Exception):
    """What a test stops a training with."""


def stop_at(last):
    def on_epoch(epoch, means):
        if epoch == last:
            raise Stop

    return on_epoch


def pair(images):
    return images, np.sin(images.mean(axis=(1, 2))[:, None] * np.linspace(0, 9, 12))


MODELS = {
    "joint": lambda **o: ls.jrvae(3, shift=0.1, beta_c=ls.cooldown(5, 1), **o),
    "few classes": lambda **o: ls.jrvae(5, class_samples=2, **o),
    "orientations, validation": lambda **o: ls.rvae(n_orientations=3, validation=0.25, **o),
    "patience": lambda **o: ls.vae(validation=0.25, patience=2, **o),
}


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize(("last", "every"), [(0, 1), (3, 2), (5, 3)])
def test_it_ends_as_if_it_had_never_been_stopped(make, last, every, images, small, weights, tmp_path):
    options = {"epochs": 8, "learning_rate": ls.linear(2e-2, 1e-3), **{**small, "batch": 7}}
    whole = make(**options).fit(images)
    path = tmp_path / "run" / "training.safetensors"
    with pytest.raises(Stop):
        make(**options).fit(images, checkpoint=path, every=every, on_epoch=stop_at(last))
    seen = []
    resumed = make(**options).fit(images, checkpoint=path, every=every, on_epoch=lambda epoch, _: seen.append(epoch))
    assert torch.equal(weights(resumed), weights(whole))
    assert resumed.history_ == whole.history_
    # The epoch that was stopped in is not seen before its checkpoint is written.
    assert (seen[0] if seen else len(whole.history_["loss"])) == (last + 1) // every * every
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_dual_model_goes_on_as_well(images, small, weights, tmp_path):
    options = {"epochs": 4, "batch": 7}
    whole = ls.dual_vae(**options).fit(*pair(images))
    with pytest.raises(Stop):
        ls.dual_vae(**options).fit(*pair(images), checkpoint=tmp_path / "it", every=1, on_epoch=stop_at(1))
    assert torch.equal(weights(ls.dual_vae(**options).fit(*pair(images), checkpoint=tmp_path / "it")), weights(whole))


def test_a_finished_training_is_not_done_again(images, small, weights, tmp_path):
    first = ls.vae(epochs=3, **small).fit(images, checkpoint=tmp_path / "it")
    epochs = []
    again = ls.vae(epochs=3, **small).fit(images, checkpoint=tmp_path / "it", on_epoch=lambda *_: epochs.append(1))
    assert epochs == []
    assert torch.equal(weights(first), weights(again))


@pytest.mark.parametrize("other", [{"epochs": 4}, {"seed": 1}, {"beta_c": 2.0}, {"latent": 3}])
def test_a_checkpoint_of_other_options_is_refused(other, images, small, tmp_path):
    ls.vae(epochs=3, **small).fit(images, checkpoint=tmp_path / "it")
    with pytest.raises(InputError, match="checkpoint of this training"):
        ls.vae(**{"epochs": 3, **small, **other}).fit(images, checkpoint=tmp_path / "it")


def test_a_checkpoint_of_other_samples_is_refused(images, small, tmp_path):
    ls.vae(epochs=3, **small).fit(images, checkpoint=tmp_path / "it")
    for others in (images[:-1], images[::-1].copy()):
        with pytest.raises(InputError, match="other samples"):
            ls.vae(epochs=3, **small).fit(others, checkpoint=tmp_path / "it")


@pytest.mark.parametrize("content", [b"", b"no checkpoint at all", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_a_file_of_something_else_is_refused_and_left_alone(content, images, small, tmp_path):
    path = tmp_path / "it"
    path.write_bytes(content)
    with pytest.raises(InputError, match="checkpoint written by latscape"):
        ls.vae(epochs=3, **small).fit(images, checkpoint=path)
    assert path.read_bytes() == content


def test_a_model_file_is_no_checkpoint(images, small, tmp_path):
    path = ls.vae(epochs=1, **small).fit(images).save(tmp_path / "model")
    with pytest.raises(InputError, match="checkpoint written by latscape"):
        ls.vae(epochs=1, **small).fit(images, checkpoint=path)


def test_a_loss_that_is_not_finite_leaves_the_last_good_checkpoint(images, small, weights, tmp_path):
    def breaks(output, batch, step):
        return output.nll[:, 0] * (math.nan if step.epoch >= at else 0.0)

    at, path = 3, tmp_path / "it"
    options = {"epochs": 5, "terms": {"breaks": (breaks, 1.0)}, **small}
    with pytest.raises(TrainingError, match=r"(?s)'breaks'.*epoch 3.*holds an earlier epoch"):
        ls.vae(**options).fit(images, checkpoint=path, every=1)
    at = 9
    assert torch.equal(weights(ls.vae(**options).fit(images, checkpoint=path)), weights(ls.vae(**options).fit(images)))


@pytest.mark.parametrize("every", [0, -1, 1.5])
def test_checkpoints_are_some_epochs_apart(every, images, small, refused, tmp_path):
    with refused():
        ls.vae(epochs=1, **small).fit(images, checkpoint=tmp_path / "it", every=every)


def test_a_place_that_cannot_be_written_is_named(images, small, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="place that can be written"):
        ls.vae(epochs=1, **small).fit(images, checkpoint=tmp_path / "file" / "it")
