"""Decoders: from content, class and pose to the parameters of the likelihood, for all classes at once.

Every built decoder is a module `(content, inverse) -> (batch, classes, channels, pixels)`; `inverse` (batch, 2, 3) maps
image to canonical coordinates, and None means the identity. `sampler(canonical, inverse)` and the pixel `grid` are
given by whoever builds it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from latscape.errors import InputError
from latscape.nets.mlp import activation, linear, mlp, uniform

Move = Callable[[Tensor, Tensor], Tensor]
Resample = Callable[[Tensor, Tensor], Tensor]

#: Mixing coefficients are amplified this much more than the images: they start at order one, so content matters.
CONTENT_GAIN = 4.0


@dataclass(frozen=True)
class Frame:
    """What a decoder must know of the samples: sizes, pixel coordinates, and how to read an image elsewhere.

    Attributes
    ----------
    content, classes, channels : int
        Content numbers per sample, classes (1 = none), channels per pixel.
    shape : tuple of int
        (height, width), or (length,) for curves.
    grid : Tensor, shape (pixels, dimensions)
    transform : callable
        (inverse, grid) -> (batch, pixels, dimensions)
    sample : callable
        (images (batch, channels, *shape), coordinates) -> images
    """

    content: int
    classes: int
    channels: int
    shape: tuple[int, ...]
    grid: Tensor
    transform: Move
    sample: Resample

    @property
    def pixels(self) -> int:
        """Positions per sample."""
        return self.grid.shape[0]


@dataclass(frozen=True)
class DenseDecoder:
    """Dense layers from content to every value of every class; it knows no pose.

    Parameters
    ----------
    hidden : tuple of int
    activation : str
        See `latscape.nets.mlp.ACTIVATIONS`.
    """

    hidden: tuple[int, ...] = (128, 128)
    activation: str = "tanh"

    def __post_init__(self) -> None:
        _check_positive("widths of at least one layer", self.hidden, "hidden=(128, 128)")

    def build(self, frame: Frame, generator: torch.Generator) -> nn.Module:
        """The decoder as a module."""
        return _Dense(self, frame, generator)


class _Dense(nn.Module):
    def __init__(self, options: DenseDecoder, frame: Frame, generator: torch.Generator) -> None:
        super().__init__()
        self.frame = frame
        self.features = mlp([frame.content, *options.hidden], options.activation, generator)
        self.out = linear(options.hidden[-1], frame.classes * frame.channels * frame.pixels, generator)

    def forward(self, content: Tensor, inverse: Tensor | None) -> Tensor:
        if inverse is not None:
            raise InputError("a decoder that can be posed", "DenseDecoder with a pose", "decoder=WarpDecoder()")
        return self.out(self.features(content)).view(-1, self.frame.classes, self.frame.channels, self.frame.pixels)


@dataclass(frozen=True)
class WarpDecoder:
    """Decode one canonical image per class, then sample it at the transformed coordinates.

    The canonical image of class k is `gain (b_k + sum_r a_kr(z) B_kr)`: a few images per class, mixed by coefficients
    that depend on the content. All classes are channels of one sampling call, so a pose costs one bilinear
    interpolation however many classes there are.

    Parameters
    ----------
    hidden : tuple of int
        Widths of the dense layers below the coefficients.
    activation : str
        See `latscape.nets.mlp.ACTIVATIONS`.
    rank : int
        Images mixed per class.
    gain : float
        Adam moves every weight by about the learning rate per step, whatever its gradient; the gain lets logits of
        several units be reached in hundreds of steps instead of thousands.
    """

    hidden: tuple[int, ...] = (128, 128)
    activation: str = "gelu"
    rank: int = 16
    gain: float = 8.0

    def __post_init__(self) -> None:
        _check_positive("widths of at least one layer", self.hidden, "hidden=(128, 128)")
        _check_positive("a positive rank", (self.rank,), "rank=16")
        _check_positive("a positive gain", (self.gain,), "gain=8")

    def build(self, frame: Frame, generator: torch.Generator) -> nn.Module:
        """The decoder as a module."""
        return _Warp(self, frame, generator)


class _Warp(nn.Module):
    grid: Tensor

    def __init__(self, options: WarpDecoder, frame: Frame, generator: torch.Generator) -> None:
        super().__init__()
        self.frame, self.rank, self.gain = frame, options.rank, options.gain
        self.features = mlp([frame.content, *options.hidden], options.activation, generator)
        self.coefficients = linear(options.hidden[-1], frame.classes * options.rank, generator)
        bound = 1.0 / (options.gain * options.rank**0.5)
        values = frame.channels * frame.pixels
        self.images = nn.Parameter(uniform((frame.classes, options.rank, values), bound, generator))
        self.mean = nn.Parameter(uniform((frame.classes, 1, values), bound, generator))
        self.register_buffer("grid", frame.grid, persistent=False)

    def forward(self, content: Tensor, inverse: Tensor | None) -> Tensor:
        frame, batch = self.frame, len(content)
        mix = CONTENT_GAIN * self.gain * self.coefficients(self.features(content))
        mix = mix.view(batch, frame.classes, self.rank).transpose(0, 1)  # (classes, batch, rank)
        canonical = torch.baddbmm(self.mean, mix, self.images, beta=self.gain).transpose(
            0, 1
        )  # (batch, classes, values)
        if inverse is not None:
            stack = canonical.reshape(batch, frame.classes * frame.channels, *frame.shape)
            canonical = frame.sample(stack, frame.transform(inverse, self.grid))
        return canonical.reshape(batch, frame.classes, frame.channels, frame.pixels)


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
    """

    hidden: tuple[int, ...] = (128, 128)
    activation: str = "tanh"
    chunk: int | None = 4

    def __post_init__(self) -> None:
        _check_positive("widths of at least one layer", self.hidden, "hidden=(128, 128)")
        if self.chunk is not None:
            _check_positive("a positive chunk, or None", (self.chunk,), "chunk=4")

    def build(self, frame: Frame, generator: torch.Generator) -> nn.Module:
        """The decoder as a module."""
        return _Coordinate(self, frame, generator)


class _Coordinate(nn.Module):
    grid: Tensor

    def __init__(self, options: CoordinateDecoder, frame: Frame, generator: torch.Generator) -> None:
        super().__init__()
        self.frame, self.chunk = frame, options.chunk
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
        values = self.out(self.layers(self.act(where + what[:, :, None])))  # (batch, classes, pixels, channels)
        return values.transpose(2, 3)


def _check_positive(expected: str, values: Sequence[float], hint: str) -> None:
    if not values or min(values) <= 0:
        raise InputError(expected, values if len(values) != 1 else values[0], hint)


def _recomputed(function: Callable[[Tensor, Tensor], Tensor], content: Tensor, grid: Tensor) -> Tensor:
    out = checkpoint(function, content, grid, use_reentrant=False, preserve_rng_state=False)
    assert isinstance(out, Tensor)
    return out
