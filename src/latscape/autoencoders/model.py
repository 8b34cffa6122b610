"""The forward pass every variant shares: encode, sample, pose, decode, and score all classes exactly."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal, Protocol

import torch
from torch import Tensor, nn

from latscape.autoencoders.batch import Batch
from latscape.autoencoders.fused import supported, warped_nll
from latscape.autoencoders.likelihoods import Bernoulli, Likelihood
from latscape.errors import InputError
from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import Rotation, Transform, Translation, check_pose, compose, invert, offsets_of, turn
from latscape.latent.blocks import Categorical, CategoricalPosterior, Normal, NormalPosterior, Point
from latscape.latent.circle import Circular
from latscape.latent.few import few, with_baseline
from latscape.latent.space import Block, LatentSpace, Posterior, no_class
from latscape.nets.condition import WIDTH, ConditionedEncoder
from latscape.nets.frame import Frame
from latscape.nets.warp import Warp

CONTENT, CLASS, FACTOR, CONDITION = "content", "class", "factor", "condition"

Precision = Literal["float32", "bfloat16"]

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
        """A module (content, inverse[, label]) -> (batch, classes, channels, pixels); one class of each for a label."""
        ...


@dataclass(frozen=True)
class Output:
    """What one forward pass knows.

    Attributes
    ----------
    posterior : dict of posteriors by block name
    sample : dict of Tensor, shape (batch, width), of the continuous blocks
        With several starts of the angle, (batch x starts, width), as the posterior's.
    parameters : Tensor, shape (batch, hypotheses, values)
        What the decoder says of every value; decoded when first asked for, where the likelihood did not need it. A
        hypothesis is a class, and a start of the angle where there are several (the start varies fastest).
    class_probs : Tensor, shape (batch, hypotheses)
        q(class | x), enumerated exactly; certain where the class is known; a single column of ones without classes.
        In training with `class_samples`, the weights of an unbiased estimate: see `latscape.latent.few`.
    nll : Tensor, shape (batch, hypotheses)
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

    @property
    def noise_width(self) -> int:
        """Standard normal numbers that one sample takes."""
        raise NotImplementedError

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
    class_samples : int
        Hypotheses decoded per sample in training, see `latscape.latent.few`; 0 for all.
    precision : "float32" or "bfloat16"
        Of the layers of encoder and decoder in training.
    encoder, decoder, likelihood : parts
    generator : torch.Generator
        Draws the first weights.
    """

    offsets: Tensor
    grid: Tensor

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
        class_samples: int = 0,
        precision: Precision = "float32",
    ) -> None:
        super().__init__()
        self.pose, self.classes, self.content = check_pose(pose, len(shape)), classes, content
        offsets = torch.tensor(offsets_of(self.pose))
        self.starts = len(offsets)
        if self.starts > 1 and inputs is not None:
            raise InputError(
                "one start of the angle where another sample is decoded", self.starts, "Rotation(math.inf)"
            )
        self.class_samples, self.precision = class_samples, precision
        self.likelihood = likelihood.build()
        block = _prior if variational else _point
        blocks: dict[str, Block] = {factor.name: block(factor.width, factor.prior) for factor in self.pose}
        blocks[CONTENT] = block(content, 1.0)
        if factors:
            blocks[FACTOR] = block(factors, 1.0)
        if classes or self.starts > 1:
            blocks[CLASS] = Categorical(max(classes, 1), self.starts)
        self.latent = LatentSpace(blocks)
        raw = self.latent.raw_width
        inner = content + factors + condition
        frame = Frame(inner, max(classes, 1), channels, shape, pixel_grid(*shape), transform, sample)
        self.shape, self.channels = shape, channels
        # The unit is that of what the likelihood explains; what is only encoded has units of its own.
        self.scale = self.likelihood.scale if inputs is None else 1.0
        self.encoder = encoder.build(*(inputs or (shape, channels)), WIDTH if condition else raw, generator)
        if condition:
            self.encoder = ConditionedEncoder(self.encoder, condition, raw, generator)
        self.decoder = decoder.build(frame, generator)
        self.register_buffer("offsets", offsets, persistent=False)
        self.register_buffer("grid", frame.grid, persistent=False)

    @property
    def noise_width(self) -> int:
        """Standard normal numbers that one sample takes; with few classes in training, one more that draws a class."""
        return self.latent.noise_width + self._few

    @property
    def _few(self) -> bool:
        """Whether few classes stand for all: in training, if there are more than that."""
        return self.training and 0 < self.class_samples < max(self.classes, 1) * self.starts

    @property
    def chunk(self) -> int | None:
        """Samples that go through a training step together, if the decoder bounds them; None for the whole batch."""
        return getattr(self.decoder, "chunk", None)

    def encode(self, x: Tensor, condition: Tensor | None = None) -> dict[str, Posterior]:
        """Posteriors by block name of samples (batch, values).

        With several starts of the angle, the class has one with all of them; those of the other blocks are conditional
        on the start, (batch x starts, width), the start varying fastest, and the pose is that of the image turned back.
        """
        scaled = x if self.scale == 1.0 else x / self.scale
        if self.starts > 1:
            scaled = self._turned_back(scaled)
        told = () if condition is None else (condition.repeat_interleave(self.starts, 0),)
        with self._mixed(x):
            raw = self.encoder(scaled, *told)
        return self.latent.posterior(raw.to(x.dtype))

    def infer(self, x: Tensor, condition: Tensor | None = None) -> dict[str, Posterior]:
        """Posteriors by block name of samples (batch, values), at their most probable start; angles are absolute."""
        found = self.encode(x, condition)
        q = found.get(CLASS)
        if self.starts == 1 or not isinstance(q, CategoricalPosterior):
            return found
        start = q.best % self.starts
        row, angle = torch.arange(len(x), device=x.device) * self.starts + start, self.offsets[start]
        normal = {name: other for name, other in found.items() if isinstance(other, NormalPosterior)}
        means = turn({name: other.mean[row] for name, other in normal.items()}, angle)
        stds = {name: other.std[row] for name, other in normal.items()}
        if Translation.name in stds:
            squares = Rotation().matrix(angle[:, None])[:, :2, :2].square()
            stds[Translation.name] = (squares @ stds[Translation.name].square()[:, :, None])[:, :, 0].sqrt()
        return found | {name: NormalPosterior(means[name], stds[name]) for name in normal}

    def _turned_back(self, x: Tensor) -> Tensor:
        """Samples turned back by every start, (batch x starts, values)."""
        maps = Rotation().matrix(self.offsets[:, None])[:, :2]  # from the image turned back to the image
        where = transform(maps, self.grid).repeat(len(x), 1, 1)
        images = x.unflatten(1, (self.channels, *self.shape)).repeat_interleave(self.starts, 0)
        return sample(images, where).flatten(1)

    def _mixed(self, like: Tensor) -> torch.autocast:
        """Encoder and decoder in bfloat16, in training, if asked for; poses, posteriors and likelihoods never are."""
        return torch.autocast(like.device.type, torch.bfloat16, enabled=self.training and self.precision != "float32")

    def decode(self, values: dict[str, Tensor]) -> Tensor:
        """Likelihood parameters (batch, classes, values) at given latents; without pose values, in canonical pose."""
        return self._decoded(self._inner(values), self._inverse(values))

    def decode_every(self, values: dict[str, Tensor]) -> Tensor:
        """Likelihood parameters (batch, hypotheses, values) at latents from every start, (batch x starts, width)."""
        return self._over_starts(self.decode(values))

    def forward(self, batch: Batch, noise: Tensor) -> Output:
        """One pass over a batch with standard normal `noise` (batch, noise_width)."""
        posterior, every = (
            self.encode(batch.x, batch.condition),
            partial(torch.repeat_interleave, repeats=self.starts, dim=0),
        )
        continuous = {name: every(value) for name, value in batch.known.items() if name != CLASS}
        drawn = self.latent.sample(posterior, every(noise[:, : self.latent.noise_width]), continuous)
        if self.starts > 1:
            drawn = turn(drawn, self.offsets.repeat(len(batch)))
        if batch.condition is not None:
            drawn[CONDITION] = every(batch.condition)
        q, chosen = self._class(posterior, batch), None
        kl = self.latent.kl(posterior, {**batch.known, **continuous})
        if self.starts > 1 and q is not None:  # the mean over the starts
            kl = {
                name: value if name == CLASS else (q.at_start * value.view(len(batch), -1)).sum(1)
                for name, value in kl.items()
            }
        weights = no_class(len(batch), batch.x) if q is None else q.probs
        if self._few:
            weights, chosen = few(weights, self.class_samples, noise[:, -1])
        nll = self.nll(drawn, batch.target, chosen)
        if chosen is not None:
            nll = with_baseline(nll, weights)
        return Output(posterior, drawn, weights, nll, kl, self.decode_every)

    def nll(self, values: dict[str, Tensor], target: Tensor, chosen: Tensor | None = None) -> Tensor:
        """-log p(target | values, hypothesis), (batch, hypotheses), or (batch, m) of the `chosen` (batch, m) alone."""
        inner, inverse = self._inner(values), self._inverse(values)
        of = torch.arange(len(target), device=target.device)
        if chosen is None:
            return self._over_starts(self._scored(inner, inverse, target[of.repeat_interleave(self.starts)], None))
        label, start = (chosen // self.starts).flatten(), (chosen % self.starts).flatten()
        of = of.repeat_interleave(chosen.shape[1])
        row = of * self.starts + start
        inverse = None if inverse is None else inverse[row]
        return self._scored(inner[row], inverse, target[of], label).view(chosen.shape)

    def _over_starts(self, values: Tensor) -> Tensor:
        """From (batch x starts, classes, ...) to (batch, hypotheses, ...)."""
        return values if self.starts == 1 else values.unflatten(0, (-1, self.starts)).transpose(1, 2).flatten(1, 2)

    def _scored(self, inner: Tensor, inverse: Tensor | None, target: Tensor, label: Tensor | None) -> Tensor:
        """-log p(target | ...) of every class, (rows, classes), or of one `label` (rows,) a row, (rows, 1)."""
        if isinstance(self.decoder, Warp) and isinstance(self.likelihood, Bernoulli) and inverse is not None:
            with self._mixed(inner):
                canonical = self.decoder.canonical(inner, label).to(inner.dtype)
            if supported(canonical, inverse, target, self.shape):
                # Channels share their image's pose; as images of their own they need nothing further.
                apart = [part.unflatten(-1, (self.channels, -1)).flatten(-3, -2) for part in (canonical, target)]
                nll = warped_nll(apart[0], inverse.repeat_interleave(self.channels, 0), apart[1], self.shape)
                return nll.view(len(target), self.channels, -1).sum(dim=1)
        return self.likelihood.nll(self._decoded(inner, inverse, label), target)

    def _decoded(self, inner: Tensor, inverse: Tensor | None, label: Tensor | None = None) -> Tensor:
        """What the decoder makes of every class, or of one a row, (rows, classes, values)."""
        told = () if label is None else (label,)  # a decoder of the user's own need not know about labels
        with self._mixed(inner):
            return self.decoder(inner, inverse, *told).flatten(2).to(inner.dtype)

    def _inner(self, values: dict[str, Tensor]) -> Tensor:
        """Content, factors and condition side by side, (batch, width): what every decoder takes for content."""
        parts = [values[name] for name in (CONTENT, FACTOR, CONDITION) if name in values]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def _inverse(self, values: dict[str, Tensor]) -> Tensor | None:
        """Affine map (batch, 2, 3) from image to canonical coordinates; None where no pose is given."""
        given = any(block.name in values for block in self.pose)
        return invert(compose(self.pose, values)) if given else None

    def _class(self, posterior: dict[str, Posterior], batch: Batch) -> CategoricalPosterior | None:
        """q(class | x), certain where the class is known: the labelled bound of M2 is the enumerated one, one-hot."""
        q = posterior.get(CLASS)
        if not isinstance(q, CategoricalPosterior):
            return None
        return q.observe(batch.known[CLASS]) if CLASS in batch.known else q


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
