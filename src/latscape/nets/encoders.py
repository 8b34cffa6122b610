"""Encoders: from a batch of flat samples to the raw output that the latent blocks split among themselves."""

from dataclasses import dataclass

import torch
from torch import nn

from latscape.nets.mlp import linear, mlp


@dataclass(frozen=True)
class DenseEncoder:
    """Dense layers on the flattened sample (default: the two layers of 128 tanh units of pyroVED).

    Examples
    --------
    >>> net = DenseEncoder().build(values=784, outputs=6, generator=torch.Generator().manual_seed(0))
    >>> net(torch.zeros(3, 784)).shape
    torch.Size([3, 6])
    """

    hidden: tuple[int, ...] = (128, 128)
    activation: str = "tanh"

    def build(self, values: int, outputs: int, generator: torch.Generator) -> nn.Module:
        """A module (batch, values) -> (batch, outputs)."""
        features = mlp([values, *self.hidden], self.activation, generator)
        return nn.Sequential(features, linear(self.hidden[-1] if self.hidden else values, outputs, generator))
