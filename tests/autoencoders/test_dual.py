"""Two kinds of samples in one latent space: the bound term by term, predictions both ways and their uncertainty."""

import numpy as np
import pytest
import torch
from torch import distributions as D

import latscape as ls
from autoencoders.test_pairs import relation
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian
from latscape.autoencoders.output import negative_elbo
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import DenseEncoder
from latscape.nets.warp import WarpDecoder

OPTIONS = {
    "latent": 1,
    "encoders": (DenseEncoder(hidden=(32,)), DenseEncoder(hidden=(32,))),
    "decoders": (DenseDecoder(hidden=(32,)), DenseDecoder(hidden=(32,))),
    "batch": 20,
    "learning_rate": 5e-3,
}


@pytest.fixture(scope="module")
def trained():
    return ls.dual_vae(epochs=60, **OPTIONS).fit(*relation(200, 0))


def test_the_bound_is_the_mean_of_the_three_elbos_computed_apart(trained):
    model = trained.model_.double()
    images, spectra = (torch.from_numpy(part.reshape(8, -1)) for part in relation(8, 1))
    noise = torch.randn(8, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    output = model(Batch(images, spectra), noise)
    one, other = model.first.encode(images)["content"], model.second.encode(spectra)["content"]
    bounds = []
    for k, experts in enumerate(([one], [other], [one, other])):
        precision = 1 + sum(q.std**-2 for q in experts)
        mean = sum(q.std**-2 * q.mean for q in experts) / precision
        q = D.Normal(mean, precision**-0.5)
        z = mean + precision**-0.5 * noise[:, k : k + 1]
        x_hat, y_hat = model.first.decode({"content": z})[:, 0], model.second.decode({"content": z})[:, 0]
        log_likelihood = D.Normal(x_hat, 0.1).log_prob(images).sum(1) + D.Normal(y_hat, 0.1).log_prob(spectra).sum(1)
        bounds.append(log_likelihood - D.kl_divergence(q, D.Normal(0.0, 1.0)).sum(1))
    torch.testing.assert_close(negative_elbo(output), -torch.stack(bounds).mean(0))
    torch.testing.assert_close(output.posterior["content"].mean, mean)
    model.float()


def test_each_kind_is_predicted_from_the_other(trained):
    images, spectra = relation(100, 1)
    assert np.mean((trained.predict(images) - spectra) ** 2) < 0.1 * np.var(spectra)
    assert np.mean((trained.predict_back(spectra) - images) ** 2) < 0.15 * np.var(images)


def test_both_kinds_are_found_at_one_place_and_both_together_are_surer(trained):
    images, spectra = relation(100, 1)
    from_images, from_spectra = trained.transform(images)[:, 0], trained.transform(y=spectra)[:, 0]
    assert np.corrcoef(from_images, from_spectra)[0, 1] > 0.98
    std = {
        name: trained.encode(*pair)["content"].std
        for name, pair in {"x": (images, None), "y": (None, spectra), "both": (images, spectra)}.items()
    }
    assert (std["both"] < np.minimum(std["x"], std["y"])).all()


def test_the_deviation_is_at_least_that_of_the_likelihood_and_covers_the_error(trained):
    images, spectra = relation(200, 2)
    mean, std = trained.predict(images, return_std=True)
    assert (std > 0.1 - 1e-6).all()
    inside = np.abs(mean - spectra) < 2 * std
    assert inside.mean() > 0.9
    np.testing.assert_array_equal(mean, trained.predict(images))
    back, back_std = trained.predict_back(spectra, return_std=True)
    assert (np.abs(back - images) < 2 * back_std).mean() > 0.9


def test_the_manifold_shows_both_kinds_at_the_same_content(trained):
    images, spectra = trained.manifold(3)
    assert images.shape == (9, 8, 8)
    assert spectra.shape == (9, 30)
    content = [[0.0]] * 9
    np.testing.assert_allclose(images[4], trained.decode(content)[0][0], atol=1e-6)
    np.testing.assert_allclose(spectra[4], trained.decode(content)[1][0], atol=1e-6)


def test_the_history_has_a_term_for_each_kind_and_their_weights_are_scheduled():
    model = ls.dual_vae(epochs=2, weights=(1.0, [2.0, 0.5]), beta_c=3.0, **OPTIONS).fit(*relation(40, 0))
    history = {name: np.array(values) for name, values in model.history_.items()}
    expected = history["reconstruction_x"] + [2.0, 0.5] * history["reconstruction_y"] + 3 * history["kl_continuous"]
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-5)


def test_a_pose_belongs_to_x_alone():
    frames = np.random.default_rng(0).uniform(size=(20, 6, 6))
    options = {**OPTIONS, "decoders": (WarpDecoder(hidden=(8,)), DenseDecoder(hidden=(8,)))}
    model = ls.dual_vae(pose=(ls.Rotation(),), likelihoods=(Bernoulli(), Gaussian()), epochs=1, **options)
    model.fit(frames, frames.mean(axis=2))
    assert set(model.encode(frames)) == {"rotation", "content"}
    assert set(model.encode(y=frames.mean(axis=2))) == {"content"}
    assert model.predict_back(frames.mean(axis=2)).shape == frames.shape
    assert np.isfinite(model.score(frames, frames.mean(axis=2)))


def test_a_dual_model_returns_from_its_file(trained, tmp_path):
    images, spectra = relation(20, 3)
    loaded = ls.load(trained.save(tmp_path / "dual.safetensors"))
    np.testing.assert_array_equal(loaded.predict(images), trained.predict(images))
    np.testing.assert_array_equal(loaded.predict_back(spectra), trained.predict_back(spectra))
    np.testing.assert_array_equal(loaded.score_samples(images, spectra), trained.score_samples(images, spectra))
    assert loaded.history_ == trained.history_


def test_one_seed_gives_one_model(weights):
    first, second, third = (ls.dual_vae(epochs=1, seed=seed, **OPTIONS).fit(*relation(40, 0)) for seed in (0, 0, 1))
    assert torch.equal(weights(first), weights(second))
    assert not torch.allclose(weights(first), weights(third))


GOOD = relation(10, 0)
BAD = {
    "no second kind": (GOOD[0], None),
    "fewer of the second kind": (GOOD[0], GOOD[1][:4]),
    "nan": (GOOD[0], np.where(GOOD[1] > 0.9, np.nan, GOOD[1])),
    "one sample": (GOOD[0][:1], GOOD[1][:1]),
    "text": (GOOD[0], list("abcdefghij")),
}


@pytest.mark.parametrize(("x", "y"), BAD.values(), ids=BAD)
def test_pairs_that_cannot_be_trained_on_are_refused(x, y, refused):
    with refused():
        ls.dual_vae(epochs=1, **OPTIONS).fit(x, y)


@pytest.mark.parametrize(
    "call",
    [
        lambda model: model.transform(),
        lambda model: model.predict(GOOD[1]),
        lambda model: model.predict_back(GOOD[0]),
        lambda model: model.predict(GOOD[0], draws=0),
        lambda model: model.score(GOOD[0], GOOD[1][:3]),
        lambda model: model.decode([[0.0, 0.0]]),
        lambda model: ls.dual_vae().predict(GOOD[0]),
        lambda model: ls.dual_vae(latent=0).fit(*GOOD),
    ],
)
def test_what_a_dual_model_cannot_do_it_says(call, trained, refused):
    with refused():
        call(trained)
