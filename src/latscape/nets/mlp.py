"""Dense layers whose first weights come from an explicit generator."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import ParamSpec, TypeVar

import torch
from torch import Tensor, nn

from latscape.errors import InputError

Layer = TypeVar("Layer", bound=nn.Module)
Options = ParamSpec("Options")

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


def undrawn(kind: Callable[Options, Layer], *args: Options.args, **options: Options.kwargs) -> Layer:
    """A layer whose weights are yet to be drawn: PyTorch's own draws leave no trace in its global generator.

    `nn.utils.skip_init` does without them, and imports half of PyTorch's compiler for it.
    """
    with torch.random.fork_rng(devices=[]):
        return kind(*args, **options)


def linear(inputs: int, outputs: int, generator: torch.Generator, *, bias: bool = True) -> nn.Linear:
    """A linear layer with PyTorch's default distribution of weights, U(-1/sqrt(inputs), 1/sqrt(inputs))."""
    layer = undrawn(nn.Linear, inputs, outputs, bias=bias)
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
