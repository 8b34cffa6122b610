"""The coordinate decoder: a network from transformed coordinate, content and class to the value of a pixel."""

from dataclasses import dataclass
from typing import get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from latscape.errors import InputError
from latscape.nets.decoder_frame import DecoderFrame, Precision
from latscape.nets.mlp import activation, check_positive, linear, mlp
from latscape.nets.tanh import dense_tanh, tanh

#: Bytes of one layer's activations that pass through the network together: what a core's second-level cache holds.
CACHE = 2**20


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
        Images decoded at a time. A training step goes through its batch in chunks and adds up their gradients, so
        memory is bounded by classes x chunk x pixels x the sum of the widths. None takes the batch at once, as loss
        terms need that compare the samples of a batch with each other; with tanh and a Bernoulli likelihood on a CPU no
        activations are kept, and it is the fastest.
    precision : "float32" or "bfloat16"
        Of the dense layers; weights, coordinates, first layer and likelihood keep the model's precision.
    skip : bool
        Let coordinate, content and class enter every layer, not the first alone (skip-rVAE): `h_0` is linear, and
        `h_l = act(W_l h_(l-1) + b_l) + h_0`, as AtomAI's `skip=True` does; all widths must be equal.
    """

    hidden: tuple[int, ...] = (128, 128)
    activation: str = "tanh"
    chunk: int | None = 4
    precision: Precision = "float32"
    skip: bool = False

    def __post_init__(self) -> None:
        check_positive("widths of at least one layer", self.hidden, "hidden=(128, 128)")
        if self.chunk is not None:
            check_positive("a positive chunk, or None", (self.chunk,), "chunk=4")
        if self.precision not in get_args(Precision):
            raise InputError("a precision of 'float32' or 'bfloat16'", repr(self.precision), "precision='bfloat16'")
        if self.skip and len(set(self.hidden)) > 1:
            raise InputError("layers of one width, which skip=True adds up", self.hidden, "hidden=(128, 128)")

    def build(self, frame: DecoderFrame, generator: torch.Generator) -> nn.Module:
        """The decoder as a module."""
        return Coordinate(self, frame, generator)


class Coordinate(nn.Module):
    """Built `CoordinateDecoder`."""

    grid: Tensor

    def __init__(self, options: CoordinateDecoder, frame: DecoderFrame, generator: torch.Generator) -> None:
        super().__init__()
        self.frame, self.chunk, self.skip = frame, options.chunk, options.skip
        self.plain = options.activation == "tanh" and not options.skip
        self.narrow = torch.bfloat16 if options.precision == "bfloat16" else None
        self.rows = CACHE // (max(options.hidden) * (2 if self.narrow else 4))
        first = options.hidden[0]
        # One layer on (r, z, class), split in three so that the coordinate part is computed once for all classes.
        self.position = linear(frame.grid.shape[1], first, generator)
        self.content = linear(frame.content, first, generator, bias=False)
        self.label = linear(frame.classes, first, generator, bias=False)
        self.act = tanh if options.activation == "tanh" else activation(options.activation)
        self.layers = mlp([first, *options.hidden], options.activation, generator)
        self.out = linear(options.hidden[-1], frame.channels, generator)
        self.register_buffer("grid", frame.grid, persistent=False)

    def per_class(self) -> tuple[Tensor, ...]:
        """Its parameters that belong to one class each, as views (classes, ...)."""
        return (self.label.weight.T,)

    def what(self, content: Tensor, label: Tensor | None = None) -> Tensor:
        """The first layer's part from content and class, (batch, classes, width), or (batch, 1, width) with a label."""
        classes = self.label.weight.T + self.position.bias  # (classes, width)
        return self.content(content)[:, None] + (classes if label is None else classes[label][:, None])

    def where(self, batch: int, inverse: Tensor | None) -> Tensor:
        """Transformed coordinates (batch, pixels, dimensions)."""
        return self.grid.expand(batch, -1, -1) if inverse is None else self.frame.transform(inverse, self.grid)

    def forward(self, content: Tensor, inverse: Tensor | None, label: Tensor | None = None) -> Tensor:
        """Values (batch, classes, channels, pixels)."""
        size = self.chunk or len(content)
        parts = zip(self.what(content, label).split(size), self.where(len(content), inverse).split(size), strict=True)
        return torch.cat([self._decode(what, where) for what, where in parts])

    def _decode(self, what: Tensor, grid: Tensor) -> Tensor:
        """Values of contents with classes, (batch, classes, width), at coordinates (batch, pixels, dimensions)."""
        pixels = max(1, self.rows // (what.shape[0] * what.shape[1]))
        wheres = F.linear(grid, self.position.weight).split(pixels, dim=1)
        return torch.cat([self._values(what, where) for where in wheres], dim=3)

    def _values(self, what: Tensor, where: Tensor) -> Tensor:
        first = what[:, :, None] + where[:, None]  # (batch, classes, pixels, width)
        h = first if self.skip else self.act(first)
        rows = start = h.flatten(0, 2).to(self.narrow or h.dtype)
        layers = list(self.layers)
        for dense, act in zip(layers[::2], layers[1::2], strict=True):
            rows = _layer(rows, dense, act)
            if self.skip:
                rows = rows + start
        values = F.linear(rows, self.out.weight.to(rows.dtype), self.out.bias.to(rows.dtype))
        return values.to(h.dtype).unflatten(0, h.shape[:3]).transpose(2, 3)  # (batch, classes, channels, pixels)


def _layer(rows: Tensor, dense: nn.Module, act: nn.Module) -> Tensor:
    assert isinstance(dense, nn.Linear)
    weight, bias = dense.weight.to(rows.dtype), dense.bias.to(rows.dtype)
    return dense_tanh(rows, weight, bias) if isinstance(act, nn.Tanh) else act(F.linear(rows, weight, bias))
