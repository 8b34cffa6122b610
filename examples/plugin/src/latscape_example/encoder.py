"""An encoder that sees of a sample only its mean and its deviation."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class MomentEncoder:
    """One hidden layer on the mean and the deviation of a sample."""

    hidden: int = 16

    def build(self, shape: tuple[int, ...], channels: int, outputs: int, generator: torch.Generator) -> nn.Module:
        """A module (batch, values) -> (batch, outputs)."""
        return _Moments(self.hidden, outputs, generator)


class _Moments(nn.Module):
    def __init__(self, hidden: int, outputs: int, generator: torch.Generator) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(2, hidden), nn.Linear(hidden, outputs)
        with torch.no_grad():  # from the generator alone, so that one seed gives one model
            for weight in self.parameters():
                weight.copy_(0.3 * torch.randn(weight.shape, generator=generator))

    def forward(self, x: Tensor) -> Tensor:
        moments = torch.stack([x.mean(dim=1), x.std(dim=1)], dim=1)
        return self.last(torch.tanh(self.first(moments)))
