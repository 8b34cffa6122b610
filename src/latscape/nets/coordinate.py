"""The coordinate decoder: a network from transformed coordinate, content and class to the value of a pixel."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from latscape.errors import InputError
from latscape.nets.frame import Frame
from latscape.nets.mlp import activation, check_positive, linear, mlp


@dataclass(frozen=True)
class CoordinateDecoder:
    """The spatial decoder of rVAE: one network maps transformed coordinate, content and class to the pixel's value.

    Equivalent to pyroVED's: `tanh(W_r r + W_z z + w_k)`, dense layers, one linear output. Exact enumeration costs
    classes x batch x pixels x width^2.

    Parameters
    ----------
    hidden : tuple of int
        Widths of the dense layers after the first, which has the width of `hidden[0]`.
    activation : str
    chunk : int or None
        Images decoded at a time; their activations are recomputed in the backward pass, so memory is bounded by
        classes x chunk x pixels x width. None decodes the batch at once.
    skip : bool
        Let coordinate, content and class enter every layer, not the first alone (skip-rVAE): `h_0` is linear, and
        `h_l = act(W_l h_(l-1) + b_l) + h_0`, as AtomAI's `skip=True` does; all widths must be equal.
    """

    hidden: tuple[int, ...] = (128, 128)
    activation: str = "tanh"
    chunk: int | None = 4
    skip: bool = False

    def __post_init__(self) -> None:
        check_positive("widths of at least one layer", self.hidden, "hidden=(128, 128)")
        if self.chunk is not None:
            check_positive("a positive chunk, or None", (self.chunk,), "chunk=4")
        if self.skip and len(set(self.hidden)) > 1:
            raise InputError("layers of one width, which skip=True adds up", self.hidden, "hidden=(128, 128)")

    def build(self, frame: Frame, generator: torch.Generator) -> nn.Module:
        """The decoder as a module."""
        return _Coordinate(self, frame, generator)


class _Coordinate(nn.Module):
    grid: Tensor

    def __init__(self, options: CoordinateDecoder, frame: Frame, generator: torch.Generator) -> None:
        super().__init__()
        self.frame, self.chunk, self.skip = frame, options.chunk, options.skip
        first = options.hidden[0]
        # One layer on (r, z, class), split in three so that the coordinate part is computed once for all classes.
        self.position = linear(frame.grid.shape[1], first, generator)
        self.content = linear(frame.content, first, generator, bias=False)
        self.label = linear(frame.classes, first, generator, bias=False)
        self.act = activation(options.activation)
        self.layers = mlp([first, *options.hidden], options.activation, generator)
        self.out = linear(options.hidden[-1], frame.channels, generator)
        self.register_buffer("grid", frame.grid, persistent=False)

    def forward(self, content: Tensor, inverse: Tensor | None) -> Tensor:
        frame = self.frame
        grid = self.grid.expand(len(content), -1, -1) if inverse is None else frame.transform(inverse, self.grid)
        size = self.chunk or len(content)
        if len(content) <= size:
            return self._decode(content, grid)
        parts = zip(content.split(size), grid.split(size), strict=True)
        if torch.is_grad_enabled():
            return torch.cat([_recomputed(self._decode, z, r) for z, r in parts])
        return torch.cat([self._decode(z, r) for z, r in parts])

    def _decode(self, content: Tensor, grid: Tensor) -> Tensor:
        where = self.position(grid)[:, None]  # (batch, 1, pixels, width)
        what = self.content(content)[:, None] + self.label.weight.T  # (batch, classes, width)
        values = self.out(self._hidden(where + what[:, :, None]))  # (batch, classes, pixels, channels)
        return values.transpose(2, 3)

    def _hidden(self, first: Tensor) -> Tensor:
        if not self.skip:
            return self.layers(self.act(first))
        h = first
        for index in range(0, len(self.layers), 2):  # a linear layer and its activation
            h = self.layers[index : index + 2](h) + first
        return h


def _recomputed(function: Callable[[Tensor, Tensor], Tensor], content: Tensor, grid: Tensor) -> Tensor:
    out = checkpoint(function, content, grid, use_reentrant=False, preserve_rng_state=False)
    assert isinstance(out, Tensor)
    return out
