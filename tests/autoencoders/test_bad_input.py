"""Bad input is met at the border, in one line of three parts."""

import numpy as np
import pytest

import latscape as ls
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.likelihoods import Gaussian
from latscape.geometry.pose import Rotation, Translation
from latscape.nets.encoders import DenseEncoder
from latscape.nets.warp import WarpDecoder

GOOD = np.random.default_rng(0).uniform(size=(6, 4, 5))


def with_value(value: float) -> np.ndarray:
    bad = GOOD.copy()
    bad[2, 1, 1] = value
    return bad


BAD_DATA = {
    "nan": with_value(np.nan),
    "infinite": with_value(np.inf),
    "above one": with_value(1.5),
    "below zero": with_value(-0.1),
    "one sample": GOOD[:1],
    "no sample": GOOD[:0],
    "a single image": GOOD[0, 0],
    "five dimensions": GOOD[:, :, :, None, None],
    "empty images": GOOD[:, :0],
    "complex": GOOD.astype(complex),
    "text": [["a", "b"], ["c", "d"]],
    "ragged": [[0.1, 0.2], [0.3]],
    "none": None,
}


@pytest.mark.parametrize("bad", BAD_DATA.values(), ids=BAD_DATA)
def test_data_that_cannot_be_trained_on_are_refused(bad, small, refused):
    with refused():
        ls.vae(epochs=1, **small).fit(bad)


@pytest.mark.parametrize(
    "bad",
    [with_value(np.nan), with_value(2.0), GOOD[:, :3], GOOD[:, :, :, None].repeat(2, 3), GOOD.reshape(6, -1), GOOD[:0]],
)
@pytest.mark.parametrize(
    "method", ["encode", "transform", "predict", "predict_proba", "reconstruct", "score_samples", "score"]
)
def test_data_unlike_those_of_the_fit_are_refused_by_every_method(method, bad, small, refused):
    model = ls.jvae(2, epochs=1, **small).fit(GOOD)
    with refused():
        getattr(model, method)(bad)


def test_a_single_image_may_be_encoded(small):
    assert ls.vae(epochs=1, **small).fit(GOOD).transform(GOOD[:1]).shape == (1, 2)


def test_a_gaussian_takes_any_finite_value_but_a_bounded_one_does_not(small, refused):
    assert np.isfinite(ls.vae(epochs=1, likelihood=Gaussian(), **small).fit(with_value(-7.0)).score(GOOD))
    with refused():
        ls.vae(epochs=1, likelihood=Gaussian(bounded=True), **small).fit(with_value(-7.0))
    with refused():
        ls.vae(epochs=1, likelihood=Gaussian(), **small).fit(with_value(np.nan))


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float16, np.float64])
def test_every_real_type_of_number_is_taken(dtype, small):
    ls.vae(epochs=1, **small).fit((GOOD > 0.5).astype(dtype))


@pytest.mark.parametrize(
    "method", ["encode", "transform", "predict", "predict_proba", "reconstruct", "score_samples", "score"]
)
def test_a_model_that_was_never_fitted_says_so(method, refused):
    with refused() as caught:
        getattr(ls.jvae(2), method)(GOOD)
    assert "fit" in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [lambda m: m.manifold(), lambda m: m.decode([[0.0, 0.0]]), lambda m: m.save("never.safetensors")],
    ids=["manifold", "decode", "save"],
)
def test_a_model_that_was_never_fitted_neither_decodes_nor_saves(call, refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with refused() as caught:
        call(ls.jvae(2))
    assert "fit" in str(caught.value)
    assert not list(tmp_path.iterdir())


BAD_OPTIONS = {
    "no epoch": {"epochs": 0},
    "half an epoch": {"epochs": 1.5},
    "no content": {"latent": 0},
    "negative classes": {"classes": -1},
    "half a class": {"classes": 2.5},
    "empty batches": {"batch": 0},
    "text for a count": {"epochs": "10"},
    "a schedule of another length": {"beta_c": [1.0, 2.0]},
    "a schedule with nan": {"beta_d": [1.0, np.nan, 1.0], "classes": 2},
    "a learning rate of another length": {"learning_rate": [1e-3]},
    "an unknown activation of the encoder": {"encoder": DenseEncoder(activation="swish")},
    "an unknown activation of the decoder": {"decoder": WarpDecoder(activation="swish")},
    "one factor twice": {"pose": (Rotation(), Rotation())},
    "a factor by its name": {"pose": ("rotation",)},
    "a factor instead of a sequence": {"pose": Rotation()},
}


@pytest.mark.parametrize("options", BAD_OPTIONS.values(), ids=BAD_OPTIONS)
def test_options_that_make_no_model_are_refused_at_fit(options, small, refused):
    with refused():
        VAE(**{"epochs": 3, **small, **options}).fit(GOOD)


@pytest.mark.parametrize("preset", [ls.jvae, ls.jrvae])
@pytest.mark.parametrize("classes", [1, 0, -3])
def test_a_joint_model_needs_two_classes(preset, classes, refused):
    with refused():
        preset(classes)


def test_a_model_without_classes_predicts_none(small, refused):
    model = ls.vae(epochs=1, **small).fit(GOOD)
    with refused():
        model.predict(GOOD)


def test_a_pose_of_images_is_refused_for_curves(small, refused):
    with refused():
        ls.rvae(epochs=1, **small).fit(GOOD.reshape(6, -1))


@pytest.mark.parametrize("prior", [0.0, -1.0, float("nan")])
@pytest.mark.parametrize("factor", [Rotation, Translation])
def test_a_prior_that_is_not_positive_is_refused(factor, prior, small, refused):
    with refused():
        VAE(pose=(factor(prior),), epochs=1, **small).fit(GOOD)
