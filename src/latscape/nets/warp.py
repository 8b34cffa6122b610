"""The warp decoder: one canonical image per class, sampled at transformed coordinates."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from latscape.nets.decoder_frame import DecoderFrame, by_class, only
from latscape.nets.mlp import check_positive, linear, mlp, uniform

#: Mixing coefficients are amplified this much more than the images: they start at order one, so content matters.
CONTENT_GAIN = 4.0


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
        check_positive("widths of at least one layer", self.hidden, "hidden=(128, 128)")
        check_positive("a positive rank", (self.rank,), "rank=16")
        check_positive("a positive gain", (self.gain,), "gain=8")

    def build(self, frame: DecoderFrame, generator: torch.Generator) -> nn.Module:
        """The decoder as a module."""
        return Warp(self, frame, generator)


class Warp(nn.Module):
    """Built `WarpDecoder`."""

    grid: Tensor

    def __init__(self, options: WarpDecoder, frame: DecoderFrame, generator: torch.Generator) -> None:
        super().__init__()
        self.frame, self.rank, self.gain = frame, options.rank, options.gain
        self.features = mlp([frame.content, *options.hidden], options.activation, generator)
        self.coefficients = linear(options.hidden[-1], frame.classes * options.rank, generator)
        bound = 1.0 / (options.gain * options.rank**0.5)
        values = frame.channels * frame.pixels
        self.images = nn.Parameter(uniform((frame.classes, options.rank, values), bound, generator))
        self.mean = nn.Parameter(uniform((frame.classes, 1, values), bound, generator))
        self.register_buffer("grid", frame.grid, persistent=False)

    def canonical(self, content: Tensor, label: Tensor | None = None) -> Tensor:
        """Images before any pose of every class, (classes, batch, values), or of one a row, (1, batch, values)."""
        mix = CONTENT_GAIN * self.gain * self.coefficients(self.features(content))
        mix = mix.view(len(content), self.frame.classes, self.rank)
        if label is None:
            return torch.baddbmm(self.mean, mix.transpose(0, 1), self.images, beta=self.gain)
        return torch.baddbmm(self.mean[label], only(mix, label), self.images[label], beta=self.gain).transpose(0, 1)

    def per_class(self) -> tuple[Tensor, ...]:
        """Its parameters that belong to one class each, as views (classes, ...)."""
        return self.images, self.mean, *by_class(self.coefficients, self.frame.classes)

    def forward(self, content: Tensor, inverse: Tensor | None, label: Tensor | None = None) -> Tensor:
        """Posed images, (batch, classes, channels, pixels)."""
        frame, batch = self.frame, len(content)
        canonical = self.canonical(content, label).transpose(0, 1)  # (batch, classes, values)
        if inverse is not None:
            stack = canonical.reshape(batch, -1, *frame.shape).to(inverse.dtype)  # classes and channels
            canonical = frame.sample(stack, frame.transform(inverse, self.grid))
        return canonical.reshape(batch, -1, frame.channels, frame.pixels)
