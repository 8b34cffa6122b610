"""What each decoder is, beside what all of them promise."""

import pytest
import torch
from torch.nn import functional as F

from latscape.geometry.grid import pixel_grid, transform
from latscape.nets.conv import ConvDecoder
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.dense import DenseDecoder
from latscape.nets.factorised import FactorisedDecoder
from latscape.nets.warp import WarpDecoder

from .contracts import (
    CHANNELS,
    CLASSES,
    CURVE,
    IMAGE,
    FixedDecoderContract,
    PosedCurveContract,
    PosedImageContract,
    content,
    direct,
    inverse,
    model_of,
)


class TestDenseDecoder(FixedDecoderContract):
    options = DenseDecoder(hidden=(8, 8))


class TestConvDecoder(FixedDecoderContract):
    options = ConvDecoder(hidden=(8,), channels=(6, 4))

    def test_a_class_has_its_own_first_picture_and_shares_the_convolutions(self):
        decoder = self.build()
        with torch.no_grad():
            for tensor in (decoder.start.weight, decoder.start.bias):
                rows = tensor.view(CLASSES, -1, *tensor.shape[1:])
                rows[1] = rows[0]
        out = decoder(content(), None)
        torch.testing.assert_close(out[:, 0], out[:, 1])
        assert not torch.allclose(out[:, 0], out[:, 2])

    def test_values_far_from_each_other_do_not_share_a_last_filter(self):
        decoder = self.build(shape=(32, 32), classes=1, channels=1)
        before = decoder(content(), None)
        with torch.no_grad():
            decoder.start.weight.view(1, 6, 8, 8, -1)[:, :, 0, 0] += 10.0
        change = (decoder(content(), None) - before).abs().view(-1, 32, 32)
        assert change[:, :4, :4].amax() > 1e-3
        assert change[:, 9:].amax() == change[:, :, 9:].amax() == 0


class TestConvDecoderOfCurves(TestConvDecoder):
    shape = CURVE
    options = ConvDecoder(hidden=(8,), channels=(6, 5, 4), kernel=5, activation="tanh")
    test_values_far_from_each_other_do_not_share_a_last_filter = None


class WarpContract:
    """A warp decoder samples what it decodes without a pose."""

    def test_decoding_with_a_pose_is_decoding_without_and_then_sampling(self):
        decoder = self.build()
        expected = direct(decoder(content(), None), self.pose(), self.shape)
        torch.testing.assert_close(decoder(content(), self.pose()), expected)

    def test_the_gradient_by_the_pose_is_that_of_the_sampling(self):
        decoder = self.build()
        one, other = self.pose().requires_grad_(), self.pose().requires_grad_()
        decoder(content(), one).square().sum().backward()
        direct(decoder(content(), None), other, self.shape).square().sum().backward()
        torch.testing.assert_close(one.grad, other.grad)


class TestWarpDecoder(WarpContract, PosedImageContract):
    options = WarpDecoder(hidden=(8, 8))


class TestWarpDecoderOfOneLayer(WarpContract, PosedImageContract):
    options = WarpDecoder(hidden=(8,), activation="tanh")


class TestWarpDecoderOfCurves(WarpContract, PosedCurveContract):
    options = WarpDecoder(hidden=(8,))


class CoordinateContract:
    """A coordinate decoder evaluates one function of the plane wherever the pose says."""

    def test_decoding_with_a_pose_is_decoding_on_another_grid(self):
        moved, still = self.build(), self.build()
        got = moved(content(), self.pose())
        where = transform(self.pose(), pixel_grid(*self.shape).double())
        for index in range(len(where)):
            still.grid = where[index]
            torch.testing.assert_close(got[index : index + 1], still(content()[index : index + 1], None))


class TestFactorisedDecoder(CoordinateContract, PosedImageContract):
    options = FactorisedDecoder(features=(8, 6), hidden=(8,))

    def test_a_value_is_the_sum_of_features_times_coefficients(self):
        decoder, z = self.build(), content()
        where = transform(inverse(), pixel_grid(*IMAGE).double())
        w, got = decoder.state_dict(), decoder(z, inverse())
        a = F.linear(torch.tanh(F.linear(z, w["what.0.weight"], w["what.0.bias"])), *list(w.values())[-2:])
        a = a.view(len(z), CLASSES, CHANNELS, 7) / 6**0.5
        phi = where
        for layer in ("where.0", "where.2"):
            phi = torch.tanh(F.linear(phi, w[f"{layer}.weight"], w[f"{layer}.bias"]))
        expected = a[..., :1] + torch.einsum("bkcm,bpm->bkcp", a[..., 1:], phi)
        torch.testing.assert_close(got, expected)

    @pytest.mark.parametrize("classes", [1, 7])
    def test_the_features_are_computed_once_for_all_classes(self, classes):
        decoder, seen = self.build(classes=classes), []
        decoder.where.register_forward_hook(lambda module, given, out: seen.append(out.shape))
        decoder(content(), inverse())
        assert seen == [(6, 35, 6)]


class TestFactorisedDecoderOfCurves(CoordinateContract, PosedCurveContract):
    options = FactorisedDecoder(features=(8,), hidden=(8, 8), activation="gelu")


class TestCoordinateDecoder(CoordinateContract, PosedImageContract):
    options = CoordinateDecoder(hidden=(8, 8), chunk=None)

    def test_it_is_one_network_on_coordinate_content_and_class_side_by_side(self):
        decoder = self.build()
        w = decoder.state_dict()
        first = torch.cat([w["position.weight"], w["content.weight"], w["label.weight"]], dim=1)
        where, z = transform(inverse(), pixel_grid(*IMAGE).double()), content()
        got = decoder(z, inverse())
        for image in range(len(z)):
            for label in range(CLASSES):
                one_hot = F.one_hot(torch.tensor(label), CLASSES).double()
                for pixel in range(0, 35, 5):
                    h0 = F.linear(torch.cat([where[image, pixel], z[image], one_hot]), first, w["position.bias"])
                    h = h0 if self.options.skip else torch.tanh(h0)
                    for layer in ("layers.0", "layers.2"):
                        h = torch.tanh(F.linear(h, w[f"{layer}.weight"], w[f"{layer}.bias"]))
                        h = h + h0 if self.options.skip else h
                    expected = F.linear(h, w["out.weight"], w["out.bias"])
                    torch.testing.assert_close(got[image, label, :, pixel], expected)

    @pytest.mark.parametrize("chunk", [1, 2, 4, 6, 100])
    def test_chunks_change_neither_values_nor_gradients(self, chunk):
        results = []
        for size in (None, chunk):
            options = CoordinateDecoder(hidden=(8, 8), chunk=size, skip=self.options.skip)
            decoder = model_of(decoder=options).decoder
            z, pose = content().requires_grad_(), inverse().requires_grad_()
            out = decoder(z, pose)
            out.square().sum().backward()
            results.append([out, z.grad, pose.grad, *(parameter.grad for parameter in decoder.parameters())])
        for whole, chunked in zip(*results, strict=True):
            torch.testing.assert_close(chunked, whole)


class TestCoordinateDecoderInChunks(CoordinateContract, PosedImageContract):
    options = CoordinateDecoder(hidden=(8,), activation="gelu", chunk=4)


class TestCoordinateDecoderWithSkips(TestCoordinateDecoder):
    options = CoordinateDecoder(hidden=(8, 8), chunk=None, skip=True)


class TestCoordinateDecoderOfCurves(CoordinateContract, PosedCurveContract):
    options = CoordinateDecoder(hidden=(8, 8))


@pytest.mark.parametrize(
    ("part", "options"),
    [
        (DenseDecoder, {"hidden": ()}),
        (ConvDecoder, {"hidden": ()}),
        (ConvDecoder, {"channels": ()}),
        (ConvDecoder, {"kernel": 4}),
        (ConvDecoder, {"kernel": -1}),
        (WarpDecoder, {"hidden": ()}),
        (WarpDecoder, {"rank": 0}),
        (FactorisedDecoder, {"features": ()}),
        (FactorisedDecoder, {"hidden": (8, 0)}),
        (CoordinateDecoder, {"hidden": ()}),
        (CoordinateDecoder, {"chunk": -1}),
        (CoordinateDecoder, {"hidden": (8, 16), "skip": True}),
    ],
    ids=str,
)
def test_options_that_make_no_decoder_are_refused(part, options, refused):
    with refused():
        part(**options)
