"""The forward pass every variant shares: encode, sample, pose, decode, and score all classes exactly."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor, nn

from latscape.autoencoders.batch import Batch
from latscape.autoencoders.fused import supported, warped_nll
from latscape.autoencoders.likelihoods import Bernoulli, Likelihood
from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import Transform, check_pose, compose, invert
from latscape.latent.blocks import Categorical, CategoricalPosterior, Normal, Point
from latscape.latent.circle import Circular
from latscape.latent.space import Block, LatentSpace, Posterior, no_class
from latscape.nets.condition import WIDTH, ConditionedEncoder
from latscape.nets.frame import Frame
from latscape.nets.warp import Warp

CONTENT, CLASS, FACTOR, CONDITION = "content", "class", "factor", "condition"

#: Spatial shape and channels of one sample.
Samples = tuple[tuple[int, ...], int]


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

    @property
    def chunk(self) -> int | None:
        """Samples that go through a training step together, where memory is bounded; None for the whole batch."""
        return None


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
        self.pose, self.classes, self.content = check_pose(pose, len(shape)), classes, content
        self.likelihood = likelihood.build()
        block = _prior if variational else _point
        blocks: dict[str, Block] = {factor.name: block(factor.width, factor.prior) for factor in self.pose}
        blocks[CONTENT] = block(content, 1.0)
        if factors:
            blocks[FACTOR] = block(factors, 1.0)
        if classes:
            blocks[CLASS] = Categorical(classes)
        self.latent = LatentSpace(blocks)
        self.noise_width, raw = self.latent.noise_width, self.latent.raw_width
        inner = content + factors + condition
        frame = Frame(inner, max(classes, 1), channels, shape, pixel_grid(*shape), transform, sample)
        self.shape, self.channels = shape, channels
        # The unit is that of what the likelihood explains; what is only encoded has units of its own.
        self.scale = self.likelihood.scale if inputs is None else 1.0
        self.encoder = encoder.build(*(inputs or (shape, channels)), WIDTH if condition else raw, generator)
        if condition:
            self.encoder = ConditionedEncoder(self.encoder, condition, raw, generator)
        self.decoder = decoder.build(frame, generator)

    @property
    def chunk(self) -> int | None:
        """Samples that go through a training step together, if the decoder bounds them; None for the whole batch."""
        return getattr(self.decoder, "chunk", None)

    def encode(self, x: Tensor, condition: Tensor | None = None) -> dict[str, Posterior]:
        """Posteriors by block name of samples (batch, values)."""
        scaled = x if self.scale == 1.0 else x / self.scale
        return self.latent.posterior(self.encoder(scaled) if condition is None else self.encoder(scaled, condition))

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
        inverse = self._inverse(values)
        if isinstance(self.decoder, Warp) and isinstance(self.likelihood, Bernoulli) and inverse is not None:
            canonical = self.decoder.canonical(self._inner(values))
            if supported(canonical, inverse, target, self.shape):
                # Channels share their image's pose; as images of their own they need nothing further.
                apart = [part.unflatten(-1, (self.channels, -1)).flatten(-3, -2) for part in (canonical, target)]
                nll = warped_nll(apart[0], inverse.repeat_interleave(self.channels, 0), apart[1], self.shape)
                return nll.view(len(target), self.channels, -1).sum(dim=1)
        return self.likelihood.nll(self.decoder(self._inner(values), inverse).flatten(2), target)

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


def _prior(width: int, prior: float) -> Normal:
    return Circular(width) if prior == math.inf else Normal(width, prior)


def _point(width: int, prior: float) -> Point:
    return Point(width)


def negative_elbo(output: Output) -> Tensor:
    """-ELBO (batch,): expected reconstruction error over the classes, plus every divergence at weight one."""
    return output.expected_nll + sum_kl(output, output.kl)


def sum_kl(output: Output, names: Sequence[str] | dict[str, Tensor]) -> Tensor:
    """Sum of the divergences of the named blocks, (batch,)."""
    return torch.stack([output.kl[name] for name in names]).sum(dim=0)
