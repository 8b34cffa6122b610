"""Schedules are honoured epoch by epoch, and a user's own term trains the model."""

import math

import numpy as np
import pytest
import torch

import latscape as ls
from latscape.autoencoders.likelihoods import Gaussian
from latscape.autoencoders.samples import flatten
from latscape.errors import TrainingError


def far_content(output, batch, step):
    """Pull every content number to 3."""
    return (output.sample["content"] - 3.0).square().sum(dim=1)


def test_the_loss_of_every_epoch_is_the_weighted_sum_of_its_terms(images, small):
    beta_c, beta_d, own = ls.cooldown(40, 3, 0.2, 0.8), [0.0, 1.0, 5.0, 2.0, 0.5], ls.periodic(0, 2, 2)
    model = ls.jrvae(
        3, shift=0.1, epochs=5, beta_c=beta_c, beta_d=beta_d, terms={"far": (far_content, own)}, **small
    ).fit(images)
    history = {name: np.array(values) for name, values in model.history_.items()}
    t = np.linspace(0, 1, 5)
    expected = (
        history["reconstruction"]
        + beta_c(t) * history["kl_continuous"]
        + np.array(beta_d) * history["kl_discrete"]
        + own(t) * history["far"]
    )
    assert set(history) == {"loss", "reconstruction", "kl_continuous", "kl_discrete", "far"}
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-5)


def test_capacities_are_honoured_epoch_by_epoch(images, small):
    """beta |KL - C(t)| of each sample; the learning rate is zero, so that the KL of every epoch is the first one's."""
    capacity_c, capacity_d = [0.0, 0.5, 50.0, 3.0], ls.linear(0.0, 2.0)
    options = {"epochs": 4, "learning_rate": 0.0, "shift": 0.1, **small}
    plain = ls.jrvae(3, **options).fit(images)
    model = ls.jrvae(3, capacity_c=capacity_c, capacity_d=capacity_d, beta_c=2.0, beta_d=7.0, **options).fit(images)
    with torch.no_grad():
        q = plain.model_.encode(flatten(images, "cpu"))
        kl = {name: value.numpy() for name, value in plain.model_.latent.kl(q).items()}
    discrete = kl.pop("class")
    for epoch in range(4):
        expected_c = np.abs(sum(kl.values()) - capacity_c[epoch]).mean()
        expected_d = np.abs(discrete - 2.0 * epoch / 3).mean()
        assert model.history_["kl_continuous"][epoch] == pytest.approx(expected_c, rel=1e-5)
        assert model.history_["kl_discrete"][epoch] == pytest.approx(expected_d, rel=1e-5)
        expected = model.history_["reconstruction"][epoch] + 2.0 * expected_c + 7.0 * expected_d
        assert model.history_["loss"][epoch] == pytest.approx(expected, rel=1e-5)


def test_a_heavy_capacity_makes_the_latents_carry_just_so_much(small):
    images = np.random.default_rng(0).uniform(size=(40, 6, 8))
    model = ls.vae(capacity_c=4.0, beta_c=200.0, epochs=150, learning_rate=1e-2, **small).fit(images)
    with torch.no_grad():
        kl = model.model_.latent.kl(model.model_.encode(flatten(images.astype(np.float32), "cpu")))["content"]
    assert float(kl.mean()) == pytest.approx(4.0, abs=0.2)
    free = ls.vae(beta_c=200.0, epochs=150, learning_rate=1e-2, **small).fit(images)
    assert free.history_["kl_continuous"][-1] < 0.1


def test_the_pose_may_have_a_weight_of_its_own(images, small):
    beta_pose = [0.5, 2.0, 0.0]
    model = ls.rvae(shift=0.1, epochs=3, beta_c=4.0, beta_pose=beta_pose, **small).fit(images)
    history = {name: np.array(values) for name, values in model.history_.items()}
    assert set(history) == {"loss", "reconstruction", "kl_continuous", "kl_pose"}
    expected = history["reconstruction"] + 4.0 * history["kl_continuous"] + np.array(beta_pose) * history["kl_pose"]
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-5)
    together = ls.rvae(shift=0.1, epochs=3, **small).fit(images)
    apart = ls.rvae(shift=0.1, epochs=3, beta_pose=1.0, **small).fit(images)
    np.testing.assert_allclose(apart.history_["loss"], together.history_["loss"], rtol=1e-5)


def test_a_negative_capacity_is_refused(images, small, refused):
    with refused():
        ls.vae(epochs=1, capacity_c=-1.0, **small).fit(images)


@pytest.mark.parametrize(
    "decoder", [ls.WarpDecoder(), ls.FactorisedDecoder(), ls.CoordinateDecoder(), ls.DenseDecoder()]
)
def test_mixed_precision_trains_nearly_the_same_model_and_evaluates_in_full(images, decoder):
    pose = {} if isinstance(decoder, ls.DenseDecoder) else {"pose": (ls.Rotation(), ls.Translation())}
    options = {"classes": 3, "decoder": decoder, "epochs": 5, "batch": 8, **pose}
    full = ls.VAE(**options).fit(images)
    mixed = ls.VAE(precision="bfloat16", **options).fit(images)
    assert {value.dtype for value in mixed.model_.state_dict().values()} == {torch.float32}
    np.testing.assert_allclose(mixed.history_["loss"], full.history_["loss"], rtol=5e-3)
    assert mixed.history_["loss"] != full.history_["loss"]
    mixed.model_.load_state_dict(full.model_.state_dict())
    np.testing.assert_array_equal(mixed.score_samples(images), full.score_samples(images))


def test_a_precision_nobody_knows_is_refused(images, small, refused):
    with refused():
        ls.vae(epochs=1, precision="float16", **small).fit(images)


def test_a_bar_is_shown_on_a_terminal_and_nothing_elsewhere(images, small, capsys, monkeypatch):
    ls.vae(epochs=2, **small).fit(images)
    assert capsys.readouterr() == ("", "")
    seen = []
    ls.vae(epochs=2, **small).fit(images, progress=True, on_epoch=lambda epoch, means: seen.append(epoch))
    assert "2/2" in capsys.readouterr().err
    assert seen == [0, 1]
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    ls.vae(epochs=2, **small).fit(images)
    assert "VAE" in capsys.readouterr().err
    ls.vae(epochs=2, **small).fit(images, progress=False)
    ls.vae(epochs=2, **small).fit(images, on_epoch=lambda *_: None)
    assert capsys.readouterr() == ("", "")


def test_a_bar_within_a_bar_is_left_out(images, small):
    model = ls.vae(epochs=2, **small)
    inner = []
    model.fit(
        images, progress=True, on_epoch=lambda *_: inner.append(ls.vae(epochs=1, **small).fit(images, progress=True))
    )
    assert len(inner) == 2


def test_a_model_without_classes_has_no_discrete_term(images, small):
    model = ls.rvae(epochs=1, **small).fit(images)
    assert set(model.history_) == {"loss", "reconstruction", "kl_continuous"}


def test_a_curve_and_its_values_train_the_same_model(images, small, weights):
    curve = ls.linear(5, 1)
    first = ls.vae(epochs=4, beta_c=curve, **small).fit(images)
    second = ls.vae(epochs=4, beta_c=curve(np.linspace(0, 1, 4)), **small).fit(images)
    assert torch.equal(weights(first), weights(second))


def test_the_learning_rate_of_each_epoch_is_used(images, small, weights):
    one = ls.vae(epochs=1, learning_rate=1e-2, **small).fit(images)
    stopped = ls.vae(epochs=3, learning_rate=[1e-2, 0.0, 0.0], **small).fit(images)
    moving = ls.vae(epochs=3, learning_rate=1e-2, **small).fit(images)
    assert torch.equal(weights(one), weights(stopped))
    assert not torch.allclose(weights(one), weights(moving))


def test_the_history_is_the_mean_over_samples_also_when_the_last_batch_is_small(images, small):
    model = ls.rvae(epochs=1, learning_rate=0.0, **{**small, "batch": 7}).fit(images)
    with torch.no_grad():
        kl = model.model_.latent.kl(model.model_.encode(flatten(images, "cpu")))
    assert model.history_["kl_continuous"][0] == pytest.approx(float(sum(kl.values()).mean()), rel=1e-5)


def test_every_sample_is_seen_once_an_epoch(images, small):
    seen = []

    def note(output, batch, step):
        seen.append((step.epoch, step.epochs, batch.x.clone()))
        return output.nll[:, 0] * 0

    ls.vae(epochs=2, terms={"note": (note, 1.0)}, **{**small, "batch": 7}).fit(images)
    orders = []
    for epoch in (0, 1):
        batches = [batch for at, epochs, batch in seen if at == epoch and epochs == 2]
        assert [len(batch) for batch in batches] == [7, 7, 7, 3]
        orders.append(torch.cat(batches).numpy())
        np.testing.assert_array_equal(np.unique(orders[-1], axis=0), np.unique(images.reshape(24, -1), axis=0))
    assert not np.array_equal(*orders)


def test_an_own_term_carries_gradient(images, small):
    options = {"epochs": 60, "learning_rate": 1e-2, "beta_c": 0.1, **small}
    pulled = ls.vae(terms={"far": (far_content, 100.0)}, **options).fit(images).transform(images)
    free = ls.vae(**options).fit(images).transform(images)
    assert np.abs(pulled - 3).max() < 0.5
    assert np.abs(free - 3).mean() > 1.5


@pytest.mark.parametrize("validation", [0.0, 0.25])
def test_an_own_term_knows_which_samples_it_sees(images, small, validation):
    def note(output, batch, step):
        torch.testing.assert_close(batch.x, torch.from_numpy(images.reshape(24, -1))[batch.index])
        return output.nll[:, 0] * 0

    ls.vae(epochs=2, validation=validation, terms={"note": (note, 1.0)}, **small).fit(images)


def test_a_term_over_neighbours_smooths_the_map_of_the_latents():
    """A row of pixels, each with a noisy curve: neighbours are to have near contents."""
    where, generator = torch.arange(60), np.random.default_rng(0)
    curves = np.sin(np.linspace(0, 6, 20) + np.linspace(0, 3, 60)[:, None]) + generator.normal(0, 0.5, (60, 20))

    def rough(output, batch, step):
        z, at = output.sample["content"], where[batch.index]
        near = (at[:, None] - at).abs() == 1
        return (near * torch.cdist(z, z).square()).sum(dim=1)

    options = {"likelihood": Gaussian(0.5), "epochs": 60, "batch": 60, "learning_rate": 1e-2}
    free, smooth = (ls.vae(terms={"rough": (rough, weight)}, **options).fit(curves) for weight in (0.0, 3.0))
    step = [np.abs(np.diff(model.transform(curves), axis=0)).mean() for model in (free, smooth)]
    assert step[1] < 0.5 * step[0]


def test_tensors_are_taken_as_arrays_are(images, small, weights):
    tensor = torch.from_numpy(images).requires_grad_()
    assert torch.equal(*(weights(ls.vae(epochs=1, **small).fit(x)) for x in (images, tensor)))


def test_an_own_term_of_zero_weight_changes_nothing(images, small, weights):
    without = ls.vae(epochs=3, **small).fit(images)
    watched = ls.vae(epochs=3, terms={"far": (far_content, 0.0)}, **small).fit(images)
    assert torch.equal(weights(without), weights(watched))
    assert watched.history_["loss"] == without.history_["loss"]
    assert len(watched.history_["far"]) == 3


def test_an_own_term_acts_only_in_the_epochs_its_schedule_names(images, small, weights):
    without = ls.vae(epochs=3, **small).fit(images)
    late = ls.vae(epochs=3, terms={"far": (far_content, [0.0, 0.0, 10.0])}, **small).fit(images)
    assert late.history_["loss"][:2] == without.history_["loss"][:2]
    assert not torch.allclose(weights(without), weights(late))


@pytest.mark.parametrize("name", ["reconstruction", "kl_continuous", "loss"])
def test_an_own_term_does_not_take_the_name_of_another(images, small, refused, name):
    with refused():
        ls.vae(epochs=1, terms={name: (far_content, 1.0)}, **small).fit(images)


def test_an_own_term_without_a_schedule_is_refused(images, small, refused):
    with refused():
        ls.vae(epochs=1, terms={"far": far_content}, **small).fit(images)


def test_the_watcher_gets_the_means_of_every_epoch_as_the_history_keeps_them(images, small):
    seen = []
    model = ls.vae(epochs=3, **small).fit(images, on_epoch=lambda epoch, means: seen.append((epoch, dict(means))))
    assert [epoch for epoch, _ in seen] == [0, 1, 2]
    for name, values in model.history_.items():
        assert [means[name] for _, means in seen] == values


def test_training_lowers_the_loss_and_raises_the_score(small):
    brightness = np.random.default_rng(0).uniform(size=(40, 1, 1))
    images = brightness * np.linspace(0, 1, 48).reshape(1, 6, 8)
    first = ls.vae(epochs=1, learning_rate=0.0, **small).fit(images)
    trained = ls.vae(epochs=30, learning_rate=1e-2, **small).fit(images)
    assert trained.score(images) > first.score(images) + 5
    assert trained.history_["loss"][-1] < trained.history_["loss"][0] - 5


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_a_term_that_is_not_finite_stops_training_and_is_named_with_its_epoch(images, small, value):
    def breaks(output, batch, step):
        return output.nll[:, 0] * (value if step.epoch == 2 else 0.0)

    with pytest.raises(TrainingError, match=r"'breaks'.*epoch 2"):
        ls.vae(epochs=4, terms={"breaks": (breaks, 1.0)}, **small).fit(images)


def test_a_learning_rate_that_is_too_high_stops_training_with_a_named_term(images, small):
    with pytest.raises(TrainingError, match=r"'(reconstruction|kl_continuous)'.*epoch \d.*learning rate"):
        ls.vae(epochs=4, learning_rate=1e30, likelihood=Gaussian(), **small).fit(images)


def test_a_model_whose_training_failed_does_not_count_as_fitted(images, small, refused):
    model = ls.vae(epochs=4, learning_rate=1e30, likelihood=Gaussian(), **small)
    with pytest.raises(TrainingError):
        model.fit(images)
    with refused():
        model.transform(images)


def test_training_ends_where_the_caller_says_with_the_weights_of_that_epoch(images, small):
    options = {**small, "epochs": 5}
    seen = []

    def until(epoch, model):
        seen.append(model.score(images))
        return epoch == 2

    ended = ls.jrvae(3, **options).fit(images, until=until)
    other = ls.jrvae(3, **{**options, "epochs": 3}).fit(images)
    assert len(ended.history_["loss"]) == 3
    assert ended.score(images) == seen[-1] == other.score(images)
    assert len(set(seen)) == 3
    assert ended.epochs == 5
