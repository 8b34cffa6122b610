"""Rotation from several starts: every start is a hypothesis of its own, and nobody but the model has to know."""

import math

import numpy as np
import pytest
import torch

import latscape as ls
from latscape.autoencoders.batch import Batch
from latscape.errors import InputError
from latscape.geometry.grid import pixel_grid
from latscape.latent.blocks import Categorical, CategoricalPosterior
from latscape.metrics import circular_correlation
from tests.nets.contracts import IMAGE, model_of

POSE = (ls.Scale(), ls.Shear(), ls.Rotation(0.5, starts=3), ls.Translation())


def flags(n=200, size=12):
    """A bar with a bright end and a spot on one side, at any angle."""
    angle = np.random.default_rng(0).uniform(-np.pi, np.pi, n)
    at = pixel_grid(size, size).numpy()
    u = np.cos(angle)[:, None] * at[:, 0] + np.sin(angle)[:, None] * at[:, 1]
    v = np.cos(angle)[:, None] * at[:, 1] - np.sin(angle)[:, None] * at[:, 0]
    bar, spot = np.exp(-(u**2) / 0.2 - v**2 / 0.02), np.exp(-((u - 0.45) ** 2 + v**2) / 0.04)
    return np.clip(0.6 * bar + spot, 0, 1).reshape(-1, size, size), angle


def test_every_start_is_the_model_with_so_much_added_to_its_angle():
    draw = torch.Generator().manual_seed(0)
    several = model_of(decoder=ls.WarpDecoder(hidden=(8,)), pose=POSE)
    single = model_of(decoder=ls.WarpDecoder(hidden=(8,)), pose=(*POSE[:2], ls.Rotation(0.5), POSE[3]))
    single.decoder.load_state_dict(several.decoder.state_dict())
    widths = {"scale": 1, "shear": 1, "rotation": 1, "translation": 2, "content": 2}
    values = {name: 0.3 * torch.randn(4, k, generator=draw, dtype=torch.float64) for name, k in widths.items()}
    target = torch.rand(4, 2 * math.prod(IMAGE), generator=draw, dtype=torch.float64)
    found, every = several.nll(values, target).unflatten(1, (3, 3)), several.decode_every(values).unflatten(1, (3, 3))
    for start in range(3):
        turned = values | {"rotation": values["rotation"] + 2 * math.pi * start / 3}
        torch.testing.assert_close(found[:, :, start], single.nll(turned, target))
        torch.testing.assert_close(every[:, :, start], single.decode(turned))
        torch.testing.assert_close(several.decode(turned), single.decode(turned))


def test_few_of_the_hypotheses_are_scored_as_among_all():
    draw = torch.Generator().manual_seed(0)
    model = model_of(decoder=ls.WarpDecoder(hidden=(8,)), pose=POSE)
    values = model.latent.sample(model.encode(torch.rand(5, 70, dtype=torch.float64)), torch.zeros(5, 7))
    target = torch.rand(5, 70, generator=draw, dtype=torch.float64)
    chosen = torch.randint(9, (5, 4), generator=draw)
    torch.testing.assert_close(model.nll(values, target, chosen), model.nll(values, target).gather(1, chosen))


def test_a_known_class_leaves_its_starts_open():
    q = CategoricalPosterior(torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4]]).log(), starts=2)
    label = torch.tensor([0, -1])
    torch.testing.assert_close(q.observe(label).probs, torch.tensor([[1 / 3, 2 / 3, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]]))
    torch.testing.assert_close(q.log_prob(label).exp(), torch.tensor([0.3, 1.0]))
    torch.testing.assert_close(q.classes, torch.tensor([[0.3, 0.7], [0.3, 0.7]]))
    # KL(q(class, start) || uniform) = log K + KL of the starts, where the class is known.
    entropy = -(1 / 3) * math.log(1 / 3) - (2 / 3) * math.log(2 / 3)
    assert Categorical(2, 2).kl(q, label)[0] == pytest.approx(math.log(4) - entropy)
    assert q.best.tolist() == [3, 3]


def test_the_full_turn_is_found():
    images, angle = flags()
    decoder = ls.WarpDecoder(hidden=(8,), rank=2)
    model = ls.rvae(starts=8, latent=1, decoder=decoder, cycles=30, batch=25, learning_rate=5e-3).fit(images)
    found = model.encode(images)
    assert set(found) == {"rotation", "content"}
    assert circular_correlation(angle, found["rotation"].mean[:, 0]) > 0.95
    assert np.abs(found["rotation"].mean).max() <= np.pi
    assert list(model.history_) == ["loss", "reconstruction", "kl_continuous", "kl_discrete"]


def test_shapes_of_what_a_user_sees_do_not_know_about_starts(tmp_path):
    images = flags(24)[0]
    model = ls.jrvae(3, starts=4, class_samples=3, cycles=1).fit(images)
    assert model.predict_proba(images).shape == (24, 3)
    np.testing.assert_allclose(model.predict_proba(images).sum(1), 1, rtol=1e-5)
    assert model.decode([[0.0, 0.0]]).shape == (1, 3, 12, 12)
    assert model.manifold(2).shape == (3, 4, 12, 12)
    turned = model.decode([[0.0, 0.0]], {"rotation": [[np.pi / 2]]})[0, 0]
    np.testing.assert_allclose(turned, np.rot90(model.decode([[0.0, 0.0]])[0, 0]), atol=1e-4)
    again = ls.autoencoders.load(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(again.reconstruct(images), model.reconstruct(images))
    np.testing.assert_array_equal(again.score_samples(images), model.score_samples(images))


def test_labels_of_some_samples_train_a_model_with_starts():
    images, y = flags(24)[0], np.arange(24) % 3
    model = ls.ssrvae(3, starts=4, cycles=2).fit(images, np.where(np.arange(24) < 9, y, -1))
    assert np.isfinite(model.history_["classification"]).all()
    assert model.predict_proba(images).shape == (24, 3)


def test_scores_are_exact_however_few_classes_are_trained_with():
    images = flags(20)[0]
    exact, few = ls.jrvae(4, cycles=1), ls.jrvae(4, class_samples=2, cycles=1)
    exact.fit(images)
    few.fit_from(exact.model_.state_dict(), images, on_cycle=None)
    few.model_.load_state_dict(exact.model_.state_dict())
    np.testing.assert_allclose(few.score_samples(images), exact.score_samples(images), rtol=1e-6)
    batch, noise = Batch(torch.rand(2, 144)), torch.zeros(2, few.model_.noise_width)
    few.model_.train()
    assert few.model_(batch, noise).nll.shape == (2, 3)  # two classes and the baseline


@pytest.mark.parametrize("part", [{"starts": 0}, {"starts": 2.0}, {"prior": math.inf, "starts": 4}])
def test_starts_that_make_no_sense_are_refused(part):
    with pytest.raises(InputError, match="Expected at least one start"):
        ls.Rotation(**part)
