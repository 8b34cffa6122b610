"""Convolutions whose first weights come from an explicit generator, and a decoder made of them."""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from latscape.errors import InputError
from latscape.nets.decoder_frame import DecoderFrame, by_class, only
from latscape.nets.mlp import activation, check_positive, linear, mlp, undrawn, uniform


def convolution(
    dimensions: int, inputs: int, outputs: int, kernel: int, generator: torch.Generator, *, stride: int = 1
) -> nn.Module:
    """A convolution along one or two axes that pads with zeros, so that n pixels become ceil(n / stride).

    Its weights have PyTorch's default distribution, U(-1/sqrt(m), 1/sqrt(m)) for m numbers below a filter.
    """
    kind = {1: nn.Conv1d, 2: nn.Conv2d}[dimensions]
    layer = undrawn(kind, inputs, outputs, kernel, stride=stride, padding=kernel // 2)
    bound = 1.0 / math.sqrt(inputs * kernel**dimensions)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(uniform(parameter.shape, bound, generator))
    return layer


def check_kernel(kernel: int) -> None:
    """Refuse a filter that has no middle: only odd ones keep a sample in its place."""
    if kernel < 1 or kernel % 2 == 0:
        raise InputError("an odd, positive kernel", kernel, "kernel=3")


@dataclass(frozen=True)
class ConvDecoder:
    """Dense layers to one small picture per class, then convolutions that double its sides; it knows no pose.

    Pictures are repeated before every convolution instead of transposing it, which would leave a chessboard pattern
    (Odena et al. 2016, doi:10.23915/distill.00003), and every side may have any length.

    Parameters
    ----------
    hidden : tuple of int
        Widths of the dense layers.
    channels : tuple of int
        Of the smallest picture and of every doubled one.
    kernel : int
        Side of every filter [pixels].
    activation : str
        See `latscape.nets.mlp.ACTIVATIONS`.
    """

    hidden: tuple[int, ...] = (128,)
    channels: tuple[int, ...] = (64, 32)
    kernel: int = 3
    activation: str = "gelu"

    def __post_init__(self) -> None:
        check_positive("widths of at least one layer", self.hidden, "hidden=(128,)")
        check_positive("channels of at least one picture", self.channels, "channels=(64, 32)")
        check_kernel(self.kernel)

    def build(self, frame: DecoderFrame, generator: torch.Generator) -> nn.Module:
        """The decoder as a module."""
        return _Conv(self, frame, generator)


class _Conv(nn.Module):
    def __init__(self, options: ConvDecoder, frame: DecoderFrame, generator: torch.Generator) -> None:
        super().__init__()
        self.frame = frame
        doublings = range(len(options.channels), -1, -1)
        self.shapes = [tuple(math.ceil(side / 2**level) for side in frame.shape) for level in doublings]
        self.smallest = (options.channels[0], *self.shapes[0])
        self.features = mlp([frame.content, *options.hidden], options.activation, generator)
        self.start = linear(options.hidden[-1], frame.classes * math.prod(self.smallest), generator)
        self.act = activation(options.activation)
        sizes = pairwise((*options.channels, frame.channels))
        dimensions = len(frame.shape)
        self.layers = nn.ModuleList(convolution(dimensions, *size, options.kernel, generator) for size in sizes)

    def per_class(self) -> tuple[Tensor, ...]:
        """Its parameters that belong to one class each, as views (classes, ...)."""
        return by_class(self.start, self.frame.classes)

    def forward(self, content: Tensor, inverse: Tensor | None, label: Tensor | None = None) -> Tensor:
        if inverse is not None:
            raise InputError("a decoder that can be posed", "ConvDecoder with a pose", "decoder=WarpDecoder()")
        every = self.start(self.features(content)).view(len(content), self.frame.classes, *self.smallest)
        pictures = only(every, label).flatten(0, 1)  # (batch x classes, channels, ...)
        for layer, shape in zip(self.layers, self.shapes[1:], strict=True):
            pictures = layer(F.interpolate(self.act(pictures), size=shape))
        return pictures.view(len(content), -1, self.frame.channels, self.frame.pixels)
