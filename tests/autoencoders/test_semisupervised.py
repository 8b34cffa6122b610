"""Model M2: known classes and factors against sums over all classes, closed forms, and what they are good for."""

import math

import numpy as np
import pytest
import torch
from torch import distributions as D
from torch.nn import functional as F

import latscape as ls
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.likelihoods import Bernoulli
from latscape.autoencoders.model import Autoencoder
from latscape.autoencoders.output import negative_elbo
from latscape.autoencoders.terms import Divergence, Step, Supervised, reconstruction
from latscape.nets.encoders import DenseEncoder
from latscape.nets.warp import WarpDecoder

BATCH, STEP = 6, Step(0, 1)
X = torch.rand(BATCH, 30, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
LABELS = torch.tensor([2, -1, 0, -1, 1, 2])
SMALL = {"encoder": DenseEncoder(hidden=(16,)), "decoder": WarpDecoder(hidden=(8,)), "batch": 10}


def build(classes: int = 3, factors: int = 0) -> tuple[Autoencoder, torch.Tensor]:
    """A model with rotation, and noise for it."""
    model = Autoencoder(
        shape=(5, 6),
        channels=1,
        content=2,
        classes=classes,
        factors=factors,
        pose=(ls.Rotation(0.5),),
        encoder=DenseEncoder(hidden=(8,)),
        decoder=WarpDecoder(hidden=(8,)),
        likelihood=Bernoulli(),
        generator=torch.Generator().manual_seed(0),
    ).double()
    noise = torch.randn(BATCH, model.noise_width, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return model, noise


def test_the_bound_is_the_sum_over_classes_where_none_is_known_and_one_class_where_it_is():
    """-L(x, y) and -U(x) of Kingma et al. 2014, eqs. 6 and 7, one class of one sample at a time."""
    model, noise = build()
    got = negative_elbo(model(Batch(X, observed={"class": LABELS}), noise))
    posterior = model.encode(X)
    rotation, content = (D.Normal(posterior[name].mean, posterior[name].std) for name in ("rotation", "content"))
    drawn = {
        "rotation": rotation.loc + rotation.scale * noise[:, :1],
        "content": content.loc + content.scale * noise[:, 1:],
    }
    divergence = D.kl_divergence(rotation, D.Normal(0.0, 0.5)).sum(1) + D.kl_divergence(
        content, D.Normal(0.0, 1.0)
    ).sum(1)
    for index in range(BATCH):
        logits = model.decode({name: value[index : index + 1] for name, value in drawn.items()})[0]
        bounds = [  # -L(x, k): what the sample costs if its class is k
            -D.Bernoulli(logits=logits[k], validate_args=False).log_prob(X[index]).sum()
            + divergence[index]
            + math.log(3)
            for k in range(3)
        ]
        q = D.Categorical(logits=posterior["class"].log_probs[index])
        label = int(LABELS[index])
        expected = bounds[label] if label >= 0 else sum(q.probs[k] * bounds[k] for k in range(3)) - q.entropy()
        torch.testing.assert_close(got[index], expected)


def test_known_labels_are_the_enumerated_model_with_certain_probabilities():
    model, noise = build()
    known = LABELS.clamp(min=0)
    seen = model(Batch(X, observed={"class": known}), noise)
    certain = F.one_hot(known, 3).double()
    torch.testing.assert_close(seen.class_probs, certain)
    enumerated = model(Batch(X), noise)
    expected = (certain * enumerated.nll).sum(1)
    torch.testing.assert_close(reconstruction(seen, Batch(X), STEP), expected)
    continuous, discrete = (Divergence(names, np.zeros(1)) for names in (("rotation", "content"), ("class",)))
    torch.testing.assert_close(continuous(seen, Batch(X), STEP), continuous(enumerated, Batch(X), STEP))
    entropy_free = D.kl_divergence(D.Categorical(probs=certain), D.Categorical(logits=torch.zeros(3).double()))
    torch.testing.assert_close(discrete(seen, Batch(X), STEP), entropy_free)


def test_unknown_labels_change_nothing():
    model, noise = build()
    without = model(Batch(X), noise)
    unknown = model(Batch(X, observed={"class": torch.full((BATCH,), -1)}), noise)
    torch.testing.assert_close(negative_elbo(unknown), negative_elbo(without))


def test_the_classification_term_is_the_cross_entropy_of_the_known_and_pulls_only_on_them():
    model, noise = build()
    batch = Batch(X, observed={"class": LABELS})
    output = model(batch, noise)
    term = Supervised("class", share=4 / 6)(output, batch, STEP)
    known = LABELS >= 0
    log_probs = output.posterior["class"].log_probs
    assert float(term.detach().mean()) == pytest.approx(float(F.nll_loss(log_probs[known], LABELS[known]).detach()))
    (gradient,) = torch.autograd.grad(term.sum(), log_probs)
    assert (gradient[~known] == 0).all()
    assert (gradient[known].sum(1) < 0).all()


def test_known_factors_are_decoded_as_they_are_and_unknown_ones_are_drawn():
    model, noise = build(classes=0, factors=2)
    values = torch.tensor([[0.5, np.nan], [np.nan, np.nan], [1.0, -1.0]] * 2, dtype=torch.float64)
    batch = Batch(X, observed={"factor": values})
    output = model(batch, noise)
    known = ~values.isnan()
    q = output.posterior["factor"]
    torch.testing.assert_close(output.sample["factor"][known], values[known])
    torch.testing.assert_close(output.sample["factor"][~known], (q.mean + q.std * noise[:, 3:])[~known])
    normal, prior = D.Normal(q.mean, q.std), D.Normal(torch.zeros_like(q.mean), torch.ones_like(q.std))
    each = torch.where(known, -prior.log_prob(values.nan_to_num()), D.kl_divergence(normal, prior))
    torch.testing.assert_close(output.kl["factor"], each.sum(1))
    term = Supervised("factor", share=1.0)(output, batch, STEP)
    expected = -torch.where(known, normal.log_prob(values.nan_to_num()), 0.0).sum(1)
    torch.testing.assert_close(term, expected)
    (negative_elbo(output) + term).sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


def test_the_history_names_the_term_and_means_over_the_labelled(images):
    y = np.where(np.arange(24) < 6, np.arange(24) % 3, -1)
    model = ls.ssvae(3, epochs=1, learning_rate=0.0, **SMALL).fit(images, y)
    expected = -np.log(model.predict_proba(images)[np.arange(6), y[:6]]).mean()
    assert model.history_["classification"][0] == pytest.approx(expected, rel=1e-4)


def test_the_weight_of_the_classification_is_scheduled(images):
    y = np.where(np.arange(24) < 6, np.arange(24) % 3, -1)
    history = ls.ssvae(3, epochs=3, alpha=[0.0, 5.0, 1.0], **SMALL).fit(images, y).history_
    parts = [history[name] for name in ("reconstruction", "kl_continuous", "kl_discrete", "classification")]
    weights = [1.0, 1.0, 1.0, np.array([0.0, 5.0, 1.0])]
    np.testing.assert_allclose(
        history["loss"], sum(np.array(p) * w for p, w in zip(parts, weights, strict=True)), rtol=1e-5
    )


def bars(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """An upright or a lying bar, or a cross, of random place and brightness under noise, and which."""
    generator = np.random.default_rng(seed)
    labels, shift = generator.integers(0, 3, n), generator.normal(0, 0.1, (n, 2, 1, 1))
    at = np.linspace(-1, 1, 10)
    across, along = np.exp(-((at - shift[:, 0]) ** 2) / 0.05), np.exp(-((at[:, None] - shift[:, 1]) ** 2) / 0.05)
    images = np.where((labels != 1)[:, None, None], across, 0) + np.where((labels != 0)[:, None, None], along, 0)
    return np.clip(images * 0.8 + generator.normal(0, 0.1, images.shape), 0, 1), labels


def test_three_labels_a_class_name_what_two_hundred_images_show():
    images, labels = bars(200, 0)
    first = np.concatenate([np.flatnonzero(labels == k)[:3] for k in range(3)])
    y = np.full(200, -1)
    y[first] = labels[first]
    options = {"encoder": DenseEncoder(hidden=(32,)), "decoder": WarpDecoder(hidden=(16,)), "batch": 20}
    model = ls.ssvae(3, epochs=40, learning_rate=3e-3, **options).fit(images, y)
    held, truth = bars(200, 1)
    assert (model.predict(held) == truth).mean() > 0.9
    manifold = model.manifold(1)[:, 0]
    for label in range(3):
        assert np.square(manifold - images[labels == label].mean(axis=0)).mean(axis=(1, 2)).argmin() == label


def test_a_factor_known_of_some_is_predicted_for_the_others_in_its_unit():
    generator = np.random.default_rng(0)
    brightness = generator.uniform(0.1, 0.9, 300)
    images = np.clip(brightness[:, None, None] * np.ones((1, 6, 6)) + generator.normal(0, 0.05, (300, 6, 6)), 0, 1)
    kelvin = 300 + 1000 * brightness
    y = np.where(np.arange(300) < 30, kelvin, np.nan)
    model = ls.ssvae(factors=1, epochs=60, learning_rate=5e-3, **{**SMALL, "batch": 20}).fit(images, y)
    mean, std = model.predict(images[30:], return_std=True)
    error = mean - kelvin[30:]
    assert np.sqrt(np.mean(error**2)) < 50
    assert mean.shape == std.shape == (270,)
    assert (std > 0).all()
    np.testing.assert_allclose(model.encode(images)["factor"].mean[:, 0], model.predict(images))
    dark, bright = model.decode([[0.0, 0.0]] * 2, y=[500.0, 1100.0]).mean(axis=(1, 2, 3))
    assert bright - dark == pytest.approx(0.6, abs=0.15)
    assert "regression" in model.history_


def test_a_score_with_labels_is_the_labelled_bound(images):
    y = np.where(np.arange(24) < 12, np.arange(24) % 3, -1)
    model = ls.ssrvae(3, epochs=1, **SMALL).fit(images, y)
    with_y, without = model.score_samples(images, y), model.score_samples(images)
    np.testing.assert_allclose(with_y[12:], without[12:], rtol=1e-6)
    assert (with_y[:12] != without[:12]).all()


@pytest.mark.parametrize("known", ["labels", "factors"])
def test_a_semi_supervised_model_returns_from_its_file(known, images, tmp_path):
    y = np.where(np.arange(24) < 6, np.arange(24.0) % 3, -1 if known == "labels" else np.nan)
    model = ls.ssvae(3, epochs=1, **SMALL) if known == "labels" else ls.ssvae(factors=1, epochs=1, **SMALL)
    model.fit(images, y)
    loaded = ls.load(model.save(tmp_path / "model.safetensors"))
    np.testing.assert_array_equal(loaded.predict(images), model.predict(images))
    np.testing.assert_array_equal(loaded.score_samples(images, y), model.score_samples(images, y))
    assert loaded.statistics_ == model.statistics_
