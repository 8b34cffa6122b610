"""From samples of one kind to those of another, and how sure of it; the plain autoencoder."""

import numpy as np
import pytest
import torch

import latscape as ls
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import DenseEncoder

OPTIONS = {"encoder": DenseEncoder(hidden=(32,)), "decoder": DenseDecoder(hidden=(32,)), "batch": 20}


def relation(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A spot at height h, and a spectrum with its peak at h: (n, 8, 8) and (n, 30)."""
    h = np.random.default_rng(seed).uniform(-0.7, 0.7, n)
    at, energy = np.linspace(-1, 1, 8), np.linspace(-1, 1, 30)
    images = np.exp(-((at[None, :, None] - h[:, None, None]) ** 2 + at[None, None, :] ** 2) / 0.1)
    return images, np.exp(-((energy - h[:, None]) ** 2) / 0.05)


@pytest.fixture(scope="module")
def trained():
    return ls.ved(latent=1, epochs=60, learning_rate=5e-3, **OPTIONS).fit(*relation(200, 0))


def test_spectra_of_images_never_seen_are_predicted(trained):
    images, spectra = relation(100, 1)
    predicted = trained.predict(images)
    assert predicted.shape == spectra.shape
    assert np.mean((predicted - spectra) ** 2) < 0.1 * np.var(spectra)


def test_the_other_way_round_is_the_same_call():
    images, spectra = relation(200, 0)
    model = ls.ved(latent=1, epochs=60, learning_rate=5e-3, **OPTIONS).fit(spectra, images)
    assert model.predict(spectra).shape == images.shape
    assert np.mean((model.predict(spectra) - images) ** 2) < 0.15 * np.var(images)


def test_the_deviation_is_that_of_the_latent_and_of_the_likelihood_by_the_law_of_total_variance(trained):
    images, _ = relation(5, 2)
    mean, std = trained.predict(images, return_std=True, draws=4000)
    flat = torch.from_numpy(images.reshape(5, -1)).float()
    with torch.no_grad():
        q = trained.model_.encode(flat)["content"]
        noise = torch.randn(4000, 5, 1, generator=torch.Generator().manual_seed(9))
        decoded = torch.stack([trained.model_.decode({"content": q.mean + q.std * row})[:, 0] for row in noise]).numpy()
    np.testing.assert_allclose(mean, decoded.mean(0), atol=5 * decoded.std(0).max() * (2 / 4000) ** 0.5)
    np.testing.assert_allclose(std, np.sqrt(decoded.var(0) + 0.1**2), rtol=0.1)


def test_a_prediction_is_one_number_whoever_asks_and_alone_or_among_others(trained):
    images, _ = relation(7, 3)
    np.testing.assert_array_equal(trained.predict(images), trained.predict(images, return_std=True)[0])
    np.testing.assert_allclose(trained.predict(images[2:3]), trained.predict(images)[2:3], atol=1e-6)


def test_noisy_images_come_back_clean():
    clean, _ = relation(200, 0)
    noisy = clean + np.random.default_rng(0).normal(0, 0.3, clean.shape)
    held, _ = relation(100, 1)
    spoiled = held + np.random.default_rng(1).normal(0, 0.3, held.shape)
    model = ls.ved(likelihood=Bernoulli(), epochs=40, learning_rate=5e-3, **OPTIONS).fit(noisy, clean)
    assert np.mean((model.predict(spoiled) - held) ** 2) < 0.2 * np.mean((spoiled - held) ** 2)


def test_grey_becomes_colour_and_any_shape_any_other():
    colour = np.random.default_rng(0).uniform(size=(12, 4, 5, 3))
    model = ls.ved(epochs=1, **OPTIONS).fit(colour.mean(axis=3), colour)
    assert model.predict(colour.mean(axis=3)).shape == colour.shape
    assert model.reconstruct(colour.mean(axis=3)).shape == colour.shape
    assert model.decode([[0.0, 0.0]]).shape == (1, 1, 4, 5, 3)
    assert model.manifold(2).shape == (1, 4, 4, 5, 3)
    assert np.isfinite(model.score_samples(colour.mean(axis=3), colour)).all()


def test_a_pose_turns_what_is_decoded(small):
    frames = np.random.default_rng(0).uniform(size=(12, 6, 6))
    model = ls.ved(pose=(ls.Rotation(),), **{"epochs": 1, **small}).fit(frames[:-1], frames[1:])
    canonical = model.decode([[0.0, 0.0]])[0, 0]
    turned = model.decode([[0.0, 0.0]], {"rotation": [[np.pi / 2]]})[0, 0]
    np.testing.assert_allclose(turned, np.rot90(canonical), atol=1e-4)


def test_the_score_is_of_what_is_decoded(trained, refused):
    images, spectra = relation(50, 4)
    assert trained.score(images, spectra) > trained.score(images, spectra[::-1]) + 10
    with refused():
        trained.score(images)


def test_an_encoder_decoder_returns_from_its_file(trained, tmp_path):
    images, spectra = relation(20, 5)
    loaded = ls.load(trained.save(tmp_path / "model.safetensors"))
    for one, other in zip(*(m.predict(images, return_std=True) for m in (loaded, trained)), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(loaded.score_samples(images, spectra), trained.score_samples(images, spectra))


def test_what_is_decoded_must_suit_the_likelihood_and_what_is_encoded_need_not(small, refused):
    images, spectra = relation(10, 0)
    ls.ved(likelihood=Bernoulli(), **{"epochs": 1, **OPTIONS}).fit(100 * images, spectra)
    with refused():
        ls.ved(likelihood=Bernoulli(), **{"epochs": 1, **OPTIONS}).fit(images, 100 * spectra)


def test_an_autoencoder_has_neither_noise_nor_divergence(tmp_path):
    images, _ = relation(100, 0)
    model = ls.ae(epochs=30, learning_rate=5e-3, likelihood=Gaussian(), **OPTIONS).fit(images)
    assert set(model.history_) == {"loss", "reconstruction"}
    np.testing.assert_array_equal(model.encode(images)["content"].std, 0)
    one, other = model.score_samples(images, draws=1), model.score_samples(images, draws=3)
    np.testing.assert_allclose(one, other, rtol=1e-6)
    assert np.mean((model.reconstruct(images) - images) ** 2) < 0.2 * np.var(images)
    loaded = ls.load(model.save(tmp_path / "model.safetensors"))
    np.testing.assert_array_equal(loaded.manifold(3), model.manifold(3))


def test_the_manifold_of_an_autoencoder_covers_the_content_of_its_fit():
    images, _ = relation(100, 0)
    model = ls.ae(epochs=10, learning_rate=5e-3, likelihood=Gaussian(), **OPTIONS).fit(images)
    content = model.transform(images)
    np.testing.assert_allclose(model.manifold(1)[0, 0], model.decode(content.mean(axis=0)[None])[0, 0], atol=1e-5)
