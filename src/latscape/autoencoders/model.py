"""The forward pass every variant shares: encode, sample, pose, decode, and score all classes exactly."""

import math
from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from latscape.autoencoders.batch import Batch
from latscape.autoencoders.cpu.dispatch import fast_nll, has_small_steps
from latscape.autoencoders.likelihoods import Likelihood, compiled_loss
from latscape.autoencoders.orientations import Orientations
from latscape.autoencoders.output import CLASS, CONDITION, CONTENT, FACTOR, DecoderPart, EncoderPart, Generative, Output
from latscape.errors import InputError
from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.geometry.pose import Transform, check_pose, compose, invert, offsets_of, random_values, random_width
from latscape.latent.blocks import Categorical, CategoricalPosterior, Normal, Point
from latscape.latent.circle import Circular
from latscape.latent.sampled_enumeration import few, with_baseline
from latscape.latent.space import Block, LatentSpace, Posterior, no_class
from latscape.nets.decoder_frame import DecoderFrame, Precision
from latscape.nets.encoders import WIDTH, ConditionedEncoder


class Autoencoder(Generative):
    """An invariant autoencoder as a composition of parts."""

    def __init__(
        self,
        *,
        shape: tuple[int, ...],  # (height, width) of the images, or (length,) of curves
        channels: int,
        content: int,  # numbers per sample
        classes: int,  # 0 for a model without classes
        pose: Sequence[Transform],  # see `latscape.geometry.pose`; empty for none
        encoder: EncoderPart,
        decoder: DecoderPart,
        likelihood: Likelihood,
        generator: torch.Generator,  # draws the first weights
        inputs: tuple[tuple[int, ...], int] | None = None,  # shape and channels of what is encoded, if another
        condition: int = 0,  # numbers that enter encoder and decoder and have no posterior
        factors: int = 0,  # numbers that are known of some samples and inferred for the others
        variational: bool = True,  # False for a plain autoencoder: no noise, no prior
        class_samples: int = 0,  # hypotheses decoded per sample in training, see `latent.sampled_enumeration`; 0: all
        precision: Precision = "float32",  # of the layers of encoder and decoder in training
    ) -> None:
        super().__init__()
        self.pose, self.classes, self.content = check_pose(pose, len(shape)), classes, content
        grid = pixel_grid(*shape)
        self.orientations = Orientations(offsets_of(self.pose), shape, channels, grid)
        if self.orientations.count > 1 and inputs is not None:
            got = f"{self.orientations.count} orientations"
            raise InputError("one orientation of the angle where another sample is decoded", got, "Rotation(math.inf)")
        self.class_samples, self.precision = class_samples, precision
        self.likelihood = likelihood.build()
        self.loss = compiled_loss(self.likelihood)
        widths = {factor.name: (factor.width, factor.prior) for factor in self.pose} | {CONTENT: (content, 1.0)}
        widths |= {FACTOR: (factors, 1.0)} if factors else {}
        blocks: dict[str, Block] = {name: _block(*width, variational) for name, width in widths.items()}
        if classes or self.orientations.count > 1:
            blocks[CLASS] = Categorical(max(classes, 1), self.orientations.count)
        self.latent = LatentSpace(blocks)
        raw = self.latent.raw_width
        inner = content + factors + condition
        frame = DecoderFrame(inner, max(classes, 1), channels, shape, grid, transform, sample)
        self.shape, self.channels, self.paired = shape, channels, inputs is not None
        # The unit is that of what the likelihood explains; what is only encoded has units of its own.
        self.scale = self.likelihood.scale if inputs is None else 1.0
        self.encoder = encoder.build(*(inputs or (shape, channels)), WIDTH if condition else raw, generator)
        if condition:
            self.encoder = ConditionedEncoder(self.encoder, condition, raw, generator)
        self.decoder = decoder.build(frame, generator)

    @property
    def noise_width(self) -> int:
        """Standard normal numbers that one sample takes; with few classes in training, one more that draws a class."""
        return self.latent.noise_width + self._few

    @property
    def _few(self) -> bool:
        """Whether few classes stand for all: in training, if there are more than that."""
        return self.training and 0 < self.class_samples < max(self.classes, 1) * self.orientations.count

    @property
    def narrow(self) -> bool:
        """Whether layers are in bfloat16 now: in training, if asked for."""
        return self.training and self.precision != "float32"

    @property
    def chunk(self) -> int | None:
        """Samples that go through a training step together, if the decoder bounds them; None for the whole batch."""
        return getattr(self.decoder, "chunk", None)

    def has_small_steps(self, batch: int) -> bool:  # noqa: D102
        return has_small_steps(self, batch)

    def encode(self, x: Tensor, condition: Tensor | None = None) -> dict[str, Posterior]:
        """Posteriors by block name of samples (batch, values).

        With several orientations, that of the class is of class and orientation; those of the other blocks are
        conditional on the orientation, (batch x orientations, width): see `latscape.autoencoders.orientations`.
        """
        rows = self.orientations.turned_back(x if self.scale == 1.0 else x / self.scale)
        told = () if condition is None else (self.orientations.rows(condition),)
        with self._mixed(x):
            raw = self.encoder(rows, *told)
        return self.latent.posterior(raw.to(x.dtype))

    def infer(self, x: Tensor, condition: Tensor | None = None) -> dict[str, Posterior]:
        """Posteriors by block name of samples (batch, values), at their most probable orientation."""
        found = self.encode(x, condition)
        q = found.get(CLASS)
        return self.orientations.best(found, q) if isinstance(q, CategoricalPosterior) else found

    def _mixed(self, like: Tensor) -> torch.autocast:
        """Encoder and decoder in bfloat16, in training, if asked for; poses, posteriors and likelihoods never are."""
        return torch.autocast(like.device.type, torch.bfloat16, enabled=self.narrow)

    def decode(self, values: dict[str, Tensor]) -> Tensor:
        """Likelihood parameters (batch, classes, values) at given latents; without pose values, in canonical pose."""
        return self._decoded(self._inner(values), self._inverse(values))

    def decode_every(self, values: dict[str, Tensor]) -> Tensor:
        """Likelihood parameters (batch, hypotheses, values) at latents (batch x orientations, width)."""
        return self.orientations.hypotheses(self.decode(values))

    def forward(self, batch: Batch, noise: Tensor) -> Output:
        """One pass over a batch with standard normal `noise` (batch, noise_width)."""
        orientations, posterior = self.orientations, self.encode(batch.x, batch.condition)
        observed = {
            name: value if name == CLASS else orientations.rows(value) for name, value in batch.observed.items()
        }
        drawn = self.latent.sample(posterior, orientations.rows(noise[:, : self.latent.noise_width]), observed)
        drawn = orientations.turned(drawn)
        if batch.condition is not None:
            drawn[CONDITION] = orientations.rows(batch.condition)
        q = self._class(posterior, batch)
        kl = self.latent.kl(posterior, observed)
        kl = {name: value if name == CLASS else orientations.mean(value, q) for name, value in kl.items()}
        weights = no_class(len(batch), batch.x) if q is None else q.probs
        if self._few:
            weights, chosen = few(weights, self.class_samples, noise[:, -1])
            nll = with_baseline(self.nll(drawn, batch.target, chosen), weights)
        else:
            nll = self.nll(drawn, batch.target, guess=weights)
        encode, view = partial(self.encode, condition=batch.condition), partial(self.view, batch.x)
        return Output(posterior, drawn, weights, nll, kl, self.decode_every, encode, view)

    @property
    def view_width(self) -> int:
        """Standard normal numbers by which one sample is moved."""
        return random_width(self.pose)

    def view(self, x: Tensor, noise: Tensor) -> Tensor:
        """Samples (batch, values) moved by poses that `noise` (batch, view_width) draws from the priors."""
        if not self.pose or self.paired:
            got = "another kind" if self.paired else "no pose"
            raise InputError("samples with a pose, which are decoded as they are", got, "a model such as ls.jrvae(4)")
        inverse = invert(compose(self.pose, random_values(self.pose, noise)))
        return self.orientations.sampled(x, transform(inverse, self.orientations.grid))

    def nll(
        self, values: dict[str, Tensor], target: Tensor, chosen: Tensor | None = None, guess: Tensor | None = None
    ) -> Tensor:
        """-log p(target | values, hypothesis), (batch, hypotheses), or (batch, m) of the `chosen` (batch, m) alone.

        `guess` (batch, hypotheses), what they will probably be weighed by, changes nothing but the time that the
        gradient takes: see `latscape.autoencoders.cpu.tiles`.
        """
        inner, inverse, orientations = self._inner(values), self._inverse(values), self.orientations
        if chosen is None:
            guess = None if guess is None else orientations.apart(guess.detach())
            return orientations.hypotheses(self._scored(inner, inverse, orientations.rows(target), None, guess))
        of = torch.arange(len(target), device=target.device).repeat_interleave(chosen.shape[1])
        label, orientation = (chosen // orientations.count).flatten(), (chosen % orientations.count).flatten()
        row = of * orientations.count + orientation
        inverse = None if inverse is None else inverse[row]
        return self._scored(inner[row], inverse, target[of], label).view(chosen.shape)

    def _scored(
        self, inner: Tensor, inverse: Tensor | None, target: Tensor, label: Tensor | None, guess: Tensor | None = None
    ) -> Tensor:
        """-log p(target | ...) of every class, (rows, classes), or of one `label` (rows,) a row, (rows, 1)."""
        fast = fast_nll(self, inner, inverse, target, label, guess)
        return self.likelihood.nll(self._decoded(inner, inverse, label), target) if fast is None else fast

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
        return q.observe(batch.observed[CLASS]) if CLASS in batch.observed else q


def _block(width: int, prior: float, variational: bool) -> Normal | Point:
    if not variational:
        return Point(width)
    return Circular(width) if prior == math.inf else Normal(width, prior)
