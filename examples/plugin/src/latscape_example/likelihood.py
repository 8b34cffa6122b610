"""A likelihood that forgives outliers."""

import math
from dataclasses import dataclass

from torch import Tensor

from latscape.autoencoders.likelihoods import Likelihood


@dataclass(frozen=True)
class Laplace(Likelihood):
    """Values around the decoder's output with density exp(-|x - m| / scale) / (2 scale)."""

    spread: float = 0.3

    def nll(self, parameters: Tensor, x: Tensor) -> Tensor:
        """|x - m| / spread + log(2 spread), summed over values."""
        return ((parameters - x[:, None]).abs() / self.spread + math.log(2.0 * self.spread)).sum(dim=2)

    def mean(self, parameters: Tensor) -> Tensor:
        """The decoder's output."""
        return parameters
