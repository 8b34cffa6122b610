"""Where a compiled loop stands for a decoder and its likelihood. Everywhere else the general path runs; tests hold the
two equal.
"""

from typing import Protocol

import torch
from torch import Tensor, nn

from latscape.autoencoders.cpu import tiles
from latscape.autoencoders.cpu.warped import supported, warped_loss
from latscape.autoencoders.likelihoods import Likelihood, Loss
from latscape.nets.warp import Warp

#: Multiplications of the encoder in a step below which two threads gain less than they keep from the compiled loop.
SMALL = 3e7


class Decoding(Protocol):
    """What the loops need to know of a model."""

    encoder: nn.Module
    decoder: nn.Module
    likelihood: Likelihood
    loss: Loss | None  # that is compiled and gives the likelihood
    shape: tuple[int, ...]
    channels: int

    @property
    def narrow(self) -> bool:
        """Whether layers are in bfloat16 now."""
        ...


def fast_nll(
    model: Decoding,
    inner: Tensor,  # (rows, width), all that the decoder takes for content
    inverse: Tensor | None,  # (rows, 2, 3), affine map from image to canonical coordinates
    target: Tensor,  # (rows, channels * pixels), the first channel first
    label: Tensor | None,  # (rows,), the class to score, where only one is
    guess: Tensor | None,  # (rows, classes), see `tiles`
) -> Tensor | None:
    """-log p(target | inner, class) of every class, (rows, classes), or of one label a row; None where no loop fits."""
    decoder, loss = model.decoder, model.loss
    if warps(model) and loss is not None and inverse is not None and supported(inner, inverse, target, model.shape):
        with torch.autocast("cpu", torch.bfloat16, enabled=model.narrow):
            canonical = decoder.canonical(inner, label).to(inner.dtype)  # pyright: ignore[reportCallIssue]
        # Channels share their image's pose; as images of their own they need nothing further.
        scaled = target / model.likelihood.scale
        apart = [part.unflatten(-1, (model.channels, -1)).flatten(-3, -2) for part in (canonical, scaled)]
        total = warped_loss(loss, apart[0], inverse.repeat_interleave(model.channels, 0), apart[1], model.shape)
        return model.likelihood.from_loss(total.view(len(target), model.channels, -1).sum(dim=1), target)
    if loss is Loss.LOGISTIC and tiles.supported(decoder, inner, target):
        return tiles.decoded_nll(decoder, inner, inverse, target, label, guess, narrow=model.narrow)
    return None


def warps(model: Decoding) -> bool:
    """Whether the decoder gives pixels to warp and the likelihood has a compiled loss, so that one go does both."""
    return isinstance(model.decoder, Warp) and model.loss is not None


def has_small_steps(model: Decoding, batch: int) -> bool:
    """Whether PyTorch's operations around the loop of a training step are too small for several threads."""
    weights = list(model.encoder.parameters())
    dense = all(weight.dim() <= 2 for weight in weights)
    return warps(model) and dense and batch * sum(weight.numel() for weight in weights) < SMALL
