"""What every estimator here does alike: check its options, train, remember, save."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator

from latscape.autoencoders import store
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.model import Generative
from latscape.autoencoders.terms import Term
from latscape.autoencoders.train import OnCycle, Optimization, Weighted, train
from latscape.curves import Schedule, as_array
from latscape.errors import InputError, NotFitted
from latscape.random import torch_generator

Terms = dict[str, tuple[Term, Schedule]]
Weights = Mapping[str, torch.Tensor]
Model = TypeVar("Model", bound=Generative)

#: Samples scored or decoded at a time: the activations of more cost more in page faults than in arithmetic.
CHUNK = 500


class Estimator(BaseEstimator, Generic[Model]):
    """Options in, fitted attributes out; a subclass says what its model is and which terms train it."""

    #: Whole numbers among the options, and the least each may be.
    counts: ClassVar[Mapping[str, int | None]] = {"latent": 1, "cycles": 1, "batch": 1, "seed": None}

    #: Fitted attributes to be saved beside weights, options and history.
    learned: ClassVar[tuple[str, ...]] = ()

    cycles: int
    batch: int
    learning_rate: Schedule
    terms: Mapping[str, tuple[Term, Schedule]] | None
    seed: int
    device: str

    model_: Model
    history_: dict[str, list[float]]
    options_: dict[str, Any]

    def _optimize(self, model: Model, data: Batch, terms: Terms, on_cycle: OnCycle | None) -> dict[str, list[float]]:
        options = Optimization(self.cycles, self.batch, self._rates())
        return train(model, data, self._weighted(terms), options, torch_generator(self.seed, "train"), on_cycle)

    def _weighted(self, terms: Terms) -> Weighted:
        """The estimator's own terms and the user's, with their weights in every cycle."""
        own = dict(terms)
        for name, pair in (self.terms or {}).items():
            if name in ("loss", *own):
                raise InputError("a name of its own for a further term", repr(name), "terms={'smooth': (term, 1.0)}")
            if not (isinstance(pair, tuple) and len(pair) == 2 and callable(pair[0])):
                raise InputError(f"(term, schedule) for {name!r}", repr(pair), "terms={'smooth': (term, 1.0)}")
            own[name] = pair
        return {name: (term, as_array(weight, self.cycles)) for name, (term, weight) in own.items()}

    def _rates(self) -> NDArray[np.float64]:
        rates = as_array(self.learning_rate, self.cycles)
        if (rates < 0).any():
            raise InputError("learning rates of at least zero", rates.min(), "learning_rate=1e-3")
        return rates

    def _check_options(self) -> None:
        for name, least in self.counts.items():
            value = getattr(self, name)
            whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
            if not whole or (least is not None and value < least):
                bound = "" if least is None else f" of at least {least}"
                raise InputError(f"{name} to be a whole number{bound}", repr(value), f"{name}={2 if least else 0}")
        check_device(self.device)

    def save(self, path: str | Path) -> Path:
        """Write weights and options to one safetensors file."""
        return store.save(self._model.state_dict(), self._stored(), path)

    def _stored(self) -> store.Fitted:
        learned = {name: getattr(self, name) for name in self.learned}
        return store.Fitted(type(self).__name__, self.options_, self.history_, learned)

    @classmethod
    def _restored(cls, fitted: store.Fitted, weights: Weights, device: str) -> Self:
        estimator = cls(**fitted.options).set_params(device=device)
        estimator.options_ = fitted.options
        estimator.history_ = {name: list(values) for name, values in fitted.history.items()}
        for name, value in fitted.learned.items():
            setattr(estimator, name, value)
        estimator.model_ = estimator._rebuilt()
        estimator.model_.load_state_dict(weights)
        estimator.model_.eval()
        return estimator

    def _rebuilt(self) -> Model:
        """The model of the fit, its weights yet to be read."""
        raise NotImplementedError

    @property
    def _model(self) -> Model:
        if not hasattr(self, "model_"):
            raise NotFitted("a fitted model", "one that was never fitted", "model.fit(images) first")
        return self.model_

    @property
    def _place(self) -> torch.device:
        """Where the fitted model is."""
        return next(self._model.parameters()).device

    def _tensor(self, name: str, values: ArrayLike, width: int, n: int | None = None) -> torch.Tensor:
        """Finite rows (n, width) where the model is."""
        rows = np.ascontiguousarray(values, dtype=np.float32)
        rows = rows[:, None] if rows.ndim == 1 and width == 1 else rows
        if rows.ndim != 2 or rows.shape[1] != width or n not in (None, len(rows)) or not np.isfinite(rows).all():
            count = "n" if n is None else n
            raise InputError(f"finite {name} of shape ({count}, {width})", f"shape {rows.shape}", "one row per sample")
        return torch.from_numpy(rows).to(self._place)


def check_device(device: str) -> None:
    """Refuse a device that torch cannot use here."""
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError("a device torch can use here", repr(device), "device='cpu'") from error
