"""Images side by side in one."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def make_grid(images: Tensor, nrow: int = 8, padding: int = 2, pad_value: float = 0.0, **_: object) -> Tensor:
    """Images (n, channels, height, width) as rows of `nrow` in one (channels, height, width), framed by `padding`."""
    n, columns = len(images), min(nrow, len(images))
    rows = math.ceil(n / columns)
    cells = F.pad(images, (0, padding, 0, padding), value=pad_value)
    cells = torch.cat([cells, cells.new_full((rows * columns - n, *cells.shape[1:]), pad_value)])
    cells = cells.unflatten(0, (rows, columns)).permute(2, 0, 3, 1, 4).flatten(1, 2).flatten(2, 3)
    return F.pad(cells, (padding, 0, padding, 0), value=pad_value)
