"""What a decoder is given by whoever builds it.

Every built decoder is a module `(content, inverse, label=None) -> (batch, classes, channels, pixels)`: the parameters
of the likelihood for all classes at once. `inverse` (batch, 2, 3) maps image to canonical coordinates; None is the
identity. With `label` (batch,), each row is decoded for its own class alone: (batch, 1, channels, pixels). Its
`per_class()`, if it has one, gives views (classes, ...) of the parameters that belong to one class each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class DecoderFrame:
    """What a decoder must know of the samples: sizes, pixel coordinates, and how to read an image elsewhere."""

    content: int  # numbers per sample
    classes: int  # 1 = none
    channels: int  # per pixel
    shape: tuple[int, ...]  # (height, width), or (length,) for curves
    grid: Tensor  # (pixels, dimensions)
    transform: Callable[[Tensor, Tensor], Tensor]  # (inverse, grid) -> (batch, pixels, dimensions)
    sample: Callable[[Tensor, Tensor], Tensor]  # (images (batch, channels, *shape), coordinates) -> images

    @property
    def pixels(self) -> int:
        """Positions per sample."""
        return self.grid.shape[0]


def only(values: Tensor, label: Tensor | None) -> Tensor:
    """Of values (batch, classes, ...) those of each row's label, (batch, 1, ...); all of them without labels."""
    return values if label is None else values[torch.arange(len(label), device=label.device), label][:, None]


def by_class(layer: nn.Linear, classes: int) -> tuple[Tensor, ...]:
    """Weights and biases of a layer whose outputs are those of one class after the other, (classes, ...)."""
    return tuple(values.view(classes, -1) for values in layer.parameters())
