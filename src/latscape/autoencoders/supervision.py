"""What `y` in `fit(X, y)` tells a model: nothing, a condition, some classes, some numbers, or what to decode.

Each is a part of `VAE(supervision=...)`. It checks `y` once at the border, says which latents `y` gives, and puts it
into a batch; the model and its terms only ever see the batch.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.autoencoders import samples
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.likelihoods import ANYWHERE
from latscape.autoencoders.output import CLASS, CONDITION, FACTOR
from latscape.autoencoders.statistics import DataStatistics, Scaling, given, labels, matched, rows
from latscape.checks import is_whole
from latscape.errors import InputError
from latscape.latent.blocks import Condition as ConditionBlock


class Supervision:
    """What a part is asked; these answers are those of one that is told nothing."""

    #: Whether `y` is what is decoded.
    paired: ClassVar[bool] = False
    #: Whether `y` is known of some samples and inferred of the others.
    partial: ClassVar[bool] = False

    @property
    def condition(self) -> int:
        """Numbers that enter encoder and decoder and are known of every sample."""
        return 0

    @property
    def inferred(self) -> int:
        """Numbers that are known of some samples and inferred for the others."""
        return 0

    def learn(self, y: ArrayLike | None, shape: samples.Shape, n: int, classes: int) -> DataStatistics:
        """Check the `y` of `n` samples of this shape before training; what is to be remembered of it."""
        return DataStatistics(shape)

    def latents(self, y: ArrayLike | None, n: int, facts: DataStatistics) -> dict[str, Tensor]:
        """What `y` says of the latents of `n` samples, by the names the decoder uses."""
        return {}

    def batch(self, x: Tensor, y: ArrayLike | None, facts: DataStatistics) -> Batch:
        """Flat samples and all that `y` tells of them."""
        return Batch(x)

    def shown(self, facts: DataStatistics) -> NDArray[np.generic] | None:
        """The `y` to show if none is asked for."""
        return None


@dataclass(frozen=True)
class Unused(Supervision):
    """`y` is ignored, as scikit-learn's unsupervised models do."""


@dataclass(frozen=True)
class Condition(Supervision):
    """`y` is known of every sample, now and later: one of `classes` classes, or `factors` continuous numbers.

    Parameters
    ----------
    classes : int
        `y` is (n,) integers in 0...classes - 1.
    factors : int
        `y` is (n, factors), or (n,) for one; it is standardised.
    """

    classes: int = 0
    factors: int = 0

    def __post_init__(self) -> None:
        whole = is_whole(self.classes) and is_whole(self.factors)
        if not whole or (self.classes >= 2) == (self.factors >= 1):
            got = f"classes={self.classes!r}, factors={self.factors!r}"
            raise InputError("at least two known classes, or at least one known factor, not both", got, "classes=4")

    @property
    def condition(self) -> int:
        """Width of the block."""
        return self._block.width

    @property
    def _block(self) -> ConditionBlock:
        return ConditionBlock(self.classes, self.factors)

    def learn(self, y: ArrayLike | None, shape: samples.Shape, n: int, classes: int) -> DataStatistics:
        """Labels in range, or finite factors and their scaling."""
        if self.classes:
            labels(y, n, self.classes, least=0)
            return DataStatistics(shape)
        return DataStatistics(shape, Scaling.of(rows(y, n, self.factors)))

    def latents(self, y: ArrayLike | None, n: int, facts: DataStatistics) -> dict[str, Tensor]:
        """The condition, (n, width); one row stands for all samples."""
        if self.classes:
            value = torch.from_numpy(labels(y, n, self.classes, least=0))
        else:
            value = facts.scaled(rows(y, n, self.factors))
        return {CONDITION: self._block.embed(value)}

    def batch(self, x: Tensor, y: ArrayLike | None, facts: DataStatistics) -> Batch:
        """With the condition."""
        return Batch(x, condition=self.latents(y, len(x), facts)[CONDITION].to(x.device))

    def shown(self, facts: DataStatistics) -> NDArray[np.generic] | None:
        """Every class, or the mean of the factors."""
        return np.arange(self.classes) if self.classes else np.array([facts.factor_scaling.mean])


@dataclass(frozen=True)
class Labels(Supervision):
    """`y` (n,) is the class where somebody knows it, and -1 elsewhere; the others are enumerated."""

    partial: ClassVar[bool] = True

    def learn(self, y: ArrayLike | None, shape: samples.Shape, n: int, classes: int) -> DataStatistics:
        """Labels in range, at least one of them known."""
        if not classes:
            raise InputError("a model with classes for labels", "classes=0", "latscape.ssvae(classes=4)")
        if (labels(y, n, classes, least=-1) < 0).all():
            raise InputError("at least one label", "only -1", "latscape.jvae, which needs none")
        return DataStatistics(shape, classes=classes)

    def batch(self, x: Tensor, y: ArrayLike | None, facts: DataStatistics) -> Batch:
        """With the labels, if there are any."""
        if y is None:
            return Batch(x)
        return Batch(x, observed={CLASS: torch.from_numpy(labels(y, len(x), facts.classes, least=-1)).to(x.device)})


@dataclass(frozen=True)
class Factors(Supervision):
    """`y` (n, width), or (n,) for one, holds continuous factors where they are known, and NaN elsewhere."""

    width: int = 1
    partial: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not is_whole(self.width) or self.width < 1:
            raise InputError("at least one factor", repr(self.width), "factors=1")

    @property
    def inferred(self) -> int:
        """Their number."""
        return self.width

    def learn(self, y: ArrayLike | None, shape: samples.Shape, n: int, classes: int) -> DataStatistics:
        """The scaling of the known numbers, at least one of each."""
        values = rows(y, n, self.width, partial=True)
        if np.isnan(values).all(axis=0).any():
            raise InputError("at least one known number of each factor", "only NaN", "latscape.vae, which needs none")
        return DataStatistics(shape, Scaling.of(values))

    def latents(self, y: ArrayLike | None, n: int, facts: DataStatistics) -> dict[str, Tensor]:
        """The factors, (n, width); their mean, zero, if none are given."""
        return {FACTOR: torch.zeros(n, self.width) if y is None else facts.scaled(rows(y, n, self.width))}

    def batch(self, x: Tensor, y: ArrayLike | None, facts: DataStatistics) -> Batch:
        """With the factors, if there are any."""
        if y is None:
            return Batch(x)
        return Batch(x, observed={FACTOR: facts.scaled(rows(y, len(x), self.width, partial=True)).to(x.device)})


@dataclass(frozen=True)
class Paired(Supervision):
    """`y` is what X is to be turned into: samples of any shape, one for each of X."""

    paired: ClassVar[bool] = True

    def learn(self, y: ArrayLike | None, shape: samples.Shape, n: int, classes: int) -> DataStatistics:
        """The shape of one sample of the other kind."""
        if not samples.is_stored(y):
            return DataStatistics(_pairs(y, n).shape[1:])
        matched(y, n)  # type: ignore[arg-type]
        return DataStatistics(_pairs(samples.read(y, np.arange(1)), 1).shape[1:])

    def batch(self, x: Tensor, y: ArrayLike | None, facts: DataStatistics) -> Batch:
        """With what is to be decoded."""
        other = _pairs(y, len(x))
        if other.shape[1:] != facts.output:
            raise InputError(f"y of shape {facts.output}", other.shape[1:], "samples as they were in fit")
        return Batch(x, samples.flatten(other, x.device))


def _pairs(y: ArrayLike | None, n: int) -> NDArray[np.float32]:
    return matched(samples.check(given(y, "what X is to be turned into"), support=ANYWHERE, least=1), n)
