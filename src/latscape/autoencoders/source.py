"""Where training takes its batches from: tensors in memory, a part of them, or samples that stay where they are."""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from latscape.autoencoders import samples
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.likelihoods import ANYWHERE, Likelihood
from latscape.autoencoders.statistics import DataStatistics
from latscape.autoencoders.supervision import Supervision
from latscape.errors import InputError
from latscape.signals.foreign import samples_of


class BatchSource(Protocol):
    """Samples that can be taken by their number; a `Batch` is one."""

    def __len__(self) -> int: ...

    @property
    def device(self) -> torch.device: ...  # noqa: D102

    def take(self, index: Tensor) -> Batch:
        """The samples at `index`."""
        ...


@dataclass(frozen=True)
class Part:
    """The samples of a source at `index` (n,), numbered anew."""

    source: BatchSource
    index: Tensor

    def __len__(self) -> int:
        return len(self.index)

    @property
    def device(self) -> torch.device:
        """Where batches are."""
        return self.source.device

    def take(self, index: Tensor) -> Batch:
        """The samples at `index` of the part."""
        return self.source.take(self.index[index])


@dataclass(frozen=True)
class InputData:
    """X and y as they were given to an estimator.

    Each is a checked array of samples, or anything stored (`samples.is_stored`), checked when it is taken; y may be
    missing. Signals of this package, of HyperSpy, sidpy or xarray have become their samples.
    """

    X: Any
    y: Any
    shape: samples.Shape  # of one sample
    likelihood: Likelihood  # says what may be decoded
    supervision: Supervision  # says what y tells

    @classmethod
    def of(cls, X: Any, y: Any, likelihood: Likelihood, supervision: Supervision, *, least: int) -> "InputData":
        """Check arrays in memory as a whole, and of all others the first sample."""
        X, y = samples_of(X), samples_of(y)
        if not samples.is_stored(X):
            array = checked(X, likelihood, supervision, least)
            return cls(array, y, array.shape[1:], likelihood, supervision)
        n = samples.count(X)
        if n < least:
            raise InputError(f"at least {least} samples", n, "a larger stack")
        return cls(
            X, y, checked(samples.read(X, np.arange(1)), likelihood, supervision, 1).shape[1:], likelihood, supervision
        )

    def source(self, facts: DataStatistics, device: str | torch.device) -> BatchSource:
        """Batches of all samples with what y tells of them."""
        if samples.is_stored(self.X) or samples.is_stored(self.y):
            return _Stored(self, facts, torch.device(device))
        return self.batch(samples.flatten(self.X, device), self.y, facts)

    def flat(self, index: Tensor, device: str | torch.device) -> Tensor:
        """Samples at `index` as rows (n, values)."""
        at = index.cpu().numpy()
        if not samples.is_stored(self.X):
            return samples.flatten(self.X[at], device)
        x = checked(samples.read(self.X, at), self.likelihood, self.supervision, 1)
        if x.shape[1:] != self.shape:
            raise InputError(f"samples of shape {self.shape}, as the first", x.shape[1:], "samples of one shape")
        return samples.flatten(x, device)

    def batch(self, x: Tensor, y: Any, facts: DataStatistics) -> Batch:
        """Flat samples with what `y` tells, which the likelihood must take if it is to be decoded."""
        data = self.supervision.batch(x, y, facts)
        if data.other is not None:
            samples.check(data.other.cpu().numpy(), support=self.likelihood.support, least=1)
        return data


def checked(X: Any, likelihood: Likelihood, supervision: Supervision, least: int) -> NDArray[np.float32]:
    """Samples to encode; they are what is decoded as well, unless `y` is, so the likelihood must take them."""
    return samples.check(X, support=ANYWHERE if supervision.paired else likelihood.support, least=least)


@dataclass(frozen=True)
class _Stored:
    """Samples, or what they are to be turned into, that are read when they are taken."""

    given: InputData
    facts: DataStatistics
    device: torch.device

    def __len__(self) -> int:
        return len(self.given.X)

    def take(self, index: Tensor) -> Batch:
        y = self.given.y
        if y is not None:
            at = index.cpu().numpy()
            y = samples.read(y, at) if samples.is_stored(y) else np.asarray(y)[at]
        return replace(self.given.batch(self.given.flat(index, self.device), y, self.facts), index=index)
