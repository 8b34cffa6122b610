"""A trained autoencoder with what belongs to it, and the operations on it as methods of an estimator."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.autoencoders import samples
from latscape.autoencoders.model import Autoencoder
from latscape.autoencoders.output import CONDITION
from latscape.autoencoders.source import InputData
from latscape.autoencoders.statistics import DataStatistics
from latscape.autoencoders.supervision import Supervision
from latscape.autoencoders.validation import CHUNK
from latscape.errors import InputError
from latscape.name_hints import short_signature

FloatArray = NDArray[np.floating]
Options = ParamSpec("Options")
Result = TypeVar("Result")


@dataclass(frozen=True)
class FittedAutoencoder:
    """All that encoding, decoding and prediction need; `y` is read as in the fit."""

    model: Autoencoder
    shape: samples.Shape  # of one sample
    statistics: DataStatistics
    supervision: Supervision
    seed: int

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return next(self.model.parameters()).device

    def input_data(self, X: ArrayLike, y: ArrayLike | None = None) -> InputData:
        """Samples, checked for their shape."""
        data = InputData.of(X, y, self.model.likelihood, self.supervision, least=1)
        if data.shape != self.shape:
            raise InputError(f"samples of shape {self.shape}", data.shape, "samples as they were in fit")
        return data

    def chunks(self, X: ArrayLike, y: ArrayLike | None = None) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Flat samples (rows, values) and their condition, some at a time."""
        data = self.input_data(X)
        n, condition = len(data.X), None
        if self.supervision.condition:
            condition = self.supervision.latents(y, n, self.statistics)[CONDITION].to(self.device)
        for index in torch.arange(n).split(CHUNK):
            yield data.flat(index, self.device), None if condition is None else condition[index.to(self.device)]

    def unflatten(self, flat: Tensor) -> FloatArray:
        """Decoded samples in their shape."""
        return samples.unflatten(flat, self.statistics.output)


def method_of_fitted(
    function: Callable[Concatenate[FittedAutoencoder, Options], Result],
) -> Callable[Concatenate[Any, Options], Result]:
    """A function of a fitted autoencoder as a method of the estimator that was fitted."""

    @wraps(function)
    def method(self: Any, *args: Options.args, **options: Options.kwargs) -> Result:
        return function(self._fitted, *args, **options)

    method.__signature__ = short_signature(inspect.signature(function))  # type: ignore[attr-defined]
    return method
