"""What a deep kernel looks at: patches, scaled by what is known of the field, through a network to a few latents."""

import math
from typing import Protocol

import torch
from botorch.models.transforms.input import InputTransform
from torch import Tensor, nn

from latscape.errors import InputError
from latscape.nets.encoders import ConvEncoder, DenseEncoder

SPREAD = 0.05  # deviation of the latents of the field before training, in length scales of the kernel
SHRINK = 0.1  # components are divided by the root of their variance and of this share of the largest: noise stays small
FLOOR = 1e-12


class Extractor(Protocol):
    """Options of a network, such as `latscape.DenseEncoder` and `latscape.ConvEncoder`."""

    def build(self, shape: tuple[int, ...], channels: int, outputs: int, generator: torch.Generator) -> nn.Module:
        """A module (batch, channels x pixels) -> (batch, outputs)."""
        ...


EXTRACTORS: dict[str, Extractor] = {
    "dense": DenseEncoder((64, 64), "silu"),
    "conv": ConvEncoder((8, 16), kernel=3, stride=2, hidden=(32,), pool=True),
}


class Embedding(InputTransform):
    """Flat patches (..., d) -> latents (..., latent), as a learned transform of the inputs of a BoTorch model.

    The network computes in single precision, the kernel in double.
    """

    shift: Tensor
    scale: Tensor
    transform_on_train = transform_on_eval = transform_on_fantasize = True

    def __init__(self, scaling: nn.Module, network: nn.Module, latent: int) -> None:
        super().__init__()
        self.scaling, self.network = scaling, network
        self.register_buffer("shift", torch.zeros(latent, dtype=torch.float64))
        self.register_buffer("scale", torch.ones(latent, dtype=torch.float64))

    def transform(self, X: Tensor) -> Tensor:
        """Latents (..., latent) of patches (..., d)."""
        return ((self._raw(X.reshape(-1, X.shape[-1])) - self.shift) / self.scale).reshape(*X.shape[:-1], -1)

    @torch.no_grad()
    def center(self, field: Tensor) -> None:
        """Shift and scale the latents to a mean of 0 and a deviation of `SPREAD` over the field (n, d)."""
        raw = self._raw(field)
        deviation = raw.std(0, correction=0)
        self.shift = raw.mean(0)
        self.scale = torch.where(deviation > FLOOR, deviation / SPREAD, 1.0)

    def _raw(self, x: Tensor) -> Tensor:
        precision = next(self.network.parameters()).dtype
        return self.network(self.scaling(x).to(precision)).double()


class Whiten(nn.Module):
    """Principal components of the field, each divided by its deviation."""

    mean: Tensor
    axes: Tensor

    def __init__(self, field: Tensor, components: int) -> None:
        super().__init__()
        mean, (n, d) = field.mean(0), field.shape
        rank = min(components, n, d)
        _, singular, axes = torch.pca_lowrank(field - mean, rank, center=False, niter=4)
        variance = singular**2 / n
        deviation = (variance + SHRINK * variance.max()).sqrt().clamp_min(FLOOR)
        self.register_buffer("mean", mean)
        self.register_buffer("axes", axes / deviation)  # (d, rank)
        self.width = rank

    def forward(self, x: Tensor) -> Tensor:
        """Patches (n, d) -> features (n, rank)."""
        return (x - self.mean) @ self.axes


class Standard(nn.Module):
    """Pixels less the mean, over the deviation, of each channel of the field; channels come last and go first."""

    mean: Tensor
    std: Tensor

    def __init__(self, field: Tensor, channels: int) -> None:
        super().__init__()
        values = field.reshape(-1, channels)
        self.register_buffer("mean", values.mean(0))
        self.register_buffer("std", values.std(0, correction=0).clamp_min(FLOOR))

    def forward(self, x: Tensor) -> Tensor:
        """Patches (n, pixels x channels) -> (n, channels x pixels)."""
        values = (x.reshape(len(x), -1, len(self.mean)) - self.mean) / self.std  # (n, pixels, channels)
        return values.transpose(1, 2).flatten(1)


def frame(d: int, shape: tuple[int, ...] | None) -> tuple[tuple[int, ...], int]:
    """Sides and channels of a flat patch of `d` numbers; squares of one channel need not be told."""
    if shape is None:
        side = math.isqrt(d)
        return ((side, side), 1) if side * side == d and side > 1 else ((d,), 1)
    if math.prod(shape) != d:
        raise InputError(f"patches of shape {shape}, flat: {math.prod(shape)} numbers", d, "DeepKernel(shape=(h, w))")
    return (shape[:2], shape[2]) if len(shape) == 3 else (shape, 1)
