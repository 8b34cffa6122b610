"""What every estimator here does alike: check its options, train, remember, save."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from latscape.autoencoders import store
from latscape.autoencoders.checkpoint import Checkpoint, identity
from latscape.autoencoders.output import Generative
from latscape.autoencoders.progress import bar
from latscape.autoencoders.source import BatchSource, Part
from latscape.autoencoders.terms import Term
from latscape.autoencoders.train import Callbacks, History, OnEpoch, Optimization, Until, Weighted, train
from latscape.autoencoders.validation import ValidationSet
from latscape.checks import check_whole
from latscape.curves import Schedule, as_array
from latscape.errors import InputError, NotFitted
from latscape.geometry.pose import Transform, check_pose, pose_of
from latscape.nets.decoder_frame import Precision
from latscape.random import torch_generator

Terms = dict[str, tuple[Term, Schedule]]
Weights = Mapping[str, torch.Tensor]
Model = TypeVar("Model", bound=Generative)


@dataclass(frozen=True)
class FitOptions:
    """What a call of `fit` is told beside the data; see `VAE.fit`."""

    on_epoch: OnEpoch | None = None
    checkpoint: str | Path | None = None
    every: int = 10
    progress: bool | None = None
    until: Until | None = None

    def __post_init__(self) -> None:
        check_whole("every", self.every, 1)


@dataclass(kw_only=True, eq=False, repr=False)
class Estimator(BaseEstimator, Generic[Model]):
    """Options in, fitted attributes out; a subclass says what its model is and which terms train it.

    Options are fields of a dataclass, whose constructor keeps them as they are, as scikit-learn wants it; their meaning
    is told where they are used, in `VAE`.
    """

    #: Whole numbers among the options, and the least each may be.
    counts: ClassVar[Mapping[str, int | None]] = {"latent": 1, "epochs": 1, "batch": 1, "patience": 0, "seed": None}

    #: Fitted attributes to be saved beside weights, options and history.
    learned: ClassVar[tuple[str, ...]] = ()

    latent: int = 2
    angle: float | None = None
    n_orientations: int = 1
    turn: float = 2.0 * math.pi
    shift: float | None = None
    scale: float | None = None
    shear: float | None = None
    pose: Sequence[Transform] = ()
    beta_c: Schedule = 1.0
    terms: Mapping[str, tuple[Term, Schedule]] | None = None
    epochs: int = 100
    batch: int = 100
    learning_rate: Schedule = 1e-3
    validation: float = 0.0
    patience: int = 0
    precision: Precision = "float32"
    seed: int = 0
    device: str = "cpu"

    model_: Model = field(init=False)
    history_: History = field(init=False)
    options_: dict[str, Any] = field(init=False)

    def _optimize(self, model: Model, data: BatchSource, terms: Terms, fit_options: FitOptions) -> History:
        options, weighted = Optimization(self.epochs, self.batch, self._rates()), self._weighted(terms)
        data, held, checkpoint = *self._split(data), None
        if fit_options.checkpoint is not None:
            same = identity(type(self).__name__, self.get_params(deep=False), list(weighted), data)
            checkpoint = Checkpoint(Path(fit_options.checkpoint), fit_options.every, same)
        with bar(type(self).__name__, self.epochs, fit_options.on_epoch, fit_options.progress) as on_epoch:
            watch = Callbacks(on_epoch, held, checkpoint, fit_options.until)
            return train(model, data, weighted, options, torch_generator(self.seed, "train"), watch)

    def _split(self, data: BatchSource) -> tuple[BatchSource, ValidationSet | None]:
        """What is trained on, and a random share that is held out."""
        if self.validation == 0:
            return data, None
        n = round(self.validation * len(data))
        if n < 1 or len(data) - n < 2:
            got = f"{n} of {len(data)} samples"
            raise InputError("at least one held-out sample and two others", got, "another share, or more samples")
        order = torch.randperm(len(data), generator=torch_generator(self.seed, "held out")).to(data.device)
        held = ValidationSet(Part(data, order[:n]), self.patience, torch_generator(self.seed, "held-out noise"))
        return Part(data, order[n:]), held

    def _weighted(self, terms: Terms) -> Weighted:
        """The estimator's own terms and the user's, with their weights in every epoch."""
        own = dict(terms)
        for name, pair in (self.terms or {}).items():
            if name in ("loss", *own):
                raise InputError("a name of its own for a further term", repr(name), "terms={'smooth': (term, 1.0)}")
            if not (isinstance(pair, tuple) and len(pair) == 2 and callable(pair[0])):
                raise InputError(f"(term, schedule) for {name!r}", repr(pair), "terms={'smooth': (term, 1.0)}")
            own[name] = pair
        return {name: (term, as_array(weight, self.epochs)) for name, (term, weight) in own.items()}

    def _rates(self) -> NDArray[np.float64]:
        rates = as_array(self.learning_rate, self.epochs)
        if (rates < 0).any():
            raise InputError("learning rates of at least zero", rates.min(), "learning_rate=1e-3")
        return rates

    def _check_options(self) -> None:
        for name, least in self.counts.items():
            check_whole(name, getattr(self, name), least)
        if not 0 <= self.validation < 1:
            raise InputError("a share of the samples in [0, 1)", f"validation={self.validation!r}", "validation=0.1")
        if self.patience and not self.validation:
            raise InputError("held-out samples to be patient with", "validation=0", "validation=0.1")
        if self.precision not in get_args(Precision):
            raise InputError("a precision of 'float32' or 'bfloat16'", repr(self.precision), "precision='bfloat16'")
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

    def transforms(self, dimension: int) -> tuple[Transform, ...]:
        """All factors of the pose, for curves (1) or images (2): those given by numbers, then those of `pose`."""
        return (*self._numbered(dimension), *check_pose(self.pose, dimension))

    @property
    def posed(self) -> bool:
        """Whether there is a pose to absorb."""
        return bool(self.pose or self._numbered(2))

    def _numbered(self, dimension: int) -> tuple[Transform, ...]:
        names = ("angle", "n_orientations", "turn", "shift", "scale", "shear")
        return pose_of(dimension, **{name: getattr(self, name) for name in names})


def check_device(device: str) -> None:
    """Refuse a device that torch cannot use here."""
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise InputError("a device torch can use here", repr(device), "device='cpu'") from error
