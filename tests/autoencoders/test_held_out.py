"""Samples that are held out are not trained on, their ELBO is logged, and patience ends with the best weights."""

import numpy as np
import pytest
import torch

import latscape as ls
from latscape.autoencoders.validation import ValidationSet


def test_what_is_held_out_is_never_seen_and_all_else_is(images, small):
    seen = []

    def note(output, batch, step):
        seen.append(batch.x.clone())
        return output.nll[:, 0] * 0

    model = ls.vae(epochs=1, validation=0.25, terms={"note": (note, 1.0)}, **small).fit(images)
    rows = torch.cat(seen).numpy()
    assert len(np.unique(rows, axis=0)) == len(rows) == 18
    assert len(model.history_["validation"]) == 1


def test_the_held_out_elbo_is_that_of_the_weights_of_its_epoch(images, small):
    options = {"validation": 0.5, "learning_rate": 1e-2, **small}
    model = ls.vae(epochs=6, **options).fit(images)
    shorter = ls.vae(epochs=4, **options).fit(images)
    assert model.history_["validation"][:4] == shorter.history_["validation"]
    # Within the noise of single draws of the score of all samples.
    assert model.history_["validation"][-1] == pytest.approx(model.score(images), rel=0.1)


def overfitting(patience, epochs):
    images = np.random.default_rng(1).uniform(size=(16, 6, 8))
    options = {"validation": 0.25, "learning_rate": 2e-2, "beta_c": 0.0, "latent": 8, "epochs": epochs, "batch": 12}
    return ls.vae(patience=patience, **options).fit(images)


def test_patience_ends_a_training_that_only_overfits_with_the_weights_of_its_best_epoch(weights):
    model = overfitting(patience=5, epochs=200)
    elbo = model.history_["validation"]
    assert len(elbo) < 200
    best = int(np.argmax(elbo))
    assert len(elbo) == best + 1 + 5
    assert torch.equal(weights(model), weights(overfitting(patience=0, epochs=best + 1)))


def test_without_patience_the_last_weights_are_kept(weights):
    model = overfitting(patience=0, epochs=30)
    assert len(model.history_["validation"]) == 30
    assert int(np.argmax(model.history_["validation"])) < 29
    assert not torch.equal(weights(model), weights(overfitting(patience=30, epochs=30)))


def test_looking_changes_nothing(images, small, weights, monkeypatch):
    """The look has noise and a generator of its own, and leaves the model training."""
    options = {"epochs": 2, "validation": 0.25, "classes": 5, "class_samples": 2, **small}
    looked = ls.VAE(**options).fit(images)
    monkeypatch.setattr(ValidationSet, "look", lambda self, model: 0.0)
    assert torch.equal(weights(ls.VAE(**options).fit(images)), weights(looked))


@pytest.mark.parametrize(
    "options", [{"validation": 1.0}, {"validation": -0.1}, {"validation": 0.01}, {"validation": 0.97}, {"patience": 3}]
)
def test_shares_that_leave_nothing_are_refused(options, images, small, refused):
    with refused():
        ls.vae(epochs=1, **options, **small).fit(images)
