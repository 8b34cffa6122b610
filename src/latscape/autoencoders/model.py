"""The forward pass every variant shares: encode, sample, pose, decode, and score all classes exactly."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor, nn

from latscape.autoencoders.fused import supported, warped_nll
from latscape.autoencoders.likelihoods import Bernoulli, Likelihood
from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import Transform, check_pose, compose, invert
from latscape.latent.blocks import Categorical, CategoricalPosterior, Normal
from latscape.latent.circle import Circular
from latscape.latent.space import Block, LatentSpace, Posterior, no_class
from latscape.nets.frame import Frame
from latscape.nets.warp import Warp

CONTENT, CLASS = "content", "class"


class EncoderPart(Protocol):
    """Options of an encoder that can build it."""

    def build(self, shape: tuple[int, ...], channels: int, outputs: int, generator: torch.Generator) -> nn.Module:
        """A module (batch, channels x pixels) -> (batch, outputs) for samples of `shape`, the first channel first."""
        ...


class DecoderPart(Protocol):
    """Options of a decoder that can build it."""

    def build(self, frame: Frame, generator: torch.Generator) -> nn.Module:
        """A module (content, inverse) -> (batch, classes, channels, pixels)."""
        ...


@dataclass(frozen=True)
class Output:
    """What one forward pass knows.

    Attributes
    ----------
    posterior : dict of posteriors by block name
    sample : dict of Tensor, shape (batch, width), of the continuous blocks
    parameters : Tensor, shape (batch, classes, values)
        What the decoder says of every value; decoded when first asked for, where the likelihood did not need it.
    class_probs : Tensor, shape (batch, classes)
        q(class | x), enumerated exactly; a single column of ones in a model without classes.
    nll : Tensor, shape (batch, classes)
        -log p(x | sample, class).
    kl : dict of Tensor, shape (batch,), by block name
    """

    posterior: dict[str, Posterior]
    sample: dict[str, Tensor]
    class_probs: Tensor
    nll: Tensor
    kl: dict[str, Tensor]
    decode: Callable[[dict[str, Tensor]], Tensor]

    @cached_property
    def parameters(self) -> Tensor:  # noqa: D102  an attribute, described above
        return self.decode(self.sample)

    @property
    def expected_nll(self) -> Tensor:
        """Mean of -log p(x | sample, class) over q(class | x), (batch,): the class is summed over, not sampled."""
        return (self.class_probs * self.nll).sum(dim=1)


class Autoencoder(nn.Module):
    """An invariant autoencoder as a composition of parts.

    Parameters
    ----------
    shape : tuple of int
        (height, width) of the images, or (length,) of curves.
    channels : int
    content : int
        Content numbers per sample.
    classes : int
        0 for a model without classes.
    pose : sequence of transforms
        See `latscape.geometry.pose`; empty for none.
    encoder, decoder, likelihood : parts
    generator : torch.Generator
        Draws the first weights.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        channels: int,
        content: int,
        classes: int,
        pose: Sequence[Transform],
        encoder: EncoderPart,
        decoder: DecoderPart,
        likelihood: Likelihood,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.pose, self.classes, self.content = check_pose(pose, len(shape)), classes, content
        self.likelihood = likelihood.build()
        blocks: dict[str, Block] = {factor.name: _prior(factor) for factor in self.pose}
        blocks[CONTENT] = Normal(content)
        if classes:
            blocks[CLASS] = Categorical(classes)
        self.latent = LatentSpace(blocks)
        frame = Frame(content, max(classes, 1), channels, shape, pixel_grid(*shape), transform, sample)
        self.shape, self.channels, self.values = shape, channels, channels * frame.pixels
        self.encoder = encoder.build(shape, channels, self.latent.raw_width, generator)
        self.decoder = decoder.build(frame, generator)

    @property
    def chunk(self) -> int | None:
        """Samples that go through a training step together, if the decoder bounds them; None for the whole batch."""
        return getattr(self.decoder, "chunk", None)

    def encode(self, x: Tensor) -> dict[str, Posterior]:
        """Posteriors by block name of samples (batch, values)."""
        scale = self.likelihood.scale
        return self.latent.posterior(self.encoder(x if scale == 1.0 else x / scale))

    def decode(self, values: dict[str, Tensor]) -> Tensor:
        """Likelihood parameters (batch, classes, values) at given latents; without pose values, in canonical pose."""
        return self.decoder(values[CONTENT], self._inverse(values)).flatten(2)

    def forward(self, x: Tensor, noise: Tensor) -> Output:
        """One pass over samples (batch, values) with standard normal `noise` (batch, latent.noise_width)."""
        posterior = self.encode(x)
        drawn = self.latent.sample(posterior, noise)
        label = posterior.get(CLASS)
        probs = label.probs if isinstance(label, CategoricalPosterior) else no_class(len(x), x)
        return Output(posterior, drawn, probs, self._nll(drawn, x), self.latent.kl(posterior), self.decode)

    def _nll(self, values: dict[str, Tensor], x: Tensor) -> Tensor:
        """-log p(x | values, class), (batch, classes)."""
        inverse = self._inverse(values)
        if isinstance(self.decoder, Warp) and isinstance(self.likelihood, Bernoulli) and inverse is not None:
            canonical = self.decoder.canonical(values[CONTENT])
            if supported(canonical, inverse, x, self.shape):
                # Channels share their image's pose; as images of their own they need nothing further.
                apart = [part.unflatten(-1, (self.channels, -1)).flatten(-3, -2) for part in (canonical, x)]
                nll = warped_nll(apart[0], inverse.repeat_interleave(self.channels, 0), apart[1], self.shape)
                return nll.view(len(x), self.channels, -1).sum(dim=1)
        return self.likelihood.nll(self.decoder(values[CONTENT], inverse).flatten(2), x)

    def _inverse(self, values: dict[str, Tensor]) -> Tensor | None:
        """Affine map (batch, 2, 3) from image to canonical coordinates; None where no pose is given."""
        given = any(block.name in values for block in self.pose)
        return invert(compose(self.pose, values)) if given else None


def _prior(factor: Transform) -> Normal:
    return Circular(factor.width) if factor.prior == math.inf else Normal(factor.width, factor.prior)


def negative_elbo(output: Output) -> Tensor:
    """-ELBO (batch,): expected reconstruction error over the classes, plus every divergence at weight one."""
    return output.expected_nll + sum_kl(output, output.kl)


def sum_kl(output: Output, names: Sequence[str] | dict[str, Tensor]) -> Tensor:
    """Sum of the divergences of the named blocks, (batch,)."""
    return torch.stack([output.kl[name] for name in names]).sum(dim=0)
