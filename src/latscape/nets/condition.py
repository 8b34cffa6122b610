"""An encoder that is also told a condition."""

import torch
from torch import Tensor, nn

from latscape.nets.mlp import linear, mlp

#: Features of the sample that meet the condition, and units of the layer in which they do.
WIDTH = 64


class ConditionedEncoder(nn.Module):
    """Features of the sample and the condition meet in one more layer, so that any encoder can be told a condition.

    Parameters
    ----------
    features : module
        Samples to (batch, WIDTH): any encoder built with so many outputs.
    condition, outputs : int
        Numbers of the condition, raw outputs.
    generator : torch.Generator
    """

    def __init__(self, features: nn.Module, condition: int, outputs: int, generator: torch.Generator) -> None:
        super().__init__()
        self.features = features
        self.head = mlp([WIDTH + condition, WIDTH], "gelu", generator)
        self.out = linear(WIDTH, outputs, generator)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Samples (batch, values) and conditions (batch, condition) to (batch, outputs)."""
        return self.out(self.head(torch.cat([self.features(x), condition], dim=1)))
