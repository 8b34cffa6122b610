"""A mean function of a structured Gaussian process."""

from collections.abc import Mapping

import torch
from torch import Tensor


def decay(x: Tensor, p: Mapping[str, Tensor]) -> Tensor:
    """a exp(-rate x), of x (n, 1)."""
    return p["a"] * torch.exp(-p["rate"] * x[:, 0])
