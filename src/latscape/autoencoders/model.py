"""The forward pass every variant shares: encode, sample, pose, decode, and score all classes exactly."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor, nn

from latscape.autoencoders.batch import Batch
from latscape.autoencoders.likelihoods import Likelihood
from latscape.errors import InputError
from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import Transform, check_pose, compose, invert
from latscape.latent.blocks import Categorical, CategoricalPosterior, Normal, Point
from latscape.latent.space import Block, LatentSpace, Posterior, no_class
from latscape.nets.condition import WIDTH, ConditionedEncoder
from latscape.nets.frame import Frame

CONTENT, CLASS, FACTOR, CONDITION = "content", "class", "factor", "condition"

#: Spatial shape and channels of one sample.
Samples = tuple[tuple[int, ...], int]


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
        What the decoder says of every value; decoded when first asked for, where the likelihood did not need it.
    class_probs : Tensor, shape (batch, classes)
        q(class | x), enumerated exactly; certain where the class is known; a single column of ones without classes.
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


class Generative(nn.Module):
    """Anything that can be trained: a module `(batch, noise (batch, noise_width)) -> Output`."""

    noise_width: int


class Autoencoder(Generative):
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
    inputs : (shape, channels), optional
        Of what is encoded, when it is not what is decoded.
    condition : int
        Numbers that enter encoder and decoder and have no posterior.
    factors : int
        Numbers that are known of some samples and inferred for the others.
    variational : bool
        False for a plain autoencoder: no noise, no prior.
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
        inputs: Samples | None = None,
        condition: int = 0,
        factors: int = 0,
        variational: bool = True,
    ) -> None:
        super().__init__()
        self.pose, self.likelihood, self.classes, self.content = check_pose(pose), likelihood, classes, content
        if self.pose and len(shape) != 2:
            raise InputError("images, which a pose can turn", f"samples of shape {shape}", "a preset without pose")
        normal = Normal if variational else _point
        blocks: dict[str, Block] = {block.name: normal(block.width, block.prior) for block in self.pose}
        blocks[CONTENT] = normal(content, 1.0)
        if factors:
            blocks[FACTOR] = normal(factors, 1.0)
        if classes:
            blocks[CLASS] = Categorical(classes)
        self.latent = LatentSpace(blocks)
        self.noise_width = self.latent.noise_width
        grid = pixel_grid(*shape) if len(shape) == 2 else torch.linspace(-1, 1, shape[0])[:, None]
        frame = Frame(content + factors + condition, max(classes, 1), channels, shape, grid, transform, sample)
        self.values, raw = math.prod((*inputs[0], inputs[1]) if inputs else (*shape, channels)), self.latent.raw_width
        self.encoder = encoder.build(self.values, WIDTH if condition else raw, generator)
        if condition:
            self.encoder = ConditionedEncoder(self.encoder, condition, raw, generator)
        self.decoder = decoder.build(frame, generator)

    def encode(self, x: Tensor, condition: Tensor | None = None) -> dict[str, Posterior]:
        """Posteriors by block name of samples (batch, values)."""
        return self.latent.posterior(self.encoder(x) if condition is None else self.encoder(x, condition))

    def decode(self, values: dict[str, Tensor]) -> Tensor:
        """Likelihood parameters (batch, classes, values) at given latents; without pose values, in canonical pose."""
        return self.decoder(self._inner(values), self._inverse(values)).flatten(2)

    def forward(self, batch: Batch, noise: Tensor) -> Output:
        """One pass over a batch with standard normal `noise` (batch, noise_width)."""
        posterior = self.encode(batch.x, batch.condition)
        drawn = self.latent.sample(posterior, noise, batch.known)
        if batch.condition is not None:
            drawn[CONDITION] = batch.condition
        probs, kl = self._class_probs(posterior, batch), self.latent.kl(posterior, batch.known)
        return Output(posterior, drawn, probs, self.nll(drawn, batch.target), kl, self.decode)

    def nll(self, values: dict[str, Tensor], target: Tensor) -> Tensor:
        """-log p(target | values, class), (batch, classes)."""
        return self.likelihood.nll(self.decode(values), target)

    def _inner(self, values: dict[str, Tensor]) -> Tensor:
        """Content, factors and condition side by side, (batch, width): what every decoder takes for content."""
        parts = [values[name] for name in (CONTENT, FACTOR, CONDITION) if name in values]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def _inverse(self, values: dict[str, Tensor]) -> Tensor | None:
        """Affine map (batch, 2, 3) from image to canonical coordinates; None where no pose is given."""
        given = any(block.name in values for block in self.pose)
        return invert(compose(self.pose, values)) if given else None

    def _class_probs(self, posterior: dict[str, Posterior], batch: Batch) -> Tensor:
        """q(class | x), certain where the class is known: the labelled bound of M2 is the enumerated one, one-hot."""
        q = posterior.get(CLASS)
        if not isinstance(q, CategoricalPosterior):
            return no_class(len(batch), batch.x)
        return q.observe(batch.known[CLASS]) if CLASS in batch.known else q.probs


def _point(width: int, prior: float) -> Point:
    return Point(width)


def negative_elbo(output: Output) -> Tensor:
    """-ELBO (batch,): expected reconstruction error over the classes, plus every divergence at weight one."""
    return output.expected_nll + sum_kl(output, output.kl)


def sum_kl(output: Output, names: Sequence[str] | dict[str, Tensor]) -> Tensor:
    """Sum of the divergences of the named blocks, (batch,)."""
    return torch.stack([output.kl[name] for name in names]).sum(dim=0)
