"""The forward pass every variant shares: encode, sample, pose, decode, and score all classes exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from latscape.autoencoders.likelihoods import Likelihood
from latscape.errors import InputError
from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import Transform, check_pose, compose, invert
from latscape.latent.blocks import Categorical, CategoricalPosterior, Normal
from latscape.latent.space import Block, LatentSpace, Posterior, no_class
from latscape.nets.frame import Frame

CONTENT, CLASS = "content", "class"


class EncoderPart(Protocol):
    """Options of an encoder that can build it."""

    def build(self, values: int, outputs: int, generator: torch.Generator) -> nn.Module:
        """A module (batch, values) -> (batch, outputs)."""
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
    class_probs : Tensor, shape (batch, classes)
        q(class | x), enumerated exactly; a single column of ones in a model without classes.
    nll : Tensor, shape (batch, classes)
        -log p(x | sample, class).
    kl : dict of Tensor, shape (batch,), by block name
    """

    posterior: dict[str, Posterior]
    sample: dict[str, Tensor]
    parameters: Tensor
    class_probs: Tensor
    nll: Tensor
    kl: dict[str, Tensor]

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
        self.pose, self.likelihood, self.classes, self.content = check_pose(pose), likelihood, classes, content
        if self.pose and len(shape) != 2:
            raise InputError("images, which a pose can turn", f"samples of shape {shape}", "a preset without pose")
        blocks: dict[str, Block] = {block.name: Normal(block.width, block.prior) for block in self.pose}
        blocks[CONTENT] = Normal(content)
        if classes:
            blocks[CLASS] = Categorical(classes)
        self.latent = LatentSpace(blocks)
        grid = pixel_grid(*shape) if len(shape) == 2 else torch.linspace(-1, 1, shape[0])[:, None]
        frame = Frame(content, max(classes, 1), channels, shape, grid, transform, sample)
        self.values = channels * frame.pixels
        self.encoder = encoder.build(self.values, self.latent.raw_width, generator)
        self.decoder = decoder.build(frame, generator)

    @property
    def chunk(self) -> int | None:
        """Samples that go through a training step together, if the decoder bounds them; None for the whole batch."""
        return getattr(self.decoder, "chunk", None)

    def encode(self, x: Tensor) -> dict[str, Posterior]:
        """Posteriors by block name of samples (batch, values)."""
        return self.latent.posterior(self.encoder(x))

    def decode(self, values: dict[str, Tensor]) -> Tensor:
        """Likelihood parameters (batch, classes, values) at given latents; without pose values, in canonical pose."""
        given = [block.name for block in self.pose if block.name in values]
        inverse = invert(compose(self.pose, values)) if given else None
        return self.decoder(values[CONTENT], inverse).flatten(2)

    def forward(self, x: Tensor, noise: Tensor) -> Output:
        """One pass over samples (batch, values) with standard normal `noise` (batch, latent.noise_width)."""
        posterior = self.encode(x)
        drawn = self.latent.sample(posterior, noise)
        parameters = self.decode(drawn)
        label = posterior.get(CLASS)
        probs = label.probs if isinstance(label, CategoricalPosterior) else no_class(len(x), x)
        return Output(
            posterior, drawn, parameters, probs, self.likelihood.nll(parameters, x), self.latent.kl(posterior)
        )


def negative_elbo(output: Output) -> Tensor:
    """-ELBO (batch,): expected reconstruction error over the classes, plus every divergence at weight one."""
    return output.expected_nll + sum_kl(output, output.kl)


def sum_kl(output: Output, names: Sequence[str] | dict[str, Tensor]) -> Tensor:
    """Sum of the divergences of the named blocks, (batch,)."""
    return torch.stack([output.kl[name] for name in names]).sum(dim=0)
