"""A known class or factor enters encoder and decoder, so content need not tell it."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

import latscape as ls
from latscape.latent.blocks import Condition
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import DenseEncoder
from latscape.nets.warp import WarpDecoder

OPTIONS = {"encoder": DenseEncoder(hidden=(32,)), "batch": 20, "learning_rate": 2e-3}


def shapes(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A disc or a ring of random brightness, and which."""
    generator = np.random.default_rng(seed)
    at = np.linspace(-1, 1, 10)
    radius = np.hypot(at[None, :], at[:, None])
    both = np.stack([np.exp(-(radius**2) / 0.15), np.exp(-((radius - 0.8) ** 2) / 0.03)])
    labels = generator.integers(0, 2, n)
    return generator.uniform(0.3, 0.9, n)[:, None, None] * both[labels], labels


@pytest.fixture(scope="module")
def told():
    """A model that is told the class of each of 200 images."""
    images, labels = shapes(200, 0)
    return ls.cvae(classes=2, epochs=40, decoder=WarpDecoder(hidden=(16,)), **OPTIONS).fit(images, labels)


def test_decoding_one_content_at_each_class_shows_that_class(told):
    images, labels = shapes(200, 0)
    decoded = told.decode([[0.0, 0.0], [0.0, 0.0]], y=[0, 1])[:, 0]
    for label in (0, 1):
        centres = [images[labels == other].mean(axis=0) for other in (0, 1)]
        distances = [np.square(decoded[label] - centre).mean() for centre in centres]
        assert np.argmin(distances) == label


def test_content_tells_less_of_the_class_when_the_class_is_told(told):
    images, labels = shapes(200, 1)
    free = ls.vae(epochs=40, **{**OPTIONS, "decoder": WarpDecoder(hidden=(16,))}).fit(*shapes(200, 0))
    with_condition, without = (
        cross_val_score(LogisticRegression(), content, labels, cv=5).mean()
        for content in (told.transform(images, labels), free.transform(images))
    )
    assert without > 0.95
    assert with_condition < 0.7


def test_the_manifold_has_a_row_for_each_known_class(told):
    manifold = told.manifold(3)
    assert manifold.shape == (2, 9, 10, 10)
    np.testing.assert_allclose(manifold[1, 4], told.decode([[0.0, 0.0]], y=[1])[0, 0], atol=1e-6)
    np.testing.assert_allclose(told.manifold(3, y=[1]), manifold[1:], atol=1e-6)


def test_the_wrong_class_gives_a_lower_score(told):
    images, labels = shapes(50, 2)
    assert told.score(images, labels) > told.score(images, 1 - labels) + 1


@pytest.mark.parametrize(
    ("decoder", "pose"),
    [
        (DenseDecoder((8,)), ()),
        (WarpDecoder((8,)), ()),
        (WarpDecoder((8,)), (ls.Rotation(),)),
        (CoordinateDecoder((8,)), ()),
        (CoordinateDecoder((8,)), (ls.Rotation(),)),
    ],
    ids=str,
)
def test_a_condition_reaches_every_decoder_and_the_encoder(images, decoder, pose):
    y = np.arange(24) % 3
    model = ls.cvae(classes=3, pose=pose, epochs=1, **{**OPTIONS, "decoder": decoder}).fit(images, y)
    decoded = model.decode(np.zeros((3, 2)), y=[0, 1, 2])
    assert np.abs(decoded[0] - decoded[1]).max() > 1e-4
    assert np.abs(model.transform(images, y) - model.transform(images, (y + 1) % 3)).max() > 1e-4


def test_a_continuous_factor_is_standardised_whatever_its_unit(images, weights):
    factor = np.random.default_rng(0).normal(size=24)
    metres = ls.cvae(factors=1, epochs=2, **OPTIONS).fit(images, factor)
    nanometres = ls.cvae(factors=1, epochs=2, **OPTIONS).fit(images, 1e9 * factor + 3)
    torch.testing.assert_close(weights(metres), weights(nanometres), atol=1e-4, rtol=1e-3)
    np.testing.assert_allclose(
        metres.transform(images, factor), nanometres.transform(images, 1e9 * factor + 3), atol=1e-3
    )


def test_brightness_that_is_told_is_what_decoding_at_another_brightness_changes():
    generator = np.random.default_rng(0)
    brightness = generator.uniform(0.1, 0.9, 200)
    images = brightness[:, None, None] * np.ones((1, 6, 6)) + 0.05 * generator.uniform(size=(200, 6, 6))
    model = ls.cvae(factors=1, epochs=120, decoder=WarpDecoder(hidden=(16,)), **OPTIONS).fit(images, brightness)
    decoded = model.decode(np.zeros((2, 2)), y=[0.3, 0.7]).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(decoded, [0.325, 0.725], atol=0.05)
    assert model.manifold(2).shape == (1, 4, 6, 6)
    assert model.manifold(2, y=[0.2, 0.5, 0.8]).shape == (3, 4, 6, 6)


def test_several_factors_and_a_class_to_find_go_together(images):
    factors = np.random.default_rng(0).normal(size=(24, 2))
    model = ls.VAE(classes=2, supervision=ls.Condition(factors=2), epochs=1, **OPTIONS).fit(images, factors)
    assert model.predict(images, factors).shape == (24,)
    assert model.reconstruct(images, factors).shape == images.shape
    assert model.manifold(2, y=factors[:3]).shape == (6, 4, 6, 8)
    assert model.fit_transform(images, factors).shape == (24, 2)


@pytest.mark.parametrize("known", [{"classes": 3}, {"factors": 2}])
def test_a_conditional_model_returns_from_its_file(known, images, tmp_path):
    y = np.arange(24) % 3 if "classes" in known else np.random.default_rng(0).normal(size=(24, 2))
    model = ls.cvae(**known, epochs=1, **OPTIONS).fit(images, y)
    loaded = ls.load(model.save(tmp_path / "model.safetensors"))
    np.testing.assert_array_equal(loaded.transform(images, y), model.transform(images, y))
    np.testing.assert_array_equal(loaded.manifold(2), model.manifold(2))
    assert loaded.supervision == model.supervision


def test_a_condition_is_one_hot_or_the_numbers_themselves():
    labels = torch.tensor([2, 0])
    torch.testing.assert_close(Condition(classes=3).embed(labels), torch.eye(3)[labels])
    numbers = torch.randn(2, 2, generator=torch.Generator().manual_seed(0))
    assert Condition(factors=2).embed(numbers) is numbers
