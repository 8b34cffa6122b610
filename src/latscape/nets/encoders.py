"""Encoders: from a batch of flat samples to the raw output that the latent blocks split among themselves."""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from latscape.errors import InputError
from latscape.nets.conv import check_kernel, convolution
from latscape.nets.mlp import activation, check_positive, linear, mlp

#: Features of the sample that meet a condition, and units of the layer in which they do.
WIDTH = 64


@dataclass(frozen=True)
class DenseEncoder:
    """Dense layers on the flattened sample (default: the two layers of 128 tanh units of pyroVED).

    Examples
    --------
    >>> net = DenseEncoder().build(shape=(28, 28), channels=1, outputs=6, generator=torch.Generator().manual_seed(0))
    >>> net(torch.zeros(3, 784)).shape
    torch.Size([3, 6])
    """

    hidden: tuple[int, ...] = (128, 128)
    activation: str = "tanh"

    def build(self, shape: tuple[int, ...], channels: int, outputs: int, generator: torch.Generator) -> nn.Module:
        """A module (batch, channels x pixels) -> (batch, outputs)."""
        sizes = (channels * math.prod(shape), *self.hidden)
        return nn.Sequential(mlp(sizes, self.activation, generator), linear(sizes[-1], outputs, generator))


@dataclass(frozen=True)
class ConvEncoder:
    """Convolutions that shrink an image or a curve, then dense layers; any size down to one pixel, square or not.

    Parameters
    ----------
    channels : tuple of int
        Of the convolutional layers.
    kernel : int
        Side of every filter [pixels]; samples are padded with zeros by half of it.
    stride : int
        Each convolution keeps one pixel in `stride` along every side, rounded up; 1 keeps all of them.
    hidden : tuple of int
        Widths of the dense layers after the convolutions.
    activation : str
        See `latscape.nets.mlp.ACTIVATIONS`.
    pool : bool
        Whether the dense layers are given only the mean of each channel over the sample: what there is, not where.

    Examples
    --------
    >>> net = ConvEncoder().build(shape=(9, 5), channels=2, outputs=6, generator=torch.Generator().manual_seed(0))
    >>> net(torch.zeros(3, 90)).shape
    torch.Size([3, 6])
    """

    channels: tuple[int, ...] = (32, 64)
    kernel: int = 3
    stride: int = 2
    hidden: tuple[int, ...] = (128,)
    activation: str = "gelu"
    pool: bool = False

    def __post_init__(self) -> None:
        check_positive("channels of at least one layer", self.channels, "channels=(32, 64)")
        check_kernel(self.kernel)
        check_positive("a positive stride", (self.stride,), "stride=2")
        if self.kernel < 2 * self.stride - 1:
            skipped = f"kernel={self.kernel}, stride={self.stride}"
            raise InputError("a kernel of at least 2 stride - 1, which skips no pixel", skipped, "kernel=3, stride=2")

    def build(self, shape: tuple[int, ...], channels: int, outputs: int, generator: torch.Generator) -> nn.Module:
        """A module (batch, channels x pixels) -> (batch, outputs)."""
        layers: list[nn.Module] = [nn.Unflatten(1, (channels, *shape))]
        for before, after in pairwise((channels, *self.channels)):
            layers += [convolution(len(shape), before, after, self.kernel, generator, stride=self.stride)]
            layers += [activation(self.activation)]
            shape = tuple(math.ceil(side / self.stride) for side in shape)
        if self.pool:
            layers += [nn.Flatten(2), nn.AdaptiveAvgPool1d(1)]
            shape = (1,)
        sizes = (self.channels[-1] * math.prod(shape), *self.hidden)
        dense = mlp(sizes, self.activation, generator)
        return nn.Sequential(*layers, nn.Flatten(), dense, linear(sizes[-1], outputs, generator))


class ConditionedEncoder(nn.Module):
    """Features of the sample and the condition meet in one more layer, so that any encoder can be told a condition.

    `features` takes samples to (batch, WIDTH): any encoder built with so many outputs.
    """

    def __init__(self, features: nn.Module, condition: int, outputs: int, generator: torch.Generator) -> None:
        super().__init__()
        self.features = features
        self.head = mlp([WIDTH + condition, WIDTH], "gelu", generator)
        self.out = linear(WIDTH, outputs, generator)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Samples (batch, values) and conditions (batch, condition) to (batch, outputs)."""
        return self.out(self.head(torch.cat([self.features(x), condition], dim=1)))
