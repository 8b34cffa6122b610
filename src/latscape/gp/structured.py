"""A GP around a mean function from physics (Ziatdinov et al. 2021, arXiv:2108.10280), and a fully Bayesian one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, cast

import torch
from botorch.models.transforms import Normalize, Standardize
from gpytorch.kernels import ScaleKernel
from gpytorch.likelihoods import GaussianLikelihood
from gpytorch.means import Mean, ZeroMean
from torch import Tensor
from torch.distributions import Distribution

from latscape.errors import InputError
from latscape.gp.exact import ExactModel, unit_limits
from latscape.gp.joint import Joint, Values, hyperpriors
from latscape.gp.kernels import check_kernel, stationary
from latscape.gp.means import Function, Physical, call
from latscape.gp.mixture import Mixture
from latscape.gp.surrogate import Data, checked, quiet
from latscape.name_hints import with_option_hints
from latscape.random import derive_seed

RESERVED = ("length", "noise", "variance")


class StructuredModel(ExactModel):
    """An exact GP whose mean function has parameters."""

    parameters_: Values  # of the mean function, by name


class StructuredMixture(Mixture):
    """Draws from the posterior over the parameters and hyperparameters, as equal parts of one model."""

    @property
    def parameters_(self) -> Values:
        """Draws of every parameter, (samples, ...)."""
        each = [cast(StructuredModel, model).parameters_ for model in self.models]
        return {name: torch.stack([values[name] for values in each]) for name in each[0]}


@with_option_hints
@dataclass(frozen=True)
class StructuredGP:
    """GP with a mean function of the user's, whose parameters are fitted with the kernel: y = m(x; p) + z(x) + noise.

    What the physics knows is in the mean; what it does not know is left to the GP. Beyond the data predictions follow
    the mean and not a constant.

    Parameters
    ----------
    mean
        `(x (n, d), parameters) -> (n,)` in the units of the data, of tensors, differentiable by torch.
    priors
        A distribution of torch or gpytorch for each parameter, scalar or vector. Starts are drawn from them.
    kernel
        "rbf" (default) or "matern" (smoothness 5/2).
    sampled
        False (default): the most probable values (MAP), best of `n_restarts` climbs by L-BFGS. True: `samples` draws by
        NUTS, begun at that maximum, whose predictions are one mixture. Needs the extra `bayes`.
    n_restarts
        How many climbs, from the best of many draws of the priors: mean functions have many local maxima.
    samples, warmup, thinning
        Draws kept, draws before the first, and one in how many is kept.

    Raises
    ------
    InputError
        For unknown options, a prior with the name of a hyperparameter, or a mean of another shape than (n,).

    Examples
    --------
    >>> from torch.distributions import LogNormal, Normal
    >>> def decay(x, p):
    ...     return p["a"] * torch.exp(-p["rate"] * x[:, 0])
    >>> x = torch.linspace(0, 2, 12)[:, None].double()
    >>> options = StructuredGP(decay, {"a": Normal(0.0, 5.0), "rate": LogNormal(0.0, 1.0)})
    >>> model = options.fit(x, 3.0 * torch.exp(-1.5 * x[:, 0]))
    >>> print(f"{float(model.parameters_['rate']):.1f}")
    1.5
    """

    mean: Function
    priors: Mapping[str, Distribution] = field(default_factory=dict)
    kernel: str = "rbf"
    sampled: bool = False
    n_restarts: int = 4
    samples: int = 16
    warmup: int = 128
    thinning: int = 8
    seed: int = 0

    in_units: ClassVar[bool] = True  # mean and priors are in the units of the data: nobody else may rescale the values

    def __post_init__(self) -> None:
        check_kernel(self.kernel)
        taken = [name for name in self.priors if name in RESERVED]
        if taken:
            raise InputError(f"parameters not named {', '.join(RESERVED)}", ", ".join(taken), "another name")
        check_draws(self.n_restarts, self.samples, self.warmup, self.thinning)

    def fit(self, X: Data, Y: Data, bounds: Data | None = None) -> StructuredModel | StructuredMixture:
        """Fit parameters and hyperparameters to `Y (n,)` at `X (n, d)`; `bounds (d, 2)` scales the kernel's inputs."""
        data = _Observed(self.kernel, X, Y, bounds)

        def mean(at: Values) -> Tensor:
            return (call(self.mean, data.points, {name: at[name] for name in self.priors}) - data.center) / data.scale

        joint = data.joint(mean, {**hyperpriors(data.points.shape[1], variance=-1.0), **self.priors})
        climbs = [joint.maximize(start) for start in joint.starts(self.n_restarts, derive_seed(self.seed, "starts"))]
        best = max(climbs, key=lambda climb: climb[1])[0]

        def build(at: Values) -> StructuredModel:
            chosen = {name: at[name] for name in self.priors}
            model = data.model(Physical(self.mean, chosen, data.limits, data.center, data.scale), at)
            model.parameters_ = chosen
            return model

        if not self.sampled:
            return build(best)
        drawn = joint.draw(best, self.samples, self.warmup, self.thinning, derive_seed(self.seed, "draws"))
        return StructuredMixture([build(at) for at in drawn])


@dataclass(frozen=True)
class BayesianGP:
    """Fully Bayesian GP: length scales, variance and noise are not chosen but drawn from their posterior.

    With few points many length scales explain the data; predictions of all of them together know that. The mixture of
    the draws is one model. Needs the extra `bayes`.

    Parameters
    ----------
    kernel
        "matern" (default, smoothness 5/2) or "rbf".
    samples, warmup, thinning
        Draws kept, draws before the first, and one in how many is kept.

    Examples
    --------
    >>> model = BayesianGP(samples=2, warmup=4, thinning=1).fit([[0.0], [0.5], [1.0]], [0.0, 1.0, 0.0])
    >>> len(model.models)
    2
    """

    kernel: str = "matern"
    samples: int = 16
    warmup: int = 128
    thinning: int = 8
    seed: int = 0

    def __post_init__(self) -> None:
        check_kernel(self.kernel)
        check_draws(1, self.samples, self.warmup, self.thinning)

    def fit(self, X: Data, Y: Data, bounds: Data | None = None) -> Mixture:
        """Draw hyperparameters given `Y (n,)` at `X (n, d)`; `bounds (d, 2)` is the range `X` is scaled by."""
        data = _Observed(self.kernel, X, Y, bounds)
        priors = hyperpriors(data.points.shape[1])
        joint = data.joint(lambda _: torch.zeros_like(data.values[:, 0]), priors)
        best = joint.maximize({name: prior.mode.double() for name, prior in priors.items()})[0]
        drawn = joint.draw(best, self.samples, self.warmup, self.thinning, derive_seed(self.seed, "draws"))
        return Mixture([data.model(ZeroMean(), at) for at in drawn])


class _Observed:
    """Data (n, d), (n, 1) in their units, and what makes a kernel's inputs a unit cube and the values standardized."""

    def __init__(self, kernel: str, X: Data, Y: Data, bounds: Data | None) -> None:
        self.kernel, (self.points, self.values) = kernel, checked(X, Y)
        self.limits = unit_limits(self.points, bounds)
        # what BoTorch's Standardize takes off and divides by; 1 where values are all the same
        self.center = self.values.mean()
        scale = self.values.std() if len(self.values) > 1 else torch.ones((), dtype=self.values.dtype)
        self.scale = torch.where(scale >= 1e-8, scale, 1.0)

    def joint(self, mean: Callable[[Values], Tensor], priors: Mapping[str, Distribution]) -> Joint:
        """The density of all unknowns, `mean` (n,) of standardized values among them."""
        unit = (self.points - self.limits[0]) / (self.limits[1] - self.limits[0])
        return Joint(unit, (self.values[:, 0] - self.center) / self.scale, self.kernel, mean, priors)

    def model(self, mean: Mean, at: Values) -> StructuredModel:
        """The GP of the data at these hyperparameters."""
        d = self.points.shape[1]
        base = stationary(self.kernel, ard_num_dims=d)
        covariance, likelihood = ScaleKernel(base).double(), GaussianLikelihood().double()
        base.lengthscale, covariance.outputscale = at["length"], at["variance"]
        likelihood.noise = at["noise"].clamp_min(1e-4)
        with quiet():
            model = StructuredModel(
                self.points,
                self.values,
                likelihood=likelihood,
                covar_module=covariance,
                mean_module=mean,
                input_transform=Normalize(d=d, bounds=self.limits),
                outcome_transform=Standardize(m=1),
            )
        return model.eval()


def check_draws(n_restarts: int, samples: int, warmup: int, thinning: int) -> None:
    """Refuse counts below one; no warmup is a warmup of none."""
    if min(n_restarts, samples, thinning) < 1 or warmup < 0:
        got = f"n_restarts={n_restarts}, samples={samples}, warmup={warmup}, thinning={thinning}"
        raise InputError("counts of at least 1", got, "samples=16, warmup=128, thinning=8")
