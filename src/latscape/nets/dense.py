"""A decoder of dense layers alone."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from latscape.errors import InputError
from latscape.nets.decoder_frame import DecoderFrame, by_class, only
from latscape.nets.mlp import check_positive, linear, mlp


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
        check_positive("widths of at least one layer", self.hidden, "hidden=(128, 128)")

    def build(self, frame: DecoderFrame, generator: torch.Generator) -> nn.Module:
        """The decoder as a module."""
        return _Dense(self, frame, generator)


class _Dense(nn.Module):
    def __init__(self, options: DenseDecoder, frame: DecoderFrame, generator: torch.Generator) -> None:
        super().__init__()
        self.frame = frame
        self.features = mlp([frame.content, *options.hidden], options.activation, generator)
        self.out = linear(options.hidden[-1], frame.classes * frame.channels * frame.pixels, generator)

    def per_class(self) -> tuple[Tensor, ...]:
        """Its parameters that belong to one class each, as views (classes, ...)."""
        return by_class(self.out, self.frame.classes)

    def forward(self, content: Tensor, inverse: Tensor | None, label: Tensor | None = None) -> Tensor:
        if inverse is not None:
            raise InputError("a decoder that can be posed", "DenseDecoder with a pose", "decoder=WarpDecoder()")
        values = self.out(self.features(content))
        return only(values.view(-1, self.frame.classes, self.frame.channels, self.frame.pixels), label)
