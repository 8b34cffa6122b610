"""A decoder whose canonical image is a few blocks of one brightness each."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from latscape.nets.decoder_frame import DecoderFrame, only


@dataclass(frozen=True)
class BlockDecoder:
    """One linear layer from content to so many blocks along each side, looked up where the pose says."""

    blocks: int = 4

    def build(self, frame: DecoderFrame, generator: torch.Generator) -> nn.Module:
        """The decoder as a module."""
        return _Blocks(self.blocks, frame, generator)


class _Blocks(nn.Module):
    def __init__(self, blocks: int, frame: DecoderFrame, generator: torch.Generator) -> None:
        super().__init__()
        self.blocks, self.frame = blocks, frame
        self.out = nn.Linear(frame.content, frame.classes * frame.channels * blocks**2)
        with torch.no_grad():
            for weight in self.parameters():
                weight.copy_(0.3 * torch.randn(weight.shape, generator=generator))

    def forward(self, content: Tensor, inverse: Tensor | None, label: Tensor | None = None) -> Tensor:
        frame, n = self.frame, len(content)
        blocks = self.out(content).view(n, -1, self.blocks, self.blocks)
        images = interpolate(blocks, size=frame.shape, mode="nearest")  # (batch, classes x channels, height, width)
        if inverse is not None:
            images = frame.sample(images, frame.transform(inverse, frame.grid))
        return only(images.view(n, frame.classes, frame.channels, frame.pixels), label)
