"""Latent blocks: a posterior from an encoder's raw output, a sample of it, and its divergence from the prior."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

_LOG_2PI = math.log(2.0 * math.pi)
#: Logarithm of the probability of what is out of the question; its exponential is zero.
_NEVER = -1e4


@dataclass(frozen=True)
class NormalPosterior:
    """Independent normals; `mean` and `std` have shape (batch, width)."""

    mean: Tensor
    std: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """Reparameterised sample for standard normal `noise` (batch, width)."""
        return torch.addcmul(self.mean, self.std, noise)

    def log_prob(self, value: Tensor) -> Tensor:
        """log q(value) summed over the numbers that are known, that is not NaN, (batch,)."""
        unknown = value.isnan()
        square = ((torch.where(unknown, 0.0, value) - self.mean) / self.std).square()  # NaN here would reach gradients
        return torch.where(unknown, 0.0, -0.5 * (square + _LOG_2PI) - self.std.log()).sum(dim=1)


@dataclass(frozen=True)
class CategoricalPosterior:
    """Probabilities of hypotheses: a class, together with an orientation of the angle if there are several."""

    log_probs: Tensor  # (batch, classes x orientations), the orientation varies fastest
    orientations: int = 1

    @property
    def probs(self) -> Tensor:
        """Probabilities of all hypotheses, (batch, classes x orientations)."""
        return self.log_probs.exp()

    @property
    def classes(self) -> Tensor:
        """Probabilities of the classes, whatever the orientation, (batch, classes)."""
        return self.probs.unflatten(1, (-1, self.orientations)).sum(dim=2)

    @property
    def at_start(self) -> Tensor:
        """Probabilities of the orientations, whatever the class, (batch, orientations)."""
        return self.probs.unflatten(1, (-1, self.orientations)).sum(dim=1)

    @property
    def best(self) -> Tensor:
        """The most probable orientation of the most probable class, (batch,)."""
        label = self.classes.argmax(dim=1)
        return label * self.orientations + self._of(label).argmax(dim=1)

    def log_prob(self, label: Tensor) -> Tensor:
        """log q(label) (batch,); zero where the label is unknown, -1."""
        return torch.where(label < 0, 0.0, self._of(label.clamp(min=0)).logsumexp(dim=1))

    def observe(self, label: Tensor) -> "CategoricalPosterior":
        """The posterior once labels are seen: other classes are out of the question; as before where it is -1."""
        other = torch.arange(self.log_probs.shape[1], device=label.device) // self.orientations != label[:, None]
        # Finite, so that p log p is zero where p is, and has a gradient.
        seen = self.log_probs.masked_fill(other, _NEVER).log_softmax(dim=1)
        return CategoricalPosterior(torch.where((label < 0)[:, None], self.log_probs, seen), self.orientations)

    def _of(self, label: Tensor) -> Tensor:
        """Logarithms of the probabilities of one class and each orientation, (batch, orientations)."""
        index = label[:, None] * self.orientations + torch.arange(self.orientations, device=label.device)
        return self.log_probs.gather(1, index)


@dataclass(frozen=True)
class Normal:
    """A continuous block of `width` numbers with the prior N(0, `prior`^2).

    Examples
    --------
    >>> block = Normal(2)
    >>> q = block.posterior(torch.zeros(1, 4))
    >>> q.mean.shape, round(float(q.std[0, 0]), 4)
    (torch.Size([1, 2]), 0.6931)
    """

    width: int
    prior: float = 1.0

    @property
    def raw_width(self) -> int:
        """Encoder outputs this block needs: a mean and a raw deviation for each number."""
        return 2 * self.width

    def posterior(self, raw: Tensor) -> NormalPosterior:
        """Map raw (batch, 2 width) to the posterior; the deviation passes through softplus and is kept above zero.

        Both are in units of the prior: a narrow factor, such as a shift of 0.1 half sides, starts narrow and does not
        drown the others in its noise.
        """
        mean, deviation = raw.chunk(2, dim=1)
        return NormalPosterior(self.prior * mean, self.prior * (F.softplus(deviation) + 1e-6))

    def kl(self, q: NormalPosterior, value: Tensor | None = None) -> Tensor:
        """KL(q || prior) in closed form (Kingma and Welling 2014, appendix B), (batch,).

        Where a `value` is known (not NaN), nothing is inferred: -log prior(value) takes its place in the bound (Kingma
        et al. 2014, arXiv:1406.5298, eq. 6).
        """
        each = _NormalKL.apply(q.mean, q.std, self.prior)
        assert isinstance(each, Tensor)
        if value is not None:
            surprise = 0.5 * ((value / self.prior).square() + _LOG_2PI) + math.log(self.prior)
            each = torch.where(value.isnan(), each, surprise)
        return each.sum(dim=1)


class _NormalKL(torch.autograd.Function):
    """`(m^2 + s^2) / 2 p^2 - 1/2 - log(s / p)`, whose gradient is two lines where autograd takes a dozen."""

    generate_vmap_rule = True

    @staticmethod
    def forward(mean: Tensor, std: Tensor, prior: float) -> Tensor:
        squares = torch.addcmul(mean * mean, std, std)
        return squares.mul_(0.5 / prior**2).sub_(std.log()).add_(math.log(prior) - 0.5)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: Tensor) -> None:
        ctx.save_for_backward(*inputs[:2])
        ctx.prior = inputs[2]

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor, Tensor, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        mean, std = ctx.saved_tensors
        scaled = above[0] * ctx.prior**-2
        return scaled * mean, torch.addcdiv(scaled * std, above[0], std, value=-1.0), None


@dataclass(frozen=True)
class Point:
    """A continuous block of `width` numbers without noise or prior: the code of an autoencoder that is not variational.

    Examples
    --------
    >>> q = Point(2).posterior(torch.ones(1, 2))
    >>> q.std, Point(2).kl(q)
    (tensor([[0., 0.]]), tensor([0.]))
    """

    width: int

    @property
    def raw_width(self) -> int:
        """Encoder outputs this block needs: the numbers themselves."""
        return self.width

    def posterior(self, raw: Tensor) -> NormalPosterior:
        """Map raw (batch, width) to a posterior without deviation."""
        return NormalPosterior(raw, torch.zeros_like(raw))

    def kl(self, q: NormalPosterior, value: Tensor | None = None) -> Tensor:
        """Zero, (batch,): there is no prior."""
        return torch.zeros_like(q.mean[:, 0])


@dataclass(frozen=True)
class Categorical:
    """One of `classes` classes with a uniform prior; with several `orientations`, one of so many angles as well.

    Examples
    --------
    >>> block = Categorical(4)
    >>> float(block.kl(block.posterior(torch.zeros(1, 4))))
    0.0
    """

    classes: int
    orientations: int = 1

    @property
    def raw_width(self) -> int:
        """Encoder outputs this block needs: one logit a class, from every orientation."""
        return self.classes

    def posterior(self, raw: Tensor) -> CategoricalPosterior:
        """Map logits (batch x orientations, classes) to the posterior of both."""
        logits = raw.unflatten(0, (-1, self.orientations)).transpose(1, 2).flatten(1)
        return CategoricalPosterior(F.log_softmax(logits, dim=1), self.orientations)

    def kl(self, q: CategoricalPosterior, value: Tensor | None = None) -> Tensor:
        """KL(q || uniform) = log K - H(q), (batch,), or -log(1 / K) where the class is known (`value`, not -1)."""
        seen = q if value is None else q.observe(value)
        return math.log(self.classes * self.orientations) + (seen.probs * seen.log_probs).sum(dim=1)


@dataclass(frozen=True)
class Condition:
    """What is known of every sample and inferred of none: one of `classes` classes, or `factors` continuous numbers.

    It enters the encoder and the decoder and has no posterior (Sohn et al. 2015, "Learning structured output
    representation using deep conditional generative models").

    Examples
    --------
    >>> Condition(classes=3).embed(torch.tensor([0, 2]))
    tensor([[1., 0., 0.],
            [0., 0., 1.]])
    """

    classes: int = 0
    factors: int = 0

    @property
    def width(self) -> int:
        """Numbers it puts beside the content."""
        return self.classes or self.factors

    def embed(self, value: Tensor) -> Tensor:
        """Labels (batch,) to one-hot rows (batch, classes); standardised factors (batch, factors) as they are."""
        return F.one_hot(value.long(), self.classes).float() if self.classes else value
