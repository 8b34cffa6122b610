"""A saved model predicts as it did, and only files we wrote are read."""

import json
import math
import pickle

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

import latscape as ls
from latscape import nets
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.likelihoods import Gaussian
from latscape.geometry.pose import Rotation, Scale, Shear, Shift, Translation
from latscape.nets.conv import ConvDecoder
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import ConvEncoder, DenseEncoder
from latscape.nets.factorised import FactorisedDecoder
from latscape.nets.warp import WarpDecoder
from latscape.parts.registry import identify_part


@pytest.fixture
def path(fitted, tmp_path):
    return fitted.save(tmp_path / "folder" / "model.safetensors")


def test_a_loaded_model_predicts_exactly_as_the_saved_one(fitted, images, path):
    loaded = ls.load(path)
    for method in ("transform", "predict", "predict_proba", "reconstruct", "score_samples"):
        np.testing.assert_array_equal(getattr(loaded, method)(images), getattr(fitted, method)(images))
    np.testing.assert_array_equal(loaded.manifold(3), fitted.manifold(3))
    assert loaded.history_ == fitted.history_
    assert loaded.shape_ == fitted.shape_


@pytest.mark.parametrize(
    "options",
    [
        {
            "pose": (Rotation(0.7), Translation(0.2), Scale(), Shear(0.3)),
            "decoder": WarpDecoder(hidden=(8, 4), activation="silu"),
        },
        {"decoder": CoordinateDecoder(hidden=(4, 4), chunk=None), "likelihood": Gaussian(0.2, bounded=True)},
        {"decoder": DenseDecoder(hidden=(4,)), "classes": 2},
        {"decoder": ConvDecoder(hidden=(4,), channels=(3, 2), kernel=5), "classes": 2},
        {
            "encoder": ConvEncoder(channels=(2, 3), kernel=5, stride=3, hidden=(), activation="silu"),
            "decoder": FactorisedDecoder(features=(4, 3), hidden=(4,), activation="gelu"),
            "pose": (Rotation(math.inf), Scale()),
        },
        {"decoder": CoordinateDecoder(hidden=(4, 4), skip=True), "pose": (Rotation(),)},
        {"classes": np.int64(2), "beta_c": ls.linear(4, 1), "beta_d": np.array([1.0, 2.0]), "seed": 9},
    ],
)
def test_every_shipped_part_and_every_schedule_returns(options, images, small, tmp_path, weights):
    model = VAE(**{"epochs": 2, **small, **options}).fit(images)
    loaded = ls.load(model.save(tmp_path / "model.safetensors"))
    np.testing.assert_array_equal(loaded.reconstruct(images), model.reconstruct(images))
    for name in ("encoder", "decoder", "likelihood", "latent", "classes", "epochs", "batch", "seed"):
        assert loaded.get_params()[name] == model.get_params()[name], name
    assert torch.equal(weights(loaded.fit(images)), weights(model))


def test_every_part_at_the_front_door_can_be_read_back():
    front = [getattr(nets, name) for name in nets.__all__]
    front += [ls.Bernoulli, ls.ContinuousBernoulli, ls.Gaussian, ls.Poisson]
    front += [ls.Rotation, ls.Translation, ls.Shift, ls.Scale, ls.Shear]
    assert all(identify_part(part) for part in front)


@pytest.mark.parametrize(
    "decoder", [WarpDecoder(hidden=(4,)), FactorisedDecoder(features=(4,)), CoordinateDecoder(hidden=(4,))], ids=str
)
@pytest.mark.parametrize("encoder", [DenseEncoder(hidden=(4,)), ConvEncoder(channels=(2,), hidden=())], ids=str)
def test_a_model_of_curves_in_a_pose_returns(encoder, decoder, tmp_path):
    curves = np.random.default_rng(0).uniform(size=(8, 9))
    options = {"pose": (Shift(0.2), Scale(0.3)), "classes": 2, "epochs": 2, "batch": 4}
    model = VAE(encoder=encoder, decoder=decoder, **options).fit(curves)
    loaded = ls.load(model.save(tmp_path / "m"))
    assert loaded.transforms(1) == model.transforms(1)
    np.testing.assert_array_equal(loaded.encode(curves)["shift"].mean, model.encode(curves)["shift"].mean)
    np.testing.assert_array_equal(loaded.score_samples(curves), model.score_samples(curves))
    np.testing.assert_array_equal(loaded.reconstruct(curves), model.reconstruct(curves))


def test_options_return_with_the_type_they_had(fitted, path):
    assert ls.load(path).transforms(2) == fitted.transforms(2)


def test_images_with_channels_return(small, tmp_path):
    stack = np.random.default_rng(0).uniform(size=(8, 4, 5, 3))
    model = ls.rvae(epochs=1, **small).fit(stack)
    np.testing.assert_array_equal(ls.load(model.save(tmp_path / "m")).reconstruct(stack), model.reconstruct(stack))


def test_nothing_is_pickled_or_unpickled(fitted, tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("pickled")

    for module, names in (
        (pickle, ("load", "loads", "dump", "dumps", "Unpickler", "Pickler")),
        (torch, ("load", "save")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, refuse)
    path = fitted.save(tmp_path / "model.safetensors")
    ls.load(path)
    with safe_open(path, framework="pt") as file:
        header = file.metadata()
    assert json.loads(header["options"])["classes"] == 3


def test_saving_replaces_the_file_and_leaves_nothing_beside_it(fitted, images, path):
    before = path.read_bytes()
    assert ls.load(path).save(path) == path
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    assert ls.load(path).predict(images).tolist() == fitted.predict(images).tolist()
    assert len(before) > 0


@pytest.mark.parametrize("keep", [0, 4, 100, -1])
def test_a_truncated_file_is_refused_by_name(path, keep, refused):
    path.write_bytes(path.read_bytes()[:keep])
    with refused() as caught:
        ls.load(path)
    assert str(path) in str(caught.value)


def test_a_file_with_flipped_header_bytes_is_refused(path, refused):
    content = bytearray(path.read_bytes())
    content[8:40] = bytes(32)
    path.write_bytes(content)
    with refused():
        ls.load(path)


FORMAT = "latscape-model-2"
REST = {"kind": "VAE", "history": "{}", "learned": "{}"}
FOREIGN = {
    "no header": None,
    "another format": {"format": "other", "options": "{}", **REST},
    "no options": {"format": FORMAT},
    "options that are not json": {"format": FORMAT, "options": "{", **REST},
    "an unknown part": {
        "format": FORMAT,
        "options": '{"encoder": {"part": "os.system"}}',
        "kind": "VAE",
        "history": "{}",
        "learned": "{}",
    },
    "an unknown option": {
        "format": FORMAT,
        "options": '{"latnt": 3}',
        **REST,
        "learned": '{"shape": [4, 4], "facts": {"part": "DataStatistics", "output": [4, 4]}}',
    },
    "no fitted attributes": {"format": FORMAT, "options": "{}", **REST},
    "fitted attributes of another kind": {
        "format": FORMAT,
        "options": "{}",
        "kind": "VAE",
        "history": "{}",
        "learned": "3",
    },
    "weights of another model": {
        "format": FORMAT,
        "options": "{}",
        **REST,
        "learned": '{"shape": [4, 4], "facts": {"part": "DataStatistics", "output": [4, 4]}}',
    },
}


@pytest.mark.parametrize("header", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_safetensors_file_is_refused(header, tmp_path, refused):
    save_file({"a": torch.zeros(2)}, tmp_path / "foreign.safetensors", metadata=header)
    with refused() as caught:
        ls.load(tmp_path / "foreign.safetensors")
    assert "foreign.safetensors" in str(caught.value)


@pytest.mark.parametrize(
    "make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_text("hello"), lambda p: torch.save({"a": 1}, p)]
)
def test_a_path_that_is_no_model_is_refused(make, tmp_path, refused):
    make(tmp_path / "thing")
    with refused():
        ls.load(tmp_path / "thing")


class Sharpened(Gaussian):
    """A part of the user's own."""


def test_a_part_of_ones_own_cannot_be_saved_and_leaves_no_file(images, small, tmp_path, refused):
    model = ls.vae(epochs=1, likelihood=Sharpened(), **small).fit(images)
    with refused():
        model.save(tmp_path / "model.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_part_of_ones_own_is_not_mistaken_for_a_shipped_one_of_the_same_name(images, small, tmp_path, refused):
    own = type("Gaussian", (Gaussian,), {})
    model = ls.vae(epochs=1, likelihood=own(), **small).fit(images)
    with refused():
        model.save(tmp_path / "model.safetensors")


def test_a_file_where_a_folder_should_be_is_named(fitted, refused, tmp_path):
    (tmp_path / "file").write_text("")
    with refused():
        fitted.save(tmp_path / "file" / "model")
