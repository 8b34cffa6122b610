"""A factor of the pose: images that are wider than they are high, or the other way round."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor


@dataclass(frozen=True)
class Stretch:
    """Stretch along x by exp(value), and along y by exp(-value).

    Parameters
    ----------
    prior : float
        Standard deviation of the value.
    """

    prior: float = 0.1
    name: ClassVar[str] = "stretch"
    meaning: ClassVar[str] = "logarithm of the stretch along x"
    width: ClassVar[int] = 1
    order: ClassVar[int] = 1
    dimensions: ClassVar[tuple[int, ...]] = (2,)

    def matrix(self, value: Tensor) -> Tensor:
        """Map values (batch, 1) to matrices (batch, 3, 3)."""
        return torch.diag_embed(torch.cat([value.exp(), (-value).exp(), torch.ones_like(value)], dim=1))
