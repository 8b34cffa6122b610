"""What each encoder is, beside what all of them promise."""

import pytest
import torch
from torch.nn import functional as F

from latscape.nets.conv import convolution
from latscape.nets.encoders import ConvEncoder, DenseEncoder

from .contracts import EncoderContract, noise


class TestDenseEncoder(EncoderContract):
    options = DenseEncoder(hidden=(8,))


class TestLinearEncoder(EncoderContract):
    options = DenseEncoder(hidden=())


class TestConvEncoder(EncoderContract):
    options = ConvEncoder(channels=(4, 6), hidden=(8,))

    @pytest.mark.parametrize("kind", ["image", "curve"])
    def test_it_is_its_formula_on_the_sample_with_channels_first(self, kind):
        shape, conv = {"image": ((5, 7), F.conv2d), "curve": ((9,), F.conv1d)}[kind]
        encoder = self.build(shape=shape)
        x = noise(3, 2, *shape, seed=0)
        w = list(encoder.state_dict().values())
        h = F.gelu(conv(F.gelu(conv(x, w[0], w[1], stride=2, padding=1)), w[2], w[3], stride=2, padding=1))
        expected = F.linear(F.gelu(F.linear(h.flatten(1), w[4], w[5])), w[6], w[7])
        torch.testing.assert_close(encoder(x.flatten(1)), expected)


class TestConvEncoderOfWideFiltersWithoutStride(EncoderContract):
    options = ConvEncoder(channels=(3,), kernel=5, stride=1, hidden=(), activation="tanh")


class TestConvEncoderOfLongStrides(EncoderContract):
    options = ConvEncoder(channels=(3, 4, 5), stride=3, kernel=5)


@pytest.mark.parametrize(
    "options", [{"channels": ()}, {"channels": (0,)}, {"kernel": 2}, {"stride": 0}, {"stride": 3, "kernel": 3}], ids=str
)
def test_options_that_make_no_encoder_are_refused(options, refused):
    with refused():
        ConvEncoder(**options)


@pytest.mark.parametrize("dimensions", [1, 2])
def test_filters_are_uniform_within_one_over_the_root_of_what_lies_below_them(dimensions):
    layer = convolution(dimensions, 20, 300, 3, torch.Generator().manual_seed(0))
    bound, weight = (20 * 3**dimensions) ** -0.5, layer.weight.detach()
    assert float(weight.abs().max()) <= bound
    assert float(weight.std()) == pytest.approx(bound / 3**0.5, rel=0.01)
