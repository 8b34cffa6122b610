"""A small U-Net (Ronneberger et al. 2015, arXiv:1505.04597) that marks atoms or domain walls, pixel by pixel.

Its weights were learned from images of `latscape.data` alone, see `latscape.patches.training`; they lie beside this
file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from scipy import ndimage
from torch import Tensor, nn
from torch.nn import functional as F

from latscape.errors import InputError
from latscape.nets.conv import convolution
from latscape.random import torch_generator

Kind = Literal["atoms", "walls"]
#: Distance of neighbouring atoms, or width that a wall is drawn with, to which images are scaled first [pixels].
UNIT = {"atoms": 10.0, "walls": 3.0}
CHANNELS = (8, 16, 32, 64)
_MARGIN, _STRIP = 64, 256  # [pixels]: what a pixel's answer depends on reaches 46 pixels far


class UNet(nn.Module):
    """One grey image (batch, 1, h, w) to logits (batch, 1, h, w): is this pixel on an atom, or on a wall?"""

    def __init__(self, channels: Sequence[int], generator: torch.Generator) -> None:
        super().__init__()

        def double(before: int, after: int) -> nn.Module:
            convolutions = (convolution(2, a, after, 3, generator) for a in (before, after))
            return nn.Sequential(*(layer for one in convolutions for layer in (one, nn.LeakyReLU(0.1))))

        self.down = nn.ModuleList(double(*sizes) for sizes in pairwise((1, *channels)))
        self.up = nn.ModuleList(double(low + high, high) for high, low in pairwise(channels))
        self.out = convolution(2, channels[0], 1, 1, generator)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of every pixel."""
        levels = []
        for layer in self.down:
            x = layer(F.max_pool2d(levels[-1], 2, ceil_mode=True) if levels else x)
            levels.append(x)
        for layer, skip in zip(reversed(self.up), reversed(levels[:-1]), strict=True):
            x = layer(torch.cat([skip, F.interpolate(x, size=skip.shape[2:])], dim=1))
        return self.out(x)


@dataclass(frozen=True, eq=False)
class Net:
    """The layers of a network, with what it marks and so what has to be done to an image before it."""

    kind: Kind
    module: UNet

    def respond(self, image: NDArray[np.float32], unit: float) -> NDArray[np.float32]:
        """Probability of every pixel (h, w) of a finite image; `unit` is its `UNIT` [pixels]."""
        scale = UNIT[self.kind] / unit
        small = tuple(max(8, round(side * scale)) for side in image.shape)
        x = resized(torch.from_numpy(np.ascontiguousarray(image, dtype=np.float32))[None, None], small)
        x = torch.from_numpy(standardized(x[0, 0].numpy(), self.kind))[None, None]
        parts = []
        with torch.inference_mode():
            for top in range(0, small[0], _STRIP):  # strips keep memory in bounds
                first = max(0, top - _MARGIN) // 8 * 8
                strip = self.module(x[:, :, first : top + _STRIP + _MARGIN])
                parts.append(strip[:, :, top - first : top - first + _STRIP])
            return resized(torch.cat(parts, dim=2).sigmoid(), image.shape)[0, 0].numpy()

    def save(self, path: str | Path) -> Path:
        """Write the weights as safetensors."""
        weights = {name: value.detach().contiguous() for name, value in self.module.state_dict().items()}
        save_file(weights, path, metadata={"kind": self.kind})
        return Path(path)


def resized(x: Tensor, shape: Sequence[int]) -> Tensor:
    """Images (batch, 1, h, w) of another size, averaged where they shrink."""
    return x if x.shape[2:] == tuple(shape) else F.interpolate(x, size=tuple(shape), mode="bilinear", antialias=True)


def standardized(image: NDArray[np.float32], kind: Kind) -> NDArray[np.float32]:
    """Mean 0 and deviation 1: for atoms in a neighbourhood of two spacings, so that contamination does not count."""
    if kind == "walls":
        return ((image - image.mean()) / (image.std() + 1e-12)).astype(np.float32)
    sigma = 2.0 * UNIT["atoms"]
    rest = image - ndimage.gaussian_filter(image, sigma)
    return (rest / np.sqrt(ndimage.gaussian_filter(np.square(rest), sigma) + 1e-24)).astype(np.float32)


def load_net(path: str | Path) -> Net:
    """A network that `Net.save` wrote.

    Raises
    ------
    InputError
        If it is something else.
    """
    try:
        with safe_open(path, framework="pt") as file:
            kind = (file.metadata() or {})["kind"]
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
        if kind not in UNIT:
            raise ValueError(kind)
        levels = sum(name.startswith("down.") and name.endswith(".0.weight") for name in weights)
        module = UNet([weights[f"down.{level}.0.weight"].shape[0] for level in range(levels)], torch_generator(0))
        module.load_state_dict(weights)
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError) as error:
        hint = "the file that `python -m latscape.patches.training` wrote"
        raise InputError("the weights of a network of latscape", str(path), hint) from error
    return Net(kind, module.eval())


@cache
def shipped_net(kind: Kind) -> Net:
    """The network that comes with the package."""
    return load_net(str(files("latscape.patches") / "weights" / f"{kind}.safetensors"))


def new_net(kind: Kind, seed: int, channels: Sequence[int] = CHANNELS) -> Net:
    """A network that has learned nothing yet.

    Examples
    --------
    >>> net = new_net("atoms", seed=0)
    >>> sum(p.numel() for p in net.module.parameters()) < 250_000
    True
    >>> net.respond(np.zeros((30, 41), np.float32), 10.0).shape
    (30, 41)
    """
    return Net(kind, UNet(channels, torch_generator(seed, "unet")))
