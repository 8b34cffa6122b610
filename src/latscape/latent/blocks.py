"""Latent blocks: a posterior from an encoder's raw output, a sample of it, and its divergence from the prior."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class NormalPosterior:
    """Independent normals; `mean` and `std` have shape (batch, width)."""

    mean: Tensor
    std: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """Reparameterised sample for standard normal `noise` (batch, width)."""
        return torch.addcmul(self.mean, self.std, noise)


@dataclass(frozen=True)
class CategoricalPosterior:
    """Class probabilities; `log_probs` has shape (batch, classes)."""

    log_probs: Tensor

    @property
    def probs(self) -> Tensor:
        """Probabilities (batch, classes)."""
        return self.log_probs.exp()


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

    def kl(self, q: NormalPosterior) -> Tensor:
        """KL(q || prior) in closed form (Kingma and Welling 2014, appendix B), (batch,)."""
        ratio = (q.std / self.prior).square()
        return 0.5 * (ratio + (q.mean / self.prior).square() - 1.0 - ratio.log()).sum(dim=1)


@dataclass(frozen=True)
class Categorical:
    """One of `classes` classes with a uniform prior.

    Examples
    --------
    >>> block = Categorical(4)
    >>> float(block.kl(block.posterior(torch.zeros(1, 4))))
    0.0
    """

    classes: int

    @property
    def raw_width(self) -> int:
        """Encoder outputs this block needs: one logit a class."""
        return self.classes

    def posterior(self, raw: Tensor) -> CategoricalPosterior:
        """Map logits (batch, classes) to the posterior."""
        return CategoricalPosterior(F.log_softmax(raw, dim=1))

    def kl(self, q: CategoricalPosterior) -> Tensor:
        """KL(q || uniform) = log K - H(q), (batch,)."""
        return math.log(self.classes) + (q.probs * q.log_probs).sum(dim=1)
