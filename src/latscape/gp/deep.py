"""Deep kernel learning (Wilson et al. 2016, arXiv:1511.02222): a network and an exact GP on its output in one fit."""

import copy
import math
from dataclasses import dataclass, replace
from typing import cast

import torch
from botorch.models.model import Model
from torch import Tensor

from latscape.errors import InputError
from latscape.gp.deep_model import DeepKernelModel, Training, deep_kernel, deep_likelihood
from latscape.gp.extractor import EXTRACTORS, Embedding, Extractor, Standard, Whiten, frame
from latscape.gp.kernels import check_kernel
from latscape.gp.mixture import Mixture
from latscape.gp.surrogate import Data, as_points, checked, private_torch_rng, quiet, thinned
from latscape.nets.encoders import DenseEncoder
from latscape.random import derive_seed, torch_generator

PROBES = 1024  # places of the field that scale the inputs, and whose predictions are watched
GROWTH = 2.0  # predictions are compared each time the measured points have grown by this factor


@dataclass(frozen=True)
class DeepKernel:
    """Exact GP in float64 on the output of a network, both fitted to the same likelihood.

    The network turns a patch into `latent` numbers in which the target is smooth, and the plane of these numbers is a
    map of structure by property: `model.embed(patches)`. All parameters maximize the log marginal likelihood plus log
    priors (of length scale, variance and noise) by Adam with decoupled weight decay. Training begins with a map small
    against the length scale and a large noise, that is, with a function that is nearly linear in the features: from
    points far apart a network learns to keep all of them apart, which explains any values and predicts none.

    A fit that goes on from the model before it (`refit(..., previous=model)`) is short. Two rules save more.
    A training ends when the likelihood stops improving (`tolerance`, `patience`). And, if wanted, once predictions over
    the field have stopped changing (`settled`) the extractor is frozen: later fits only condition the GP on the new
    points. `benchmarks/freezing.py` says what that saves and costs.

    Parameters
    ----------
    latent
        Width of the map.
    extractor
        "dense" (default): two layers of 64 units on the principal components of the field. "conv": two convolutions,
        of which only the mean over the patch is kept, so that what is in a patch counts and not where. Or options with
        `build(shape, channels, outputs, generator)`, such as `latscape.ConvEncoder`.
    shape
        Of a patch, (h, w) or (h, w, channels), which `X` holds flat. Default: a square of one channel if it can be.
    components
        How many principal components of the field dense layers are given; 0 gives them the pixels.
    kernel
        "rbf" (default) or "matern" (smoothness 5/2).
    members
        Above 1: an ensemble of networks that start differently, whose predictions are one mixture. Their disagreement
        is uncertainty that the GP on one map does not know of.
    learning_rate, decay
        Of AdamW. The decay holds for the network alone.
    steps, warm_steps
        Most optimization steps of a first training, and of one that goes on from a previous model.
    tolerance, patience
        A training ends when the objective per point has not gained `tolerance` in `patience` steps.
    settled
        The extractor is frozen when, while the measured points doubled, less than this share of the variance of the
        predictions over the field changed (one minus their squared correlation). 0 (default): never.

    Raises
    ------
    InputError
        For options that are unknown or out of range; at `fit` for patches that do not have `shape`.

    Examples
    --------
    >>> import numpy as np
    >>> patches = np.random.default_rng(0).normal(size=(60, 16))
    >>> model = DeepKernel(steps=20).fit(patches, patches.mean(axis=1))
    >>> model.embed(patches).shape, tuple(model.posterior(torch.from_numpy(patches)).mean.shape)
    ((60, 2), (60, 1))
    """

    latent: int = 2
    extractor: str | Extractor = "dense"
    shape: tuple[int, ...] | None = None
    components: int = 20
    kernel: str = "rbf"
    members: int = 1
    learning_rate: float = 0.01
    decay: float = 0.01
    steps: int = 300
    warm_steps: int = 30
    tolerance: float = 1e-3
    patience: int = 10
    settled: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.extractor, str) and self.extractor not in EXTRACTORS:
            raise InputError(f"an extractor among {', '.join(EXTRACTORS)}", repr(self.extractor), 'extractor="conv"')
        check_kernel(self.kernel)
        for name in ("latent", "members", "steps", "warm_steps", "patience"):
            if (value := getattr(self, name)) < 1:
                raise InputError(f"{name} of at least 1", value, f"{name}=1")
        for name in ("learning_rate", "tolerance"):
            if not (value := getattr(self, name)) > 0:
                raise InputError(f"a positive {name}", value, f"{name}=0.01")
        if self.components < 0 or self.decay < 0 or not 0 <= self.settled < 1:
            got = f"components={self.components}, decay={self.decay}, settled={self.settled}"
            raise InputError("components and decay of at least 0, settled in [0, 1)", got, "settled=0.01")

    def fit(self, X: Data, Y: Data, bounds: Data | None = None) -> DeepKernelModel | Mixture:
        """The model of `Y (n,)` at flat patches `X (n, d)`, from the beginning; inputs are scaled by `X` itself.

        `bounds` is there because every surrogate has it; pixels are not scaled one by one.
        """
        return self.refit(X, Y, bounds)

    def refit(
        self, X: Data, Y: Data, bounds: Data | None = None, *, field: Data | None = None, previous: Model | None = None
    ) -> DeepKernelModel | Mixture:
        """As `fit`, knowing all patches there are, and going on from the model of an earlier step.

        All that is carried from step to step is in the model that is given back; it is left as it was.

        Parameters
        ----------
        field
            All patches that could be measured, (m, d): they scale the inputs, and the extractor is frozen when the
            predictions there have settled. Default: `X`, and the extractor is never frozen.
        previous
            What `refit` of the same options gave for fewer points.
        """
        points, values = checked(X, Y)
        places = None if field is None else thinned(as_points(field), PROBES)
        if self.members > 1:
            earlier = cast(Mixture, previous).models if previous is not None else [None] * self.members
            alone = [replace(self, members=1, seed=derive_seed(self.seed, "member", k)) for k in range(self.members)]
            fitted = [one._refit(points, values, places, old) for one, old in zip(alone, earlier, strict=True)]
            return Mixture(fitted)
        return self._refit(points, values, places, previous)

    def _refit(self, points: Tensor, values: Tensor, field: Tensor | None, previous: Model | None) -> DeepKernelModel:
        assert previous is None or isinstance(previous, DeepKernelModel)
        with private_torch_rng(), quiet():  # unscaled patches: the embedding sees to it
            if previous is None:
                model, steps = self._begin(points, values, points if field is None else field), self.steps
            else:
                model, before = previous.of(points, values), previous.training_
                steps = 0 if before.frozen or before.points >= len(points) else self.warm_steps  # else nothing is new
            taken = self._train(model, steps)
            model.eval()
            if taken:
                model.training_ = self._judge(model, field, replace(model.training_, steps=taken, points=len(points)))
        return model

    def _begin(self, points: Tensor, values: Tensor, field: Tensor) -> DeepKernelModel:
        """An untrained model, its inputs and its map scaled by the field."""
        shape, channels = frame(points.shape[-1], self.shape)
        options = EXTRACTORS[self.extractor] if isinstance(self.extractor, str) else self.extractor
        if isinstance(options, DenseEncoder) and self.components:
            scaling = Whiten(field, self.components)
            shape, channels = (scaling.width,), 1
        else:
            scaling = Standard(field, channels)
        network = options.build(shape, channels, self.latent, torch_generator(self.seed, "extractor"))
        embedding = Embedding(scaling, network, self.latent)
        embedding.center(field)
        return DeepKernelModel(points, values, embedding, deep_kernel(self.kernel), deep_likelihood())

    def _train(self, model: DeepKernelModel, steps: int) -> int:
        """At most `steps` steps of AdamW; the best parameters met are kept. Returns how many were taken."""
        model.train()
        network = list(model.embedding.parameters())
        rest = [one for name, one in model.named_parameters() if not name.startswith("input_transform.")]
        groups = [{"params": network, "weight_decay": self.decay}, {"params": rest, "weight_decay": 0.0}]
        optimizer = torch.optim.AdamW(groups, lr=self.learning_rate)
        best, kept, reached, since = -math.inf, model.state_dict(), -math.inf, 0
        for step in range(steps):
            value = model.objective()
            if value.item() > best:
                best, kept = value.item(), copy.deepcopy(model.state_dict())
            reached, since = (best, 0) if best > reached + self.tolerance else (reached, since + 1)
            if since >= self.patience:
                steps = step
                break
            optimizer.zero_grad()
            (-value).backward()
            optimizer.step()
        model.load_state_dict(kept)
        return steps

    def _judge(self, model: DeepKernelModel, field: Tensor | None, state: Training) -> Training:
        """Whether predictions over the field have stopped changing."""
        if field is None or (state.predicted is not None and state.points < GROWTH * state.compared):
            return state
        with torch.no_grad():
            now = model.posterior(field).mean[:, 0]
        change = float("nan") if state.predicted is None else 1.0 - float(_correlation(now, state.predicted)) ** 2
        return replace(state, change=change, frozen=change < self.settled, compared=state.points, predicted=now)


def _correlation(a: Tensor, b: Tensor) -> Tensor:
    """Of two vectors; 0 where one of them is constant."""
    a, b = a - a.mean(), b - b.mean()
    return (a @ b) / (a.norm() * b.norm()).clamp_min(1e-300)
