"""A Gaussian process for long campaigns: hyperparameters are fitted only now and then."""

import dataclasses
import math
from dataclasses import dataclass

from botorch.models.model import Model

from latscape.errors import InputError
from latscape.gp.exact import ExactGP, ExactModel
from latscape.gp.surrogate import Data, as_points


@dataclass(frozen=True)
class RefitOnGrowth:
    """An exact GP whose hyperparameters are fitted again when the data have grown by a share; between, it is told more.

    Length scales and noise hardly change from the 300th to the 301st value, but finding them takes a hundred times as
    long as the prediction. From one value to n there are then about log(n) / log(1 + growth) fits instead of n. The
    model of the step before holds the state: a resumed campaign fits once when it begins, and may from there on ask
    for other points than an uninterrupted one.

    Parameters
    ----------
    surrogate : ExactGP
    growth
        Share of new values (default 0.1) after which hyperparameters are fitted again; 0 is every time.

    Raises
    ------
    InputError
        For a negative growth.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(0, 1, 29)[:, None]
    >>> surrogate = RefitOnGrowth(ExactGP(noise="none"), growth=0.5)
    >>> first = surrogate.refit(x[:20], np.sin(6 * x[:20]), bounds=[[0, 1]])
    >>> more = surrogate.refit(x, np.sin(6 * x), bounds=[[0, 1]], previous=first)
    >>> more.covar_module.lengthscale.equal(first.covar_module.lengthscale), len(more.train_targets)
    (True, 29)
    """

    surrogate: ExactGP = dataclasses.field(default_factory=ExactGP)
    growth: float = 0.1

    def __post_init__(self) -> None:
        if not 0 <= self.growth < math.inf:
            raise InputError("a growth of at least 0", self.growth, "growth=0.1")

    def fit(self, X: Data, Y: Data, bounds: Data | None = None) -> ExactModel:
        """As the surrogate's own."""
        return self.surrogate.fit(X, Y, bounds)

    def refit(
        self, X: Data, Y: Data, bounds: Data | None = None, *, field: Data | None = None, previous: Model | None = None
    ) -> ExactModel:
        """Model of all data, with the hyperparameters of `previous` as long as the data have not grown enough."""
        n = len(as_points(X))
        if isinstance(previous, ExactModel) and previous.fitted_to <= n < (1 + self.growth) * previous.fitted_to:
            return self.surrogate.like(previous, X, Y, bounds)
        return self.fit(X, Y, bounds)
