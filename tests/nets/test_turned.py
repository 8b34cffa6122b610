import math

import numpy as np
import pytest
import torch

import latscape as ls
from latscape.errors import InputError
from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import Rotation, Scale, Shear, Translation, compose, invert
from latscape.metrics import circular_correlation
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.frame import Frame
from latscape.nets.turned import TurnedDecoder
from latscape.nets.warp import WarpDecoder

POSE = (Scale(), Shear(), Rotation(), Translation())


def frame(classes):
    return Frame(2, classes, 1, (9, 9), pixel_grid(9, 9), transform, sample)


def generator():
    return torch.Generator().manual_seed(0)


@pytest.fixture
def values():
    noise = torch.randn(7, 5, generator=generator())
    scale, shear, rotation, shift = (0.3 * noise).split([1, 1, 1, 2], dim=1)
    return {"scale": scale, "shear": shear, "rotation": 3 * rotation, "translation": shift}


@pytest.mark.parametrize("inner", [WarpDecoder(hidden=(8,)), CoordinateDecoder(hidden=(8, 8), chunk=None)])
def test_every_start_is_the_inner_decoder_with_so_much_added_to_its_angle(inner, values):
    classes, starts = 2, 3
    content = torch.randn(7, 2, generator=generator())
    turned = TurnedDecoder(starts, inner).build(frame(classes * starts), generator())
    alone = inner.build(frame(classes), generator())
    found = turned(content, invert(compose(POSE, values))).unflatten(1, (classes, starts))
    for start in range(starts):
        angle = {"rotation": values["rotation"] + 2 * math.pi * start / starts}
        expected = alone(content, invert(compose(POSE, {**values, **angle})))
        torch.testing.assert_close(found[:, :, start], expected, atol=1e-4, rtol=1e-4)


def test_without_a_pose_the_starts_alone_turn_the_image():
    content = torch.randn(4, 2, generator=generator())
    turned = TurnedDecoder(4, WarpDecoder(hidden=(8,))).build(frame(4), generator())
    upright, quarter = turned(content, None)[:, :2, 0].unflatten(2, (9, 9)).unbind(1)
    torch.testing.assert_close(torch.rot90(upright, 1, (1, 2)), quarter, atol=1e-4, rtol=1e-4)


def test_the_weights_are_those_of_one_decoder():
    count = [sum(p.numel() for p in TurnedDecoder(k).build(frame(k), generator()).parameters()) for k in (1, 5)]
    assert count[0] == count[1]


@pytest.mark.parametrize(("starts", "classes"), [(0, 1), (3, 4), (3, 1)])
def test_classes_must_be_a_multiple_of_the_starts(starts, classes):
    with pytest.raises(InputError, match="Expected"):
        TurnedDecoder(starts).build(frame(classes), generator())


def test_a_saved_model_decodes_as_before(tmp_path):
    images = np.random.default_rng(0).uniform(size=(20, 8, 8))
    model = ls.jrvae(3, decoder=TurnedDecoder(3, WarpDecoder(hidden=(8,))), cycles=1).fit(images)
    again = ls.autoencoders.load(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(again.reconstruct(images), model.reconstruct(images))


def test_the_full_turn_is_found():
    angle = np.random.default_rng(0).uniform(-np.pi, np.pi, 200)
    at, starts = pixel_grid(12, 12).numpy(), 8
    u = np.cos(angle)[:, None] * at[:, 0] + np.sin(angle)[:, None] * at[:, 1]
    v = np.cos(angle)[:, None] * at[:, 1] - np.sin(angle)[:, None] * at[:, 0]
    bar, spot = np.exp(-(u**2) / 0.2 - v**2 / 0.02), np.exp(-((u - 0.45) ** 2 + v**2) / 0.04)
    images = np.clip(0.6 * bar + spot, 0, 1).reshape(-1, 12, 12)
    decoder = TurnedDecoder(starts, WarpDecoder(hidden=(8,), rank=2))
    model = ls.jrvae(starts, latent=1, angle=0.4, decoder=decoder, cycles=30, batch=25, learning_rate=5e-3)
    found = model.fit(images).encode(images)
    start = found["class"].probs.argmax(axis=1)
    total = found["rotation"].mean[:, 0] + 2 * np.pi / starts * start
    assert circular_correlation(angle, total) > 0.95
    assert len(np.unique(start)) > starts / 2
