"""What every decoder promises, and what each one is."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from latscape.autoencoders.likelihoods import Bernoulli
from latscape.autoencoders.model import Autoencoder
from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import Rotation, Translation, compose, invert
from latscape.nets import coordinate
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import DenseEncoder
from latscape.nets.warp import WarpDecoder

CONTENT, CLASSES, CHANNELS, SHAPE, BATCH = 2, 3, 2, (5, 7), 6


def build(
    options, *, classes: int = CLASSES, channels: int = CHANNELS, shape: tuple[int, ...] = SHAPE, seed: int = 0
) -> torch.nn.Module:
    """The decoder as a model builds it, in double precision."""
    model = Autoencoder(
        shape=shape,
        channels=channels,
        content=CONTENT,
        classes=classes,
        pose=(),
        encoder=DenseEncoder(hidden=()),
        decoder=options,
        likelihood=Bernoulli(),
        generator=torch.Generator().manual_seed(seed),
    )
    return model.decoder.double()


def content(batch: int = BATCH) -> torch.Tensor:
    return torch.randn(batch, CONTENT, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def inverse(batch: int = BATCH) -> torch.Tensor:
    """Maps from image to content of random rotations and shifts."""
    generator = torch.Generator().manual_seed(2)
    angle = torch.randn(batch, 1, generator=generator, dtype=torch.float64)
    shift = 0.2 * torch.randn(batch, 2, generator=generator, dtype=torch.float64)
    return invert(compose((Rotation(), Translation()), {"rotation": angle, "translation": shift}))


class DecoderContract:
    """Inherit, set `options`, and the whole contract is checked."""

    options: DenseDecoder | WarpDecoder | CoordinateDecoder

    def pose(self) -> torch.Tensor | None:
        return None

    def pose_of(self, chosen) -> torch.Tensor | None:
        pose = self.pose()
        return None if pose is None else pose[chosen]

    def test_the_output_has_a_value_for_every_class_channel_and_pixel(self):
        for classes, channels, shape in ((3, 2, (5, 7)), (1, 1, (4, 4)), (2, 3, (9,))):
            out = build(self.options, classes=classes, channels=channels, shape=shape)(content(), None)
            assert out.shape == (BATCH, classes, channels, np.prod(shape))

    def test_values_are_finite_for_content_far_beyond_the_prior(self):
        assert torch.isfinite(build(self.options)(100 * content(), self.pose())).all()

    def test_one_seed_gives_one_decoder_and_another_gives_another(self):
        first, second, third = (build(self.options, seed=seed)(content(), self.pose()) for seed in (0, 0, 1))
        assert torch.equal(first, second)
        assert not torch.allclose(first, third)

    def test_samples_do_not_see_each_other(self):
        decoder = build(self.options)
        order = torch.tensor([4, 2, 0, 1, 5, 3])
        torch.testing.assert_close(
            decoder(content()[order], self.pose_of(order)), decoder(content(), self.pose())[order]
        )
        torch.testing.assert_close(
            decoder(content()[2:3], self.pose_of(slice(2, 3))), decoder(content(), self.pose())[2:3]
        )

    def test_classes_and_channels_are_not_copies_of_each_other(self):
        out = build(self.options)(content(), None)
        for axis in (1, 2):
            assert not torch.allclose(out.select(axis, 0), out.select(axis, 1), atol=1e-4)

    def test_the_pixel_grid_is_not_part_of_the_saved_weights(self):
        assert set(build(self.options).state_dict()) == {name for name, _ in build(self.options).named_parameters()}

    def test_the_content_changes_the_output(self):
        decoder = build(self.options)
        assert not torch.allclose(decoder(content(), None), decoder(0 * content(), None), atol=1e-4)

    def test_gradients_reach_every_parameter_and_the_content(self):
        decoder = build(self.options)
        z = content().requires_grad_()
        weight = torch.randn(
            BATCH, CLASSES, CHANNELS, 35, generator=torch.Generator().manual_seed(3), dtype=torch.float64
        )
        (weight * decoder(z, self.pose())).sum().backward()
        for name, tensor in (*decoder.named_parameters(), ("content", z)):
            assert tensor.grad is not None, name
            assert torch.isfinite(tensor.grad).all(), name
            assert float(tensor.grad.abs().max()) > 0, name

    def test_evaluation_without_gradients_gives_the_same_values(self):
        decoder = build(self.options)
        with torch.inference_mode():
            quick = decoder(content(), self.pose())
        torch.testing.assert_close(quick, decoder(content(), self.pose()).detach())


class PosedDecoderContract(DecoderContract):
    """The same for a decoder that can place its content."""

    def pose(self) -> torch.Tensor:
        return inverse()

    def test_no_pose_is_the_identity_pose(self):
        decoder = build(self.options)
        identity = torch.eye(3, dtype=torch.float64)[:2].expand(BATCH, 2, 3)
        torch.testing.assert_close(decoder(content(), None), decoder(content(), identity), atol=1e-6, rtol=0)

    def test_a_half_turn_shows_the_canonical_image_upside_down(self):
        decoder = build(self.options)
        half = invert(Rotation().matrix(torch.full((BATCH, 1), torch.pi, dtype=torch.float64)))
        expected = decoder(content(), None).reshape(BATCH, CLASSES, CHANNELS, *SHAPE).flip(3, 4)
        torch.testing.assert_close(decoder(content(), half).reshape(expected.shape), expected, atol=1e-5, rtol=0)

    def test_a_pose_changes_the_output_and_receives_a_gradient(self):
        decoder = build(self.options)
        pose = inverse().requires_grad_()
        out = decoder(content(), pose)
        assert not torch.allclose(decoder(content(), None), out, atol=1e-4)
        out.square().sum().backward()
        assert (pose.grad.abs().amax(dim=(1, 2)) > 0).all()


class TestDenseDecoder(DecoderContract):
    options = DenseDecoder(hidden=(8, 8))

    def test_a_pose_is_refused(self, refused):
        with refused():
            build(self.options)(content(), inverse())


class TestWarpDecoder(PosedDecoderContract):
    options = WarpDecoder(hidden=(8, 8))

    def test_decoding_with_a_pose_is_decoding_without_and_then_sampling(self):
        decoder = build(self.options)
        canonical = decoder(content(), None).reshape(BATCH, CLASSES * CHANNELS, *SHAPE)
        expected = sample(canonical, transform(inverse(), pixel_grid(*SHAPE).double()))
        torch.testing.assert_close(decoder(content(), inverse()).reshape(expected.shape), expected)

    def test_the_gradient_by_the_pose_is_that_of_the_sampling(self):
        decoder = build(self.options)
        one, other = inverse().requires_grad_(), inverse().requires_grad_()
        decoder(content(), one).square().sum().backward()
        canonical = decoder(content(), None).reshape(BATCH, CLASSES * CHANNELS, *SHAPE)
        sample(canonical, transform(other, pixel_grid(*SHAPE).double())).square().sum().backward()
        torch.testing.assert_close(one.grad, other.grad)


class TestWarpDecoderOfOneLayer(PosedDecoderContract):
    options = WarpDecoder(hidden=(8,), activation="tanh")


class TestCoordinateDecoder(PosedDecoderContract):
    options = CoordinateDecoder(hidden=(8, 8), chunk=None)

    def test_it_is_one_network_on_coordinate_content_and_class_side_by_side(self):
        decoder = build(self.options)
        w = decoder.state_dict()
        first = torch.cat([w["position.weight"], w["content.weight"], w["label.weight"]], dim=1)
        where, z = transform(inverse(), pixel_grid(*SHAPE).double()), content()
        got = decoder(z, inverse())
        for image in range(BATCH):
            for label in range(CLASSES):
                one_hot = F.one_hot(torch.tensor(label), CLASSES).double()
                for pixel in range(0, 35, 5):
                    h = torch.tanh(
                        F.linear(torch.cat([where[image, pixel], z[image], one_hot]), first, w["position.bias"])
                    )
                    for layer in ("layers.0", "layers.2"):
                        h = torch.tanh(F.linear(h, w[f"{layer}.weight"], w[f"{layer}.bias"]))
                    expected = F.linear(h, w["out.weight"], w["out.bias"])
                    torch.testing.assert_close(got[image, label, :, pixel], expected)

    @pytest.mark.parametrize("chunk", [1, 2, 4, 6, 100])
    def test_chunks_change_neither_values_nor_gradients(self, chunk):
        results = []
        for options in (self.options, CoordinateDecoder(hidden=(8, 8), chunk=chunk)):
            decoder = build(options)
            z, pose = content().requires_grad_(), inverse().requires_grad_()
            out = decoder(z, pose)
            out.square().sum().backward()
            results.append([out, z.grad, pose.grad, *(parameter.grad for parameter in decoder.parameters())])
        for whole, chunked in zip(*results, strict=True):
            torch.testing.assert_close(chunked, whole)

    # float32: sums of a few hundred products; bfloat16: eight bits a number.
    @pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-5), ("bfloat16", 3e-2)])
    @pytest.mark.parametrize("activation", ["tanh", "gelu"])
    def test_values_and_gradients_are_those_in_double_precision(self, precision, tolerance, activation):
        results = []
        for dtype, chosen in ((torch.float64, "float32"), (torch.float32, precision)):
            options = CoordinateDecoder(hidden=(16, 16), activation=activation, chunk=4, precision=chosen)
            decoder = build(options).to(dtype)
            z, pose = content().to(dtype).requires_grad_(), inverse().to(dtype).requires_grad_()
            out = decoder(z, pose)
            assert out.dtype == dtype
            out.square().sum().backward()
            results.append([out, z.grad, pose.grad, *(parameter.grad for parameter in decoder.parameters())])
        for expected, got in zip(*results, strict=True):
            assert float((got.double() - expected).detach().norm() / expected.detach().norm()) < tolerance

    def test_pieces_of_an_image_change_nothing(self, monkeypatch):
        results = []
        for cache in (2**20, 8 * 4 * 11):  # all rows at once, or less than one pixel's of a chunk
            monkeypatch.setattr(coordinate, "CACHE", cache)
            decoder = build(self.options)
            out = decoder(content(), inverse())
            out.square().sum().backward()
            results.append([out, *(parameter.grad for parameter in decoder.parameters())])
        for whole, pieces in zip(*results, strict=True):
            torch.testing.assert_close(pieces, whole)


class TestCoordinateDecoderInChunks(PosedDecoderContract):
    options = CoordinateDecoder(hidden=(8,), activation="gelu", chunk=4)


@pytest.mark.parametrize(
    ("part", "options"),
    [
        (DenseDecoder, {"hidden": ()}),
        (WarpDecoder, {"hidden": ()}),
        (WarpDecoder, {"rank": 0}),
        (CoordinateDecoder, {"hidden": ()}),
        (CoordinateDecoder, {"chunk": -1}),
        (CoordinateDecoder, {"precision": "float16"}),
    ],
    ids=str,
)
def test_options_that_make_no_decoder_are_refused(part, options, refused):
    with refused():
        part(**options)
