"""What every encoder and every decoder promises: inherit, set `options`, and the whole contract is checked."""

import numpy as np
import pytest
import torch

from latscape.autoencoders.likelihoods import Bernoulli
from latscape.autoencoders.model import Autoencoder
from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import Rotation, Scale, Shift, Translation, compose, invert
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import DenseEncoder

CONTENT, CLASSES, CHANNELS, BATCH, OUTPUTS = 2, 3, 2, 6, 5
IMAGE, CURVE = (5, 7), (9,)
SHAPES = [(5, 7), (8, 8), (1, 1), (1, 6), (3, 1), (9,), (1,), (2,)]


def noise(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def model_of(*, encoder=DenseEncoder(hidden=()), decoder=DenseDecoder(hidden=(4,)), **options) -> Autoencoder:  # noqa: B008
    """A model in double precision."""
    seed = options.pop("seed", 0)
    defaults = {"shape": IMAGE, "channels": CHANNELS, "content": CONTENT, "classes": CLASSES, "pose": ()}
    parts = {"encoder": encoder, "decoder": decoder, "likelihood": Bernoulli()}
    return Autoencoder(**{**defaults, **parts, **options}, generator=torch.Generator().manual_seed(seed)).double()


def content(batch: int = BATCH) -> torch.Tensor:
    return noise(batch, CONTENT, seed=1)


def inverse(shape: tuple[int, ...] = IMAGE, batch: int = BATCH) -> torch.Tensor:
    """Maps from sample to content: random rotations and shifts of images, shifts and magnifications of curves."""
    first, other = noise(batch, 1, seed=2), 0.2 * noise(batch, 2, seed=3)
    if len(shape) == 1:
        return invert(compose((Shift(), Scale()), {"shift": 0.2 * first, "scale": other[:, :1]}))
    return invert(compose((Rotation(), Translation()), {"rotation": first, "translation": other}))


def direct(canonical: torch.Tensor, pose: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    """Decoded samples (batch, classes, channels, pixels) sampled in another pose."""
    stack = canonical.flatten(1, 2).unflatten(2, shape)
    return sample(stack, transform(pose, pixel_grid(*shape).double())).reshape(canonical.shape)


def assert_gradients(module: torch.nn.Module, *others: torch.Tensor) -> None:
    named = dict(module.named_parameters()) | {f"input {index}": tensor for index, tensor in enumerate(others)}
    for name, tensor in named.items():
        assert tensor.grad is not None, name
        assert torch.isfinite(tensor.grad).all(), name
        assert float(tensor.grad.abs().max()) > 0, name


class EncoderContract:
    """For every encoder."""

    options: object

    def build(self, *, shape: tuple[int, ...] = IMAGE, channels: int = CHANNELS, seed: int = 0) -> torch.nn.Module:
        return self.options.build(shape, channels, OUTPUTS, torch.Generator().manual_seed(seed)).double()

    @pytest.mark.parametrize("channels", [1, 3])
    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    def test_samples_of_any_size_and_channels_become_rows_of_numbers(self, shape, channels):
        x = noise(BATCH, channels * int(np.prod(shape)), seed=0)
        out = self.build(shape=shape, channels=channels)(x)
        assert out.shape == (BATCH, OUTPUTS)
        assert torch.isfinite(out).all()

    def test_one_seed_gives_one_encoder_and_another_gives_another(self):
        x = noise(BATCH, 70, seed=0)
        before = torch.get_rng_state()
        first, second, third = (self.build(seed=seed)(x) for seed in (0, 0, 1))
        assert torch.equal(torch.get_rng_state(), before)
        assert torch.equal(first, second)
        assert not torch.allclose(first, third)

    def test_samples_do_not_see_each_other(self):
        encoder, x = self.build(), noise(BATCH, 70, seed=0)
        torch.testing.assert_close(encoder(x[2:3]), encoder(x)[2:3])

    def test_every_value_of_every_channel_is_seen(self):
        x = noise(BATCH, 70, seed=0).requires_grad_()
        self.build()(x).square().sum().backward()
        assert (x.grad.abs().sum(0) > 0).all()

    def test_the_output_is_unbounded(self):
        encoder, x = self.build(), noise(BATCH, 70, seed=0)
        with torch.no_grad():
            list(encoder.parameters())[-1].add_(100)
        assert (encoder(x) > 50).all()

    def test_gradients_reach_every_parameter(self):
        encoder = self.build()
        (noise(BATCH, OUTPUTS, seed=1) * encoder(noise(BATCH, 70, seed=0))).sum().backward()
        assert_gradients(encoder)


class DecoderContract:
    """For every decoder, of images; `shape = CURVE` makes it one of curves."""

    options: object
    shape: tuple[int, ...] = IMAGE

    def build(self, **options) -> torch.nn.Module:
        return model_of(decoder=self.options, **{"shape": self.shape, **options}).decoder

    def pose(self) -> torch.Tensor | None:
        return None

    def pose_of(self, chosen) -> torch.Tensor | None:
        pose = self.pose()
        return None if pose is None else pose[chosen]

    @pytest.mark.parametrize(("classes", "channels"), [(3, 2), (1, 1), (2, 3)])
    @pytest.mark.parametrize("shape", SHAPES, ids=str)
    def test_the_output_has_a_value_for_every_class_channel_and_pixel(self, classes, channels, shape):
        out = self.build(classes=classes, channels=channels, shape=shape)(content(), None)
        assert out.shape == (BATCH, classes, channels, np.prod(shape))
        assert torch.isfinite(out).all()

    def test_values_are_finite_for_content_far_beyond_the_prior(self):
        assert torch.isfinite(self.build()(100 * content(), self.pose())).all()

    def test_one_seed_gives_one_decoder_and_another_gives_another(self):
        before = torch.get_rng_state()
        first, second, third = (self.build(seed=seed)(content(), self.pose()) for seed in (0, 0, 1))
        assert torch.equal(torch.get_rng_state(), before)
        assert torch.equal(first, second)
        assert not torch.allclose(first, third)

    def test_samples_do_not_see_each_other(self):
        decoder = self.build()
        order = torch.tensor([4, 2, 0, 1, 5, 3])
        torch.testing.assert_close(
            decoder(content()[order], self.pose_of(order)), decoder(content(), self.pose())[order]
        )
        torch.testing.assert_close(
            decoder(content()[2:3], self.pose_of(slice(2, 3))), decoder(content(), self.pose())[2:3]
        )

    def test_with_a_label_each_row_is_decoded_for_its_own_class(self):
        decoder, label = self.build(), torch.arange(BATCH) % CLASSES
        every = decoder(content(), self.pose())
        found = decoder(content(), self.pose(), label)
        torch.testing.assert_close(found[:, 0], every[torch.arange(BATCH), label])

    def test_classes_and_channels_are_not_copies_of_each_other(self):
        out = self.build()(content(), None)
        for axis in (1, 2):
            assert not torch.allclose(out.select(axis, 0), out.select(axis, 1), atol=1e-4)

    def test_a_class_is_what_its_own_parameters_say_and_no_other_is(self):
        decoder = self.build()
        before = decoder(content(), self.pose()).detach()
        with torch.no_grad():
            for values in decoder.per_class():
                assert len(values) == CLASSES
                values[2] = values[0]
        after = decoder(content(), self.pose())
        torch.testing.assert_close(after[:, :2], before[:, :2])
        torch.testing.assert_close(after[:, 2], before[:, 0])

    def test_the_pixel_grid_is_not_part_of_the_saved_weights(self):
        assert set(self.build().state_dict()) == {name for name, _ in self.build().named_parameters()}

    def test_the_content_changes_the_output(self):
        decoder = self.build()
        assert not torch.allclose(decoder(content(), None), decoder(0 * content(), None), atol=1e-4)

    def test_gradients_reach_every_parameter_and_the_content(self):
        decoder = self.build()
        z = content().requires_grad_()
        weight = noise(BATCH, CLASSES, CHANNELS, int(np.prod(self.shape)), seed=3)
        (weight * decoder(z, self.pose())).sum().backward()
        assert_gradients(decoder, z)

    def test_evaluation_without_gradients_gives_the_same_values(self):
        decoder = self.build()
        with torch.inference_mode():
            quick = decoder(content(), self.pose())
        torch.testing.assert_close(quick, decoder(content(), self.pose()).detach())


class FixedDecoderContract(DecoderContract):
    """The same for a decoder that knows no pose."""

    def test_a_pose_is_refused(self, refused):
        with refused():
            self.build()(content(), inverse())


class PosedDecoderContract(DecoderContract):
    """The same for a decoder that can place its content."""

    def pose(self) -> torch.Tensor:
        return inverse(self.shape)

    def test_no_pose_is_the_identity_pose(self):
        decoder = self.build()
        identity = torch.eye(3, dtype=torch.float64)[:2].expand(BATCH, 2, 3)
        torch.testing.assert_close(decoder(content(), None), decoder(content(), identity), atol=1e-6, rtol=0)

    def test_a_shift_by_whole_pixels_is_that_of_the_canonical_sample_inside(self):
        decoder, step = self.build(), 2 / max(self.shape)
        part = Shift() if len(self.shape) == 1 else Translation()
        shift = torch.tensor([[2 * step, 0.0]], dtype=torch.float64)[:, : part.width].expand(BATCH, -1)
        got = decoder(content(), invert(part.matrix(shift))).unflatten(3, self.shape)
        expected = decoder(content(), None).unflatten(3, self.shape)
        torch.testing.assert_close(got[..., 2:], expected[..., :-2], atol=1e-5, rtol=0)

    def test_a_pose_changes_the_output_and_receives_a_gradient(self):
        decoder = self.build()
        pose = self.pose().requires_grad_()
        out = decoder(content(), pose)
        assert not torch.allclose(decoder(content(), None), out, atol=1e-4)
        out.square().sum().backward()
        assert (pose.grad.abs().amax(dim=(1, 2)) > 0).all()

    def test_the_gradient_by_the_pose_is_that_of_finite_differences(self):
        decoder, z = self.build(), content()
        pose = self.pose()[:1].requires_grad_()
        assert torch.autograd.gradcheck(lambda at: decoder(z[:1], at), (pose,), atol=1e-4)


class PosedImageContract(PosedDecoderContract):
    """The same for images."""

    def test_a_half_turn_shows_the_canonical_image_upside_down(self):
        decoder = self.build()
        half = invert(Rotation().matrix(torch.full((BATCH, 1), torch.pi, dtype=torch.float64)))
        expected = decoder(content(), None).unflatten(3, self.shape).flip(3, 4).flatten(3)
        torch.testing.assert_close(decoder(content(), half), expected, atol=1e-5, rtol=0)


class PosedCurveContract(PosedDecoderContract):
    """The same for curves."""

    shape = CURVE

    def test_a_magnification_by_three_shows_the_middle_thrice_as_wide(self):
        decoder = self.build()
        three = invert(Scale().matrix(torch.full((BATCH, 1), np.log(3.0), dtype=torch.float64)))
        canonical = decoder(content(), None)
        torch.testing.assert_close(decoder(content(), three)[..., [1, 4, 7]], canonical[..., 3:6], atol=1e-5, rtol=0)
