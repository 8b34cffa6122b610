"""Rotation from several starts: every start is a hypothesis of its own, and nobody but the model has to know."""

import math

import numpy as np
import pytest
import torch

import latscape as ls
from latscape.autoencoders.batch import Batch
from latscape.errors import InputError
from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import compose, invert
from latscape.latent.blocks import Categorical, CategoricalPosterior
from latscape.metrics import circular_correlation
from nets.contracts import IMAGE, model_of

SINGLE = {"rtol": 1e-4, "atol": 1e-5}  # starts are stored in single precision
QUICK = {"epochs": 30, "batch": 25, "learning_rate": 5e-3}
POSE = (ls.Scale(), ls.Shear(), ls.Rotation(0.5, n_orientations=3), ls.Translation())


def draw():
    return torch.Generator().manual_seed(0)


def flags(n=200, size=12):
    """A bar with a bright end and a spot on one side, at any angle."""
    angle = np.random.default_rng(0).uniform(-np.pi, np.pi, n)
    at = pixel_grid(size, size).numpy()
    u = np.cos(angle)[:, None] * at[:, 0] + np.sin(angle)[:, None] * at[:, 1]
    v = np.cos(angle)[:, None] * at[:, 1] - np.sin(angle)[:, None] * at[:, 0]
    bar, spot = np.exp(-(u**2) / 0.2 - v**2 / 0.02), np.exp(-((u - 0.45) ** 2 + v**2) / 0.04)
    return np.clip(0.6 * bar + spot, 0, 1).reshape(-1, size, size), angle


def test_a_start_is_the_model_that_sees_the_image_turned_back_and_counts_the_angle_from_there():
    several = model_of(decoder=ls.WarpDecoder(hidden=(8,)), pose=POSE)
    single = model_of(decoder=ls.WarpDecoder(hidden=(8,)), pose=(*POSE[:2], ls.Rotation(0.5), POSE[3]))
    single.load_state_dict(several.state_dict())
    x = torch.rand(4, 2 * math.prod(IMAGE), generator=draw(), dtype=torch.float64)
    noise = torch.randn(4, several.noise_width, generator=draw(), dtype=torch.float64)
    output, logits = several(Batch(x), noise), []
    for start, offset in enumerate(POSE[2].offsets):
        back = {"rotation": torch.full((4, 1), -offset, dtype=torch.float64)}
        images = x.unflatten(1, (2, *IMAGE))
        turned = sample(images, transform(invert(compose((ls.Rotation(),), back)), pixel_grid(*IMAGE).double()))
        q = single.encode(turned.flatten(1))
        values = single.latent.sample(q, noise)
        values["rotation"] = values["rotation"] + offset
        cos, sin = math.cos(offset), math.sin(offset)
        values["translation"] = values["translation"] @ torch.tensor([[cos, sin], [-sin, cos]], dtype=torch.float64)
        torch.testing.assert_close(output.nll.unflatten(1, (3, 3))[:, :, start], single.nll(values, x), **SINGLE)
        every = several.decode_every(output.sample).unflatten(1, (3, 3))
        torch.testing.assert_close(every[:, :, start], single.decode(values), **SINGLE)
        torch.testing.assert_close(
            output.posterior["content"].mean.unflatten(0, (4, 3))[:, start], q["content"].mean, **SINGLE
        )
        logits.append(q["class"].log_probs)  # normalised within the start, as softmax over all does not see
    joint = output.class_probs.unflatten(1, (3, 3))
    for start in range(3):
        torch.testing.assert_close(
            joint[:, :, start] / joint[:, :, start].sum(1, keepdim=True), logits[start].exp(), **SINGLE
        )


def test_the_divergence_is_that_of_the_joint_posterior_by_monte_carlo():
    """KL(q(class, start, z | x) || p) = E log q(start) + log q(class | start) + log q(z | start) - log p."""
    model = model_of(decoder=ls.WarpDecoder(hidden=(8,)), pose=(ls.Rotation(0.5, n_orientations=3),))
    with torch.no_grad():
        next(iter(model.encoder.parameters())).mul_(20)  # posteriors that depend on the start
    x = torch.rand(1, 2 * math.prod(IMAGE), generator=draw(), dtype=torch.float64)
    output = model(Batch(x), torch.zeros(1, 3, dtype=torch.float64))
    q, joint = output.posterior, output.class_probs[0]
    hypothesis = torch.multinomial(joint, 100_000, replacement=True, generator=draw())
    total = joint[hypothesis].log() + math.log(9)
    for name, prior in (("rotation", 0.5), ("content", 1.0)):
        mean, std = q[name].mean[hypothesis % 3], q[name].std[hypothesis % 3]
        z = mean + std * torch.randn(mean.shape, generator=draw(), dtype=torch.float64)
        ours, other = torch.distributions.Normal(mean, std), torch.distributions.Normal(0.0, prior)
        total = total + (ours.log_prob(z) - other.log_prob(z)).sum(1)
    expected = sum(float(value.detach()) for value in output.kl.values())
    assert float(total.detach().mean()) == pytest.approx(expected, abs=5 * float(total.detach().std()) / 100_000**0.5)
    assert abs(float(q["content"].mean.std(dim=0).max())) > 0.01


def test_few_of_the_hypotheses_are_scored_as_among_all():
    model = model_of(decoder=ls.WarpDecoder(hidden=(8,)), pose=POSE)
    values = model.latent.sample(model.encode(torch.rand(5, 70, dtype=torch.float64)), torch.zeros(15, 7))
    target = torch.rand(5, 70, generator=draw(), dtype=torch.float64)
    chosen = torch.randint(9, (5, 4), generator=draw())
    torch.testing.assert_close(model.nll(values, target, chosen), model.nll(values, target).gather(1, chosen))


def test_a_known_class_leaves_its_starts_open():
    q = CategoricalPosterior(torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.3, 0.4]]).log(), orientations=2)
    label = torch.tensor([0, -1])
    torch.testing.assert_close(q.observe(label).probs, torch.tensor([[1 / 3, 2 / 3, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]]))
    torch.testing.assert_close(q.log_prob(label).exp(), torch.tensor([0.3, 1.0]))
    torch.testing.assert_close(q.classes, torch.tensor([[0.3, 0.7], [0.3, 0.7]]))
    # KL(q(class, start) || uniform) = log K + KL of the starts, where the class is known.
    entropy = -(1 / 3) * math.log(1 / 3) - (2 / 3) * math.log(2 / 3)
    assert Categorical(2, 2).kl(q, label)[0] == pytest.approx(math.log(4) - entropy)
    assert q.best.tolist() == [3, 3]
    torch.testing.assert_close(q.at_start, torch.tensor([[0.4, 0.6], [0.4, 0.6]]))


def test_the_full_turn_is_found():
    images, angle = flags()
    decoder = ls.WarpDecoder(hidden=(8,), rank=2)
    model = ls.rvae(n_orientations=8, latent=1, decoder=decoder, **QUICK).fit(images)
    found = model.encode(images)
    assert set(found) == {"rotation", "content"}
    assert circular_correlation(angle, found["rotation"].mean[:, 0]) > 0.95
    assert np.abs(found["rotation"].mean).max() <= np.pi
    assert list(model.history_) == ["loss", "reconstruction", "kl_continuous", "kl_discrete"]


def test_shapes_of_what_a_user_sees_do_not_know_about_starts(tmp_path):
    images = flags(24)[0]
    model = ls.jrvae(3, n_orientations=4, class_samples=3, epochs=1).fit(images)
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
    model = ls.ssrvae(3, n_orientations=4, epochs=2).fit(images, np.where(np.arange(24) < 9, y, -1))
    assert np.isfinite(model.history_["classification"]).all()
    assert model.predict_proba(images).shape == (24, 3)


def test_factors_of_some_samples_train_a_model_with_starts():
    images = flags(24)[0]
    y = np.where(np.arange(24) < 9, np.linspace(0, 1, 24), np.nan)
    model = ls.ssvae(factors=1, pose=(ls.Rotation(0.4, n_orientations=4),), epochs=1, learning_rate=0.0).fit(images, y)
    x = torch.from_numpy(images.reshape(24, -1).astype(np.float32))
    with torch.no_grad():
        q = model.model_.encode(x)
    scaled = model.statistics_.scaled(y[:9, None]).repeat_interleave(4, 0)
    each = torch.distributions.Normal(q["factor"].mean[:36], q["factor"].std[:36]).log_prob(scaled).view(9, 4)
    expected = -(each.exp() * q["class"].probs[:9]).sum(1).log().mean()
    assert model.history_["regression"][0] == pytest.approx(float(expected), rel=1e-4)
    assert model.predict(images).shape == (24,)


def test_scores_are_exact_however_few_classes_are_trained_with():
    images = flags(20)[0]
    exact, few = ls.jrvae(4, epochs=1), ls.jrvae(4, class_samples=2, epochs=1)
    exact.fit(images)
    few.fit(images, weights=exact.model_.state_dict())
    few.model_.load_state_dict(exact.model_.state_dict())
    np.testing.assert_allclose(few.score_samples(images), exact.score_samples(images), rtol=1e-6)
    batch, noise = Batch(torch.rand(2, 144)), torch.zeros(2, few.model_.noise_width)
    few.model_.train()
    assert few.model_(batch, noise).nll.shape == (2, 3)  # two classes and the baseline


def test_turning_an_image_by_a_start_turns_all_that_is_inferred_of_it():
    """The encoder sees the same images in another order, so the pose turns with the image, and nothing else changes."""
    images = torch.rand(5, 1, 9, 9, generator=draw(), dtype=torch.float64)
    pose = (ls.Shear(), ls.Rotation(0.5, n_orientations=4), ls.Translation(0.2))
    model = model_of(shape=(9, 9), channels=1, decoder=ls.WarpDecoder(hidden=(8,)), pose=pose)
    before, after = (model.infer(x.flatten(1)) for x in (images, images.rot90(1, (2, 3))))
    turned = (after["rotation"].mean - before["rotation"].mean - math.pi / 2) / (2 * math.pi)
    torch.testing.assert_close(turned, turned.round(), rtol=0, atol=1e-5)
    x, y = before["translation"].mean.T
    torch.testing.assert_close(after["translation"].mean, torch.stack([-y, x], 1), **SINGLE)
    torch.testing.assert_close(after["translation"].std, before["translation"].std.flip(1), **SINGLE)
    for name in ("content", "shear"):
        torch.testing.assert_close(after[name].mean, before[name].mean, **SINGLE)
    torch.testing.assert_close(after["class"].classes, before["class"].classes, **SINGLE)


def test_angles_beyond_the_turn_need_no_start():
    images, angle = flags()
    near = np.abs(angle) < 1.5
    model = ls.rvae(n_orientations=3, turn=3.0, latent=1, decoder=ls.WarpDecoder(hidden=(8,), rank=2), **QUICK).fit(
        images[near]
    )
    assert circular_correlation(angle[near], model.encode(images[near])["rotation"].mean[:, 0]) > 0.95


def test_a_model_that_decodes_something_else_has_one_orientation():
    images = flags(24)[0]
    with pytest.raises(InputError, match="one orientation"):
        ls.VAE(supervision=ls.Paired(), pose=(ls.Rotation(0.4, n_orientations=3),), epochs=1).fit(images, images)
    with pytest.raises(InputError, match="one orientation"):
        ls.dual_vae(
            pose=(ls.Rotation(0.4, n_orientations=3),), decoders=(ls.WarpDecoder(), ls.DenseDecoder()), epochs=1
        ).fit(images, images)


@pytest.mark.parametrize(
    "part", [{"n_orientations": 0}, {"n_orientations": 2.0}, {"prior": math.inf, "n_orientations": 4}]
)
def test_orientations_that_make_no_sense_are_refused(part):
    with pytest.raises(InputError, match="Expected at least one orientation"):
        ls.Rotation(**part)
