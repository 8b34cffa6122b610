"""The factorised decoder: features of the coordinate times coefficients of content and class."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from latscape.nets.decoder_frame import DecoderFrame, by_class, only
from latscape.nets.mlp import check_positive, linear, mlp


@dataclass(frozen=True)
class FactorisedDecoder:
    """A pixel's value is the product of features of its transformed coordinate r and coefficients of content and class.

    `value_k(r; z) = (a_k0(z) + sum_m a_km(z) phi_m(r)) / sqrt(M)` with M features: a basis of functions of the plane
    instead of the warp decoder's images, so nothing is interpolated, and the coordinate decoder's network without z in
    it. The features of an image are computed once for all classes: batch x pixels x width^2, not classes times as much.

    Parameters
    ----------
    features : tuple of int
        Widths of the layers from the coordinate to the features; the last is the number of features.
    hidden : tuple of int
        Widths of the layers from the content to the coefficients.
    activation : str
        See `latscape.nets.mlp.ACTIVATIONS`.
    """

    features: tuple[int, ...] = (128, 128)
    hidden: tuple[int, ...] = (128,)
    activation: str = "tanh"

    def __post_init__(self) -> None:
        check_positive("widths of at least one layer of features", self.features, "features=(128, 128)")
        check_positive("widths of at least one layer", self.hidden, "hidden=(128,)")

    def build(self, frame: DecoderFrame, generator: torch.Generator) -> nn.Module:
        """The decoder as a module."""
        return _Factorised(self, frame, generator)


class _Factorised(nn.Module):
    grid: Tensor

    def __init__(self, options: FactorisedDecoder, frame: DecoderFrame, generator: torch.Generator) -> None:
        super().__init__()
        self.frame = frame
        self.where = mlp([frame.grid.shape[1], *options.features], options.activation, generator)
        self.what = mlp([frame.content, *options.hidden], options.activation, generator)
        self.rows = frame.classes * frame.channels
        self.coefficients = linear(options.hidden[-1], self.rows * (options.features[-1] + 1), generator)
        self.register_buffer("grid", frame.grid, persistent=False)

    def per_class(self) -> tuple[Tensor, ...]:
        """Its parameters that belong to one class each, as views (classes, ...)."""
        return by_class(self.coefficients, self.frame.classes)

    def forward(self, content: Tensor, inverse: Tensor | None, label: Tensor | None = None) -> Tensor:
        frame = self.frame
        grid = self.grid[None] if inverse is None else frame.transform(inverse, self.grid)
        phi = self.where(grid).expand(len(content), -1, -1).transpose(1, 2)  # (batch, features, pixels)
        # The coefficients are the weights of a linear layer on M features: of order 1 / sqrt(M), as such weights start.
        # Without that, noise in z and every step of Adam move the values sqrt(M) times as far, and shapes are lost.
        a = self.coefficients(self.what(content)).view(len(content), self.rows, -1) / phi.shape[1] ** 0.5
        values = torch.baddbmm(a[:, :, :1], a[:, :, 1:], phi)  # (batch, classes x channels, pixels)
        return only(values.view(len(content), frame.classes, frame.channels, frame.pixels), label)
