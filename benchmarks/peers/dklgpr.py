"""AtomAI's dklGPR as a surrogate of a campaign."""

import contextlib
import copy
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from botorch.models.model import Model
from botorch.posteriors import GPyTorchPosterior, Posterior
from gpytorch.distributions import MultivariateNormal
from linear_operator.operators import DiagLinearOperator
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.gp.surrogate import Predictive, as_points, private_torch_rng
from peers import stand_in


@dataclass(frozen=True)
class Peer:
    """AtomAI 0.8.1 at its defaults: dense layers of 1000, 500 and 50, KISS-GP of 50 x 50, Adam 0.01, double precision.

    As in its notebooks, a network is trained from the beginning in every step of an experiment, for 200 cycles, and
    patches go into it as an image scaled to [0, 1] has them.
    """

    cycles: int = 200
    embedding: int = 2
    seed: int = 0

    def fit(self, X: ArrayLike, Y: ArrayLike, bounds: ArrayLike | None = None) -> "Fitted":
        """The model of `Y (n,)` at flat patches `X (n, d)`, whose pixels lie within `bounds (d, 2)`."""
        return self.refit(X, Y, bounds)

    def refit(
        self,
        X: ArrayLike,
        Y: ArrayLike,
        bounds: ArrayLike | None = None,
        *,
        field: ArrayLike | None = None,
        previous: Model | None = None,
    ) -> "Fitted":
        """As `fit`; a model of the same data is not trained twice."""
        points, values = as_points(X), as_points(Y).reshape(-1)
        if isinstance(previous, Fitted) and previous.knows(points, values):
            return previous
        box = points if bounds is None else as_points(bounds)
        low, width = box.min(), (box.max() - box.min()).clamp_min(1e-12)
        with quiet():
            model = _dklgpr()(points.shape[1], embedim=self.embedding, device="cpu", seed=self.seed)
            model.fit((points - low) / width, values, training_cycles=self.cycles)
        return Fitted(model, points, values, low, width)


class Fitted(Predictive, Model):
    """What dklGPR predicts, point by point."""

    def __init__(self, model: Any, points: Tensor, values: Tensor, low: Tensor, width: Tensor) -> None:
        super().__init__()
        self.peer, self.points, self.values, self.low, self.width = model, points, values, low, width

    @property
    def num_outputs(self) -> int:
        """One."""
        return 1

    @property
    def batch_shape(self) -> torch.Size:
        """None."""
        return torch.Size()

    def knows(self, points: Tensor, values: Tensor) -> bool:
        """Whether it was fitted to these."""
        return torch.equal(self.points, points) and torch.equal(self.values, values)

    def posterior(self, X: Tensor, *args: Any, **kwargs: Any) -> Posterior:
        """Mean and variance at `X (n, d)`; its interpolated kernel gives negative variances, which are set to zero."""
        with quiet():
            mean, variance = (as_points(one) for one in self.peer.predict(self._scaled(X), batch_size=len(X)))
        mean, variance = mean.reshape(-1), variance.reshape(-1).clamp_min(0.0)
        return GPyTorchPosterior(MultivariateNormal(mean, DiagLinearOperator(variance)))

    def condition_on_observations(self, X: Tensor, Y: Tensor, **_: Any) -> "Fitted":
        """The same network and kernel with more data, as the other methods do to choose a batch."""
        points, values = torch.cat([self.points, X]), torch.cat([self.values, Y.reshape(-1)])
        peer = copy.copy(self.peer)
        peer.gp_model = copy.deepcopy(self.peer.gp_model)
        peer.likelihood = peer.gp_model.likelihood
        peer.gp_model.set_train_data(self._scaled(points), values[None], strict=False)
        return Fitted(peer, points, values, self.low, self.width)

    def embed(self, X: ArrayLike) -> NDArray[np.float64]:
        """Where its network puts patches (n, d), (n, 2)."""
        with quiet():
            return self.peer.embed(self._scaled(as_points(X)), batch_size=512)

    def _scaled(self, X: Tensor) -> Tensor:
        return (X - self.low) / self.width


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """What it prints is not shown, and the generators and the precision that it sets for everybody are put back."""
    precision, state = torch.get_default_dtype(), np.random.get_state()  # noqa: NPY002
    try:
        with private_torch_rng(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            torch.set_default_dtype(torch.float64)
            yield
    finally:
        torch.set_default_dtype(precision)
        np.random.set_state(state)  # noqa: NPY002


def _dklgpr() -> Any:
    stand_in()
    from atomai.models import dklGPR

    return dklGPR
