"""Dense layers whose first weights come from an explicit generator."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from latscape.errors import InputError

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
}


def activation(name: str) -> nn.Module:
    """The activation of that name."""
    if name not in ACTIVATIONS:
        raise InputError(f"an activation among {', '.join(ACTIVATIONS)}", repr(name), "activation='gelu'")
    return ACTIVATIONS[name]()


def linear(inputs: int, outputs: int, generator: torch.Generator, *, bias: bool = True) -> nn.Linear:
    """A linear layer with PyTorch's default distribution of weights, U(-1/sqrt(inputs), 1/sqrt(inputs))."""
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs, bias=bias)
    assert isinstance(layer, nn.Linear)
    bound = 1.0 / math.sqrt(inputs)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(uniform(parameter.shape, bound, generator))
    return layer


def mlp(sizes: Sequence[int], act: str, generator: torch.Generator) -> nn.Sequential:
    """Dense layers `sizes[0] -> ... -> sizes[-1]`, each followed by the activation."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [linear(inputs, outputs, generator), activation(act)]
    return nn.Sequential(*layers)


def uniform(shape: Sequence[int], bound: float, generator: torch.Generator) -> Tensor:
    """Numbers from U(-bound, bound)."""
    return (2.0 * torch.rand(shape, generator=generator) - 1.0) * bound


def check_positive(expected: str, values: Sequence[float], hint: str) -> None:
    """Refuse no values, and any that is not above zero."""
    if not values or min(values) <= 0:
        raise InputError(expected, values if len(values) != 1 else values[0], hint)
