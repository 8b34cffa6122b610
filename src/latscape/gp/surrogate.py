"""What a campaign needs of a surrogate: one `fit`, and predictions that never build a covariance of all points."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, cast, runtime_checkable

import numpy as np
import torch
from botorch.exceptions.warnings import BotorchWarning
from botorch.models.model import Model
from botorch.posteriors import GPyTorchPosterior
from linear_operator.utils.warnings import NumericalWarning
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.errors import InputError

Data = ArrayLike | Tensor
CHUNK = 512  # points per posterior call: the joint covariance of a chunk stays at 2 MB


class Surrogate(Protocol):
    """A recipe for a model; fitted models are new objects, so a surrogate holds no data."""

    def fit(self, X: Data, Y: Data, bounds: Data | None = None) -> Model:
        """Model of `Y (n,)` (larger is better) at `X (n, d)`; `bounds (d, 2)` is the range `X` is scaled by."""
        ...


@runtime_checkable
class WarmSurrogate(Surrogate, Protocol):
    """A surrogate that knows the whole field and goes on from the model of the step before, which holds its state."""

    def refit(
        self, X: Data, Y: Data, bounds: Data | None = None, *, field: Data | None = None, previous: Model | None = None
    ) -> Model:
        """As `fit`, with all candidates `field (m, d)` and what `refit` gave for fewer points."""
        ...


def refit(
    surrogate: Surrogate,
    X: Data,
    Y: Data,
    bounds: Data | None = None,
    *,
    field: Data | None = None,
    previous: Model | None = None,
) -> Model:
    """`surrogate.refit(...)` if it can go on from `previous`, else `surrogate.fit(X, Y, bounds)`."""
    if isinstance(surrogate, WarmSurrogate):
        return surrogate.refit(X, Y, bounds, field=field, previous=previous)
    return surrogate.fit(X, Y, bounds)


def predict(model: Model, X: Data) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of the latent function (without the measurement noise) at each point.

    Of any single-output BoTorch model at points (n, d): both (n,), in the units of the values it was fitted to.
    GPyTorch rounds variances up to 1e-10 in those units, so values should not be much smaller than 1 (a campaign
    standardizes them by itself).

    Examples
    --------
    >>> from latscape.gp import ExactGP
    >>> mean, std = predict(ExactGP().fit([[0.0], [1.0]], [3.0, 3.0]), [[0.0], [0.5]])
    >>> mean
    array([3., 3.])
    """
    points = as_points(X)
    means, stds = [], []
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore", NumericalWarning)  # variances of -1e-17, which are set to zero below
        for chunk in points.split(CHUNK):
            posterior = cast(GPyTorchPosterior, model.posterior(chunk))
            means.append(posterior.mean.squeeze(-1))  # (chunk,)
            stds.append(posterior.variance.clamp_min(0.0).sqrt().squeeze(-1))  # (chunk,)
    return torch.cat(means).numpy(), torch.cat(stds).numpy()


class Predictive:
    """Mean and deviation as scikit-learn's regressors give them, for every model of this package."""

    def predict(
        self, X: Data, return_std: bool = False
    ) -> NDArray[np.float64] | tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean (n,) at `X (n, d)`; with `return_std` also the standard deviation of the latent function, (n,)."""
        mean, std = predict(cast(Model, self), X)
        return (mean, std) if return_std else mean


class OneOutput(Predictive, Model):
    """A model of one output and no batches, made of other models."""

    num_outputs: int = 1  # pyright: ignore[reportIncompatibleMethodOverride]
    batch_shape: torch.Size = torch.Size()  # pyright: ignore[reportIncompatibleMethodOverride]


def as_points(X: Data) -> Tensor:
    """A float64 tensor (n, d)."""
    return X.to(torch.float64) if isinstance(X, Tensor) else torch.from_numpy(np.array(X, dtype=np.float64))


def thinned(points: Tensor, n: int) -> Tensor:
    """At most `n` points, evenly taken."""
    return points[torch.linspace(0, len(points) - 1, min(n, len(points))).round().long()]


def checked(X: Data, Y: Data) -> tuple[Tensor, Tensor]:
    """Points (n, d) and values (n, 1), float64, of data that a surrogate can be fitted to."""
    points, values = as_points(X), as_points(Y).reshape(-1, 1)
    if points.ndim != 2 or len(points) == 0 or len(points) != len(values):
        got = f"X of shape {tuple(points.shape)}, {len(values)} values"
        raise InputError("points X (n, d) with as many values Y (n,), n at least 1", got, "ExactGP().fit(X, Y)")
    if not (points.isfinite().all() and values.isfinite().all()):
        raise InputError("finite points and values", "NaN or infinity", "to leave failed evaluations out")
    return points, values


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out warnings of what our transforms or a little jitter see to: unscaled or constant data, singularity."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BotorchWarning)
        warnings.simplefilter("ignore", NumericalWarning)
        yield


@contextmanager
def private_torch_rng(seed: int = 0) -> Iterator[None]:
    """Seed torch's CPU generator inside the block and put it back after, for library code that takes no generator.

    `torch.manual_seed` would also reseed the accelerators, which `fork_rng(devices=[])` does not restore.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield
