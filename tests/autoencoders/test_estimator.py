"""scikit-learn's habits, reproducibility, and methods that agree with each other."""

import inspect
import random
import warnings

import numpy as np
import pytest
import torch
from scipy.stats import norm
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score

import latscape as ls
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.output import negative_elbo
from latscape.geometry.pose import Rotation, Scale, Shear, Shift, Translation
from latscape.nets.conv import ConvDecoder
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import ConvEncoder, DenseEncoder
from latscape.nets.factorised import FactorisedDecoder
from latscape.nets.warp import WarpDecoder


def test_one_seed_gives_one_model_and_another_seed_gives_another(images, small, weights):
    first, second, third = (ls.jrvae(3, epochs=2, seed=seed, **small).fit(images) for seed in (0, 0, 1))
    assert torch.equal(weights(first), weights(second))
    assert first.history_ == second.history_
    assert not torch.allclose(weights(first), weights(third))


def test_the_seed_decides_the_first_weights_and_not_only_the_order(images, small, weights):
    first, second = (ls.vae(epochs=1, learning_rate=0.0, seed=seed, **small).fit(images) for seed in (0, 1))
    assert not torch.allclose(weights(first), weights(second))


def test_fitting_again_forgets_the_first_fit(images, small, weights):
    model = ls.vae(epochs=2, **small).fit(images[:, :4])
    again = model.fit(images)
    assert again is model
    assert torch.equal(weights(model), weights(ls.vae(epochs=2, **small).fit(images)))
    assert len(model.history_["loss"]) == 2


def test_no_method_touches_the_global_random_states(images, small, tmp_path):
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    for decoder in (small["decoder"], CoordinateDecoder(hidden=(4,), chunk=4)):
        model = ls.jrvae(3, epochs=1, **{**small, "decoder": decoder}).fit(images)
        model.encode(images), model.score(images), model.reconstruct(images), model.manifold(2)
        ls.load(model.save(tmp_path / "model.safetensors")).predict(images)
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    assert random.getstate() == before[2]


def test_the_global_random_states_do_not_touch_the_model(images, small, weights):
    first = ls.jrvae(3, epochs=1, **small).fit(images)
    torch.rand(3), random.random(), np.random.rand(3)  # noqa: NPY002
    assert torch.equal(weights(first), weights(ls.jrvae(3, epochs=1, **small).fit(images)))


def test_the_constructor_only_stores_and_clone_makes_an_unfitted_twin(fitted, images, refused, weights):
    twin = clone(fitted)
    assert repr(twin) == repr(fitted)
    with refused():
        twin.transform(images)
    assert torch.equal(weights(twin.fit(images)), weights(fitted))


def test_parameters_are_read_and_set_by_name(small):
    pose, schedule = (Rotation(), Shear()), [1.0, 2.0]
    model = VAE(pose=pose, beta_c=schedule, **small)
    params = model.get_params()
    assert params["pose"] is pose
    assert params["beta_c"] is schedule
    assert model.set_params(latent=5, seed=3).get_params()["latent"] == 5
    with pytest.raises(ValueError, match="latnt"):
        model.set_params(latnt=5)


@pytest.mark.parametrize(
    "preset", [ls.vae, ls.rvae, lambda **options: ls.jvae(3, **options), lambda **options: ls.jrvae(3, **options)]
)
def test_a_misspelled_option_is_refused(preset):
    with pytest.raises(TypeError, match="latnt"):
        preset(latnt=3)


def test_the_presets_are_compositions_of_the_one_estimator():
    assert {type(model) for model in (ls.vae(), ls.rvae(), ls.jvae(4), ls.jrvae(4))} == {VAE}
    assert (ls.vae().classes, ls.vae().transforms(2)) == (0, ())
    assert ls.rvae(angle=0.5).transforms(2) == (Rotation(0.5),)
    assert ls.rvae(shift=0.2).transforms(2) == (Rotation(1.0), Translation(0.2))
    assert ls.rvae(n_orientations=4, turn=2.0).transforms(2) == (Rotation(0.25, 4, 2.0),)
    assert (ls.jvae(4).classes, ls.jvae(4).transforms(2)) == (4, ())
    assert (ls.jrvae(4, shift=0.1).classes, ls.jrvae(4, shift=0.1).transforms(2)) == (
        4,
        (Rotation(), Translation(0.1)),
    )


PRESETS = [ls.vae, ls.ae, ls.rvae, ls.shift_vae, ls.jvae, ls.jrvae, ls.cvae, ls.ssvae, ls.ssrvae, ls.ved]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_takes_the_same_pose_as_parameters(preset, images):
    classes = {"classes": 2} if "classes" in inspect.signature(preset).parameters else {}
    model = preset(angle=0.4, n_orientations=np.int64(1), shift=0.2, scale=0.1, shear=0.3, **classes)
    assert clone(model).set_params(scale=None).transforms(2) == (Rotation(0.4), Translation(0.2), Shear(0.3))
    assert clone(model).set_params(angle=None, shear=None).transforms(1) == (Shift(0.2), Scale(0.1))
    assert isinstance(model.decoder, WarpDecoder)  # the dense one, which knows no pose, is for models without


@pytest.mark.parametrize("preset", PRESETS)
def test_help_shows_every_option_with_the_default_it_has(preset):
    parameters = inspect.signature(preset).parameters
    classes = {"classes": 2} if "classes" in parameters else {}
    usual = preset(**classes).get_params(deep=False)
    assert not [one for one in parameters.values() if one.kind is one.VAR_KEYWORD]
    assert set(usual) - set(parameters) <= {"classes", "supervision", "variational"}
    assert max(len(str(one)) for one in parameters.values()) < 90
    for name, one in parameters.items():
        assert name in ("classes", "factors") or usual[name] == one.default, name


def test_grid_search_reaches_the_pose(images, small):
    search = GridSearchCV(ls.jrvae(2, epochs=1, **small), {"angle": [0.1, 1.0], "shift": [None, 0.2]}, cv=2).fit(images)
    assert set(search.best_params_) == {"angle", "shift"}
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_cross_validation_of_scikit_learn_scores_it(images, small):
    scores = cross_val_score(ls.vae(epochs=1, **small), images, cv=3)
    assert np.isfinite(scores).all()
    assert (scores < 0).all()


def test_encode_names_every_block_with_its_posterior(fitted, images):
    q = fitted.encode(images)
    assert {name: tuple(value.mean.shape) for name, value in q.items() if name != "class"} == {
        "rotation": (24, 1),
        "translation": (24, 2),
        "content": (24, 2),
    }
    np.testing.assert_allclose(fitted.transform(images), q["content"].mean)
    np.testing.assert_allclose(fitted.predict_proba(images), q["class"].probs)
    np.testing.assert_allclose(fitted.predict_proba(images).sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(fitted.predict(images), fitted.predict_proba(images).argmax(axis=1))


def test_a_sample_is_encoded_and_scored_alike_alone_and_among_others(fitted, images):
    np.testing.assert_allclose(fitted.transform(images[3:4]), fitted.transform(images)[3:4], atol=1e-6)
    np.testing.assert_allclose(fitted.reconstruct(images[3:4]), fitted.reconstruct(images)[3:4], atol=1e-6)


def test_views_of_arrays_are_taken_as_their_copies_are(fitted, images):
    np.testing.assert_array_equal(
        fitted.transform(images[::-1, :, ::-1]), fitted.transform(images[::-1, :, ::-1].copy())
    )
    content = np.array([[0.1, 0.2], [0.3, 0.4]])
    np.testing.assert_array_equal(fitted.decode(content[::-1]), fitted.decode(content[::-1].copy()))


def test_an_array_that_may_only_be_read_is_taken_without_a_warning_and_left_as_it_is(images, small):
    frozen = images.copy()
    frozen.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ls.vae(epochs=1, **small).fit(frozen).reconstruct(frozen)
    np.testing.assert_array_equal(frozen, images)


def test_a_reconstruction_is_the_decoded_mean_of_the_most_probable_class_in_its_pose(fitted, images):
    q = fitted.encode(images)
    pose = {name: q[name].mean for name in ("rotation", "translation")}
    every_class = fitted.decode(q["content"].mean, pose)
    expected = every_class[np.arange(24), fitted.predict(images)]
    assert fitted.reconstruct(images).shape == images.shape
    np.testing.assert_allclose(fitted.reconstruct(images), expected, atol=1e-6)


@pytest.mark.parametrize("latent", [1, 2, 3])
def test_every_cell_of_the_manifold_is_the_sample_decoded_at_its_content(images, small, latent):
    model = ls.jrvae(2, latent=latent, epochs=1, **small).fit(images)
    quantiles = norm.ppf([0.1, 0.5, 0.9])
    manifold = model.manifold(size=3, span=0.8)
    assert manifold.shape == (2, 9, 6, 8)
    for cell, (first, second) in enumerate((first, second) for first in quantiles for second in quantiles):
        content = [first, second, 0.0][:latent]
        np.testing.assert_allclose(manifold[:, cell], model.decode([content])[0], atol=1e-6)


def test_a_manifold_of_one_cell_shows_the_centre(fitted):
    np.testing.assert_allclose(fitted.manifold(size=1)[:, 0], fitted.decode([[0.0, 0.0]])[0], atol=1e-6)


def test_decoding_in_a_pose_of_zeros_or_of_a_part_of_its_factors_is_canonical_in_the_rest(fitted):
    content = [[0.5, -0.5]]
    canonical = fitted.decode(content)
    zeros = {"rotation": [[0.0]], "translation": [[0.0, 0.0]]}
    np.testing.assert_allclose(fitted.decode(content, zeros), canonical, atol=1e-5)
    half_turn = fitted.decode(content, {"rotation": [[np.pi]]})
    np.testing.assert_allclose(half_turn, np.rot90(canonical, 2, axes=(2, 3)), atol=1e-4)


def test_a_positive_angle_turns_the_decoded_image_counter_clockwise_and_a_positive_shift_moves_it_right_and_up(small):
    square = np.random.default_rng(0).uniform(size=(10, 7, 7))
    model = ls.rvae(shift=0.1, epochs=1, **small).fit(square)
    canonical = model.decode([[0.0, 0.0]])[0, 0]
    turned = model.decode([[0.0, 0.0]], {"rotation": [[np.pi / 2]]})[0, 0]
    np.testing.assert_allclose(turned, np.rot90(canonical), atol=1e-4)
    moved = model.decode([[0.0, 0.0]], {"translation": [[2 / 7, 2 / 7]]})[0, 0]
    np.testing.assert_allclose(moved[:-1, 1:], canonical[1:, :-1], atol=1e-4)


@pytest.mark.parametrize(
    "pose",
    [{"rotaton": [[1.0]]}, {"scale": [[1.0]]}, {"rotation": [[1.0], [2.0], [3.0]]}, {"translation": [[1.0]]}],
    ids=["misspelled", "of another model", "of other samples", "too narrow"],
)
def test_a_pose_that_the_model_does_not_have_is_refused(fitted, pose, refused):
    with refused():
        fitted.decode([[0.0, 0.0], [1.0, 1.0]], pose)


@pytest.mark.parametrize(
    "content", [[[0.0, 0.0, 0.0]], [[0.0]], 0.0, [[np.nan, 0.0]]], ids=["wide", "narrow", "number", "nan"]
)
def test_content_that_is_not_n_by_latent_is_refused(fitted, content, refused):
    with refused():
        fitted.decode(content)


def test_the_score_is_the_mean_elbo_of_the_model(fitted, images):
    flat = torch.from_numpy(images.reshape(24, -1))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        draws = torch.stack(
            [-negative_elbo(fitted.model_(Batch(flat), torch.randn(24, 5, generator=generator))) for _ in range(400)]
        ).double()
    error = 5 * draws.std(0).numpy() * (1 / 400 + 1 / 200) ** 0.5
    scores = fitted.score_samples(images, draws=200)
    assert (np.abs(scores - draws.mean(0).numpy()) < error).all()
    assert fitted.score(images) == pytest.approx(fitted.score_samples(images).mean())
    np.testing.assert_array_equal(fitted.score_samples(images), fitted.score_samples(images))


def test_the_score_of_many_samples_is_the_same_in_parts(images, small):
    model = ls.vae(epochs=1, **small).fit(images)
    many = np.tile(images, (22, 1, 1))
    assert len(many) > 500
    assert model.score(many) == pytest.approx(model.score(images), rel=0.01)


@pytest.mark.parametrize("pose", [(), (Rotation(),), (Rotation(), Translation(), Scale(), Shear())], ids=len)
@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 3), (7, 5)])
def test_images_of_any_shape_and_channels_pass_through_every_method(shape, pose, small):
    stack = np.random.default_rng(0).uniform(size=(12, *shape))
    model = VAE(pose=pose, classes=2, epochs=1, **small).fit(stack)
    assert model.reconstruct(stack).shape == stack.shape
    assert model.decode(model.transform(stack)).shape == (12, 2, *shape)
    assert model.manifold(2).shape == (2, 4, *shape)
    assert np.isfinite(model.score_samples(stack)).all()


def test_curves_pass_through_every_method_that_images_do(small):
    curves = np.random.default_rng(0).uniform(size=(12, 9))
    model = ls.jvae(2, epochs=1, **small).fit(curves)
    assert model.reconstruct(curves).shape == curves.shape
    assert model.manifold(2).shape == (2, 4, 9)


ENCODERS = [DenseEncoder(hidden=(4,)), ConvEncoder(channels=(2, 3), hidden=(4,))]
POSED = [WarpDecoder(hidden=(4,)), FactorisedDecoder(features=(4,)), CoordinateDecoder(hidden=(4, 4), skip=True)]


@pytest.mark.parametrize("pose", [(), (Shift(),), (Shift(0.3), Scale())], ids=len)
@pytest.mark.parametrize("decoder", POSED, ids=lambda part: type(part).__name__)
@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda part: type(part).__name__)
def test_curves_in_a_pose_pass_through_every_method_that_images_do(encoder, decoder, pose):
    curves = np.random.default_rng(0).uniform(size=(12, 9))
    model = VAE(pose=pose, classes=2, epochs=1, encoder=encoder, decoder=decoder, batch=6).fit(curves)
    assert set(model.encode(curves)) == {*(factor.name for factor in pose), "content", "class"}
    assert model.reconstruct(curves).shape == curves.shape
    assert model.decode(model.transform(curves)).shape == (12, 2, 9)
    assert model.manifold(2).shape == (2, 4, 9)
    assert np.isfinite(model.score_samples(curves)).all()


@pytest.mark.parametrize("decoder", [*POSED, ConvDecoder(hidden=(4,)), DenseDecoder(hidden=(4,))], ids=str)
@pytest.mark.parametrize("encoder", ENCODERS, ids=lambda part: type(part).__name__)
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (3, 2, 2), (1,), (2,)], ids=str)
def test_samples_of_one_or_a_few_pixels_pass_through_every_part(shape, encoder, decoder):
    stack = np.random.default_rng(0).uniform(size=(6, *shape))
    model = VAE(classes=2, epochs=1, encoder=encoder, decoder=decoder, batch=3).fit(stack)
    assert model.reconstruct(stack).shape == stack.shape
    assert np.isfinite(model.score_samples(stack)).all()


@pytest.mark.parametrize("decoder", [ConvDecoder(hidden=(4,)), DenseDecoder(hidden=(4,))], ids=str)
def test_a_decoder_that_knows_no_pose_says_so_at_fit(decoder, images, refused):
    with refused():
        ls.rvae(decoder=decoder, epochs=1).fit(images)


def test_angles_of_the_full_turn_are_encoded_between_minus_and_plus_pi(images, small):
    model = ls.rvae(angle=np.inf, epochs=2, learning_rate=0.1, **small).fit(images)
    q = model.encode(images)["rotation"]
    assert q.mean.shape == q.std.shape == (24, 1)
    assert np.abs(q.mean).max() <= np.pi + 1e-6
    assert model.history_["kl_continuous"][0] > 0


def test_a_positive_shift_moves_a_decoded_curve_to_the_right_by_as_many_half_lengths():
    curves = np.random.default_rng(0).uniform(size=(10, 8))
    model = VAE(pose=(Shift(),), epochs=1, batch=5).fit(curves)
    moved = model.decode([[0.0, 0.0]], {"shift": [[2 * 2 / 8]]})[0, 0]
    np.testing.assert_allclose(moved[2:], model.decode([[0.0, 0.0]])[0, 0][:-2], atol=1e-5)


def test_a_reconstruction_has_the_shape_of_its_input_also_for_one_written_channel(images, small):
    stack = images[..., None]
    assert ls.vae(epochs=1, **small).fit(stack).reconstruct(stack).shape == stack.shape
