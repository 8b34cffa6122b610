"""A decoder at several angles at once, so that a model need not find a large rotation by small steps."""

import math
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor, nn

from latscape.errors import InputError
from latscape.nets.frame import Frame
from latscape.nets.warp import WarpDecoder


class Part(Protocol):
    """Options of a decoder that can build it."""

    def build(self, frame: Frame, generator: torch.Generator) -> nn.Module:
        """A module (content, inverse) -> (batch, classes, channels, pixels)."""
        ...


@dataclass(frozen=True)
class TurnedDecoder:
    """Decode at `starts` angles, equally spaced over the full turn and added to that of the pose.

    Seen as a function of the angle, the likelihood of an image has several maxima, and an encoder that follows the
    gradient ends in one that is near instead of the highest. Here the start is a class like any other: it is enumerated
    exactly, and its posterior says which maximum is the highest. Of a model with `classes = k * starts`, class c is
    therefore the class `c // starts` at the start `2 pi (c % starts) / starts`.

    Parameters
    ----------
    starts : int
        Angles; a prior of the rotation near pi / starts [rad] then covers the turn.
    decoder : part
        What decodes at each of them, with the same weights.
    """

    starts: int = 6
    decoder: Part = WarpDecoder()  # noqa: RUF009  frozen options, safe to share

    def __post_init__(self) -> None:
        if self.starts < 1:
            raise InputError("at least one start", self.starts, "starts=6")

    def build(self, frame: Frame, generator: torch.Generator) -> nn.Module:
        """The decoder as a module."""
        if frame.classes % self.starts:
            hint = f"classes={self.starts}, or a multiple of it"
            raise InputError(f"a multiple of the {self.starts} starts as classes", frame.classes, hint)
        return _Turned(self, frame, generator)


class _Turned(nn.Module):
    turns: Tensor

    def __init__(self, options: TurnedDecoder, frame: Frame, generator: torch.Generator) -> None:
        super().__init__()
        self.starts = options.starts
        self.decoder = options.decoder.build(replace(frame, classes=frame.classes // options.starts), generator)
        back = -2.0 * math.pi / options.starts * torch.arange(options.starts)
        rows = torch.stack([back.cos(), -back.sin(), back.sin(), back.cos()], dim=1).view(-1, 2, 2)
        self.register_buffer("turns", rows, persistent=False)

    def forward(self, content: Tensor, inverse: Tensor | None) -> Tensor:
        batch, starts = len(content), self.starts
        if inverse is None:
            inverse = torch.eye(2, 3).to(content).expand(batch, 2, 3)
        # The inverse x -> L x + b undoes the shift t = -L^-1 b first; L R(-phi) (x - t) turns the rest by phi as well.
        linear, offset = inverse[:, None, :, :2], inverse[:, None, :, 2:]
        turned = linear @ self.turns
        every = torch.cat([turned, turned @ torch.linalg.solve(linear, offset)], dim=3)  # (batch, starts, 2, 3)
        out = self.decoder(content.repeat_interleave(starts, dim=0), every.flatten(0, 1))
        return out.unflatten(0, (batch, starts)).transpose(1, 2).flatten(1, 2)  # start varies fastest
