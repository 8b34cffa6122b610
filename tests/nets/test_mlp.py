"""Dense layers drawn from an explicit generator."""

import pytest
import torch
from torch.nn import functional as F

from latscape.nets.encoders import DenseEncoder
from latscape.nets.mlp import ACTIVATIONS, activation, linear, mlp


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_one_generator_state_gives_one_network_and_another_gives_another():
    first, second, third = (mlp([3, 4, 5], "tanh", generator(seed)).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not any(torch.equal(first[name], third[name]) for name in first)


def test_weights_are_uniform_within_one_over_the_root_of_the_inputs():
    layer = linear(400, 300, generator())
    bound = 400**-0.5
    for values in (layer.weight.detach(), layer.bias.detach()):
        assert float(values.abs().max()) <= bound
    assert float(layer.weight.detach().std()) == pytest.approx(bound / 3**0.5, rel=0.01)
    assert float(layer.weight.detach().mean()) == pytest.approx(0.0, abs=bound / 100)


def test_building_a_network_leaves_torchs_global_generator_alone():
    before = torch.get_rng_state()
    mlp([3, 4, 5], "gelu", generator())
    assert torch.equal(torch.get_rng_state(), before)


def test_a_dense_network_is_its_formula():
    net = mlp([3, 4, 5], "tanh", generator())
    x = torch.randn(2, 3, generator=generator(1))
    w = list(net.state_dict().values())
    torch.testing.assert_close(net(x), torch.tanh(F.linear(torch.tanh(F.linear(x, w[0], w[1])), w[2], w[3])))


def test_an_encoder_ends_in_a_linear_layer_so_that_its_output_is_unbounded():
    net = DenseEncoder(hidden=(8,)).build((6,), 1, 3, generator())
    x = torch.randn(2, 6, generator=generator(1))
    w = list(net.state_dict().values())
    torch.testing.assert_close(net(x), F.linear(torch.tanh(F.linear(x, w[0], w[1])), w[2], w[3]))


def test_an_encoder_without_hidden_layers_is_linear():
    net = DenseEncoder(hidden=()).build((6,), 1, 3, generator())
    zero = net(torch.zeros(1, 6))
    x = torch.randn(1, 6, generator=generator(1))
    torch.testing.assert_close(net(2 * x) - zero, 2 * (net(x) - zero))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_named_activation_is_that_of_torch(name):
    x = torch.linspace(-2, 2, 9)
    torch.testing.assert_close(activation(name)(x), getattr(torch, name, getattr(F, name, None))(x))


def test_an_unknown_activation_is_refused_with_the_known_ones(refused):
    with refused() as caught:
        activation("swish")
    assert all(name in str(caught.value) for name in ACTIVATIONS)
