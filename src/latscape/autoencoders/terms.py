"""Named terms of the training loss: (output, batch, step) to one number per sample, which a schedule weighs."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from latscape.autoencoders.batch import Batch
from latscape.autoencoders.output import CLASS, FACTOR, Output, sum_kl
from latscape.errors import InputError
from latscape.latent.blocks import CategoricalPosterior


@dataclass(frozen=True)
class Step:
    """Where training is."""

    epoch: int  # from 0
    epochs: int


#: Added to a probability before its logarithm, whose gradient is then finite at zero.
TINY = 1e-9

Term = Callable[[Output, Batch, Step], Tensor]


def reconstruction(output: Output, batch: Batch, step: Step) -> Tensor:
    """-log p(x | z, class), its mean over q(class | x): the class is summed over, not sampled (Biswas 2023, eq. 1)."""
    return output.expected_nll


@dataclass(frozen=True, eq=False)
class Divergence:
    """|KL - C(t)| of some blocks together, which beta weighs (Biswas et al. 2023, eq. 1; Dupont 2018, eq. 7).

    With a capacity C the posterior is asked to carry so much information, neither more nor less; with C = 0 this is the
    KL itself.
    """

    blocks: tuple[str, ...]
    capacity: NDArray[np.float64]  # (epochs,) [nat]

    def __call__(self, output: Output, batch: Batch, step: Step) -> Tensor:
        """One number [nat] per sample, (batch,)."""
        divergence = sum_kl(output, self.blocks)
        capacity = float(self.capacity[step.epoch])
        return divergence if capacity == 0.0 else (divergence - capacity).abs()


#: The terms that fit what is known of a block, by block.
SUPERVISED = {CLASS: "classification", FACTOR: "regression"}


@dataclass(frozen=True)
class Supervised:
    """-log q(y | x) where y is known, zero elsewhere (Kingma et al. 2014, arXiv:1406.5298, eq. 9)."""

    block: str  # "class" or "factor"
    share: float  # of the samples whose y is known; divided by it, the term's mean over all is the mean over those

    def __call__(self, output: Output, batch: Batch, step: Step) -> Tensor:
        """Cross entropy of the known classes, or negative log density of the known factors [nat], (batch,)."""
        observed, posterior, q = batch.observed[self.block], output.posterior[self.block], output.posterior.get(CLASS)
        if self.block == CLASS or not isinstance(q, CategoricalPosterior) or q.orientations == 1:
            return -posterior.log_prob(observed) / self.share
        # Conditional on the orientation of the angle: log sum_s q(s | x) q(y | x, s).
        rows = posterior.log_prob(observed.repeat_interleave(q.orientations, dim=0)).unflatten(0, (-1, q.orientations))
        log_orientation = q.log_probs.unflatten(1, (-1, q.orientations)).logsumexp(dim=1)
        return -(log_orientation + rows).logsumexp(dim=1) / self.share


def class_balance(output: Output, batch: Batch, step: Step) -> Tensor:
    """How far a whole batch is from having its share in each class and orientation: 0 to log(their number), (batch,).

    It says nothing of which sample is where; the first half of the information that Gomes, Krause, Perona (2010),
    Discriminative clustering by regularized information maximization, ask of classes.
    """
    share = output.class_probs.mean(dim=0)
    return (math.log(len(share)) - _entropy(share)).expand(len(output.class_probs))


@dataclass(frozen=True)
class Consistency:
    """KL(q(class | x) || q(class | x')) for x' = x moved by a pose drawn from the declared priors, (batch,) [nat].

    A class should not depend on what the pose explains. As in Hu et al. 2017 (IMSAT, arXiv:1702.08720, eq. 4), what is
    said of the sample itself is held fixed and the moved one learns from it; with a gradient through both, heavy
    weights end where every class is equally probable of every sample. It costs one more pass of the encoder, and wants
    `class_balance` beside it, since it is also least where all samples are of one class.

    Examples
    --------
    >>> import numpy as np, latscape as ls
    >>> images = np.random.default_rng(0).uniform(size=(30, 8, 8))
    >>> terms = {"consistency": (Consistency(), 3.0), "class_balance": (class_balance, 5.0)}
    >>> history = ls.jrvae(3, angle=0.3, shift=0.1, terms=terms, epochs=2).fit(images).history_
    >>> bool(0.0 < history["consistency"][-1] < 1.0)
    True
    """

    views: ClassVar[bool] = True  # asks `train` for the noise that moves samples

    def __call__(self, output: Output, batch: Batch, step: Step) -> Tensor:
        """One number [nat] per sample, (batch,), whatever the orientation."""
        assert batch.view_noise is not None
        q, moved = output.posterior.get(CLASS), output.encode(output.view(batch.view_noise)).get(CLASS)
        if not (isinstance(q, CategoricalPosterior) and isinstance(moved, CategoricalPosterior)):
            raise InputError("a model with classes for consistency", "none", "latscape.jrvae(classes=4)")
        p = q.classes.detach()
        return (p * (torch.log(p + TINY) - torch.log(moved.classes + TINY))).sum(dim=1)


def views(terms: Iterable[Term]) -> bool:
    """Whether a term looks at the samples moved."""
    return any(getattr(term, "views", False) for term in terms)


def mutual_information(output: Output, batch: Batch, step: Step) -> Tensor:
    """What the classes could tell of the samples of a batch but do not: 0 to log(classes) [nat], (batch,).

    log(classes) less the information of class and sample, `latscape.metrics.class_information`, whatever the
    orientation; all of Gomes, Krause, Perona (2010). It suits kinds that are about equally frequent: of two ways to
    part the samples that explain them equally well, it prefers the one whose classes are equally large.

    Examples
    --------
    >>> import numpy as np, latscape as ls
    >>> images = np.random.default_rng(0).uniform(size=(30, 8, 8))
    >>> model = ls.jvae(3, terms={"mutual_information": (mutual_information, 10.0)}, epochs=2).fit(images)
    >>> bool(abs(np.log(3) - model.history_["mutual_information"][-1]) < 0.1)  # the classes of noise tell nothing
    True
    """
    q = output.posterior[CLASS]
    assert isinstance(q, CategoricalPosterior)
    classes, share = q.classes, q.classes.mean(dim=0)
    information = _entropy(share) - _entropy(classes).mean()
    return (math.log(len(share)) - information).expand(len(classes))


def _entropy(probs: Tensor) -> Tensor:
    """[nat], over the last axis; with a gradient where a probability is zero."""
    return -(probs * torch.log(probs + TINY)).sum(dim=-1)
