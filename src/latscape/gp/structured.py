"""A GP around a mean function from physics (Ziatdinov et al. 2021, arXiv:2108.10280), and a fully Bayesian one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from botorch.models.transforms import Normalize, Standardize
from gpytorch.kernels import MaternKernel, RBFKernel, ScaleKernel
from gpytorch.likelihoods import GaussianLikelihood
from gpytorch.means import Mean, ZeroMean
from numpy.typing import ArrayLike
from torch import Tensor
from torch.distributions import Distribution

from latscape.errors import InputError
from latscape.gp.exact import KERNELS, ExactGP, quiet, unit_limits
from latscape.gp.joint import Joint, Values, hyperpriors
from latscape.gp.means import Function, Physical, call
from latscape.gp.mixture import Mixture
from latscape.gp.surrogate import as_points, checked
from latscape.random import derive_seed

RESERVED = ("length", "noise", "variance")


class StructuredGP(ExactGP):
    """An exact GP whose mean function has parameters.

    Attributes
    ----------
    parameters_
        Their values, by name.
    """

    parameters_: Values


class StructuredMixture(Mixture):
    """Draws from the posterior over the parameters and hyperparameters, as equal parts of one model."""

    @property
    def parameters_(self) -> Values:
        """Draws of every parameter, (samples, ...)."""
        each = [model.parameters_ for model in self.models]  # pyright: ignore[reportAttributeAccessIssue]
        return {name: torch.stack([values[name] for values in each]) for name in each[0]}


@dataclass(frozen=True)
class Structured:
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
        False (default): the most probable values (MAP), best of `starts` climbs by L-BFGS. True: `samples` draws by
        NUTS, begun at that maximum, whose predictions are one mixture. Needs the extra `bayes`.
    starts
        How many climbs, from the best of many draws of the priors: mean functions have many local maxima.
    samples, warmup, thinning
        Draws kept, draws before the first, and one in how many is kept.
    seed
        Of starts and draws.

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
    >>> options = Structured(decay, {"a": Normal(0.0, 5.0), "rate": LogNormal(0.0, 1.0)})
    >>> model = options.fit(x, 3.0 * torch.exp(-1.5 * x[:, 0]))
    >>> print(f"{float(model.parameters_['rate']):.1f}")
    1.5
    """

    mean: Function
    priors: Mapping[str, Distribution] = field(default_factory=dict)
    kernel: str = "rbf"
    sampled: bool = False
    starts: int = 4
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
        check_draws(self.starts, self.samples, self.warmup, self.thinning)

    def fit(
        self, X: ArrayLike | Tensor, Y: ArrayLike | Tensor, bounds: ArrayLike | Tensor | None = None
    ) -> StructuredGP | StructuredMixture:
        """Fit parameters and hyperparameters to `Y (n,)` at `X (n, d)`; `bounds (d, 2)` scales the kernel's inputs."""
        points, values = checked(X, Y)
        limits = unit_limits(points, None if bounds is None else as_points(bounds))
        center, scale = moments(values[:, 0])
        unit = (points - limits[0]) / (limits[1] - limits[0])

        def mean(at: Values) -> Tensor:
            return (call(self.mean, points, {name: at[name] for name in self.priors}) - center) / scale

        priors = {**hyperpriors(points.shape[1], variance=-1.0), **self.priors}
        joint = Joint(unit, (values[:, 0] - center) / scale, self.kernel, mean, priors)
        climbs = [joint.maximize(start) for start in joint.starts(self.starts, derive_seed(self.seed, "starts"))]
        best = max(climbs, key=lambda climb: climb[1])[0]

        def build(at: Values) -> StructuredGP:
            chosen = {name: at[name] for name in self.priors}
            physical = Physical(self.mean, chosen, limits, center, scale)
            model = gp_at(points, values, limits, self.kernel, physical, at)
            model.parameters_ = chosen
            return model

        if not self.sampled:
            return build(best)
        drawn = joint.draw(best, self.samples, self.warmup, self.thinning, derive_seed(self.seed, "draws"))
        return StructuredMixture([build(at) for at in drawn])


@dataclass(frozen=True)
class Bayesian:
    """Fully Bayesian GP: length scales, variance and noise are not chosen but drawn from their posterior.

    With few points many length scales explain the data; predictions of all of them together know that. The mixture of
    the draws is one model. Needs the extra `bayes`.

    Parameters
    ----------
    kernel
        "matern" (default, smoothness 5/2) or "rbf".
    samples, warmup, thinning
        Draws kept, draws before the first, and one in how many is kept.
    seed
        Of the draws.

    Examples
    --------
    >>> model = Bayesian(samples=2, warmup=4, thinning=1).fit([[0.0], [0.5], [1.0]], [0.0, 1.0, 0.0])
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

    def fit(self, X: ArrayLike | Tensor, Y: ArrayLike | Tensor, bounds: ArrayLike | Tensor | None = None) -> Mixture:
        """Draw hyperparameters given `Y (n,)` at `X (n, d)`; `bounds (d, 2)` is the range `X` is scaled by."""
        points, values = checked(X, Y)
        limits = unit_limits(points, None if bounds is None else as_points(bounds))
        center, scale = moments(values[:, 0])
        unit = (points - limits[0]) / (limits[1] - limits[0])
        priors = hyperpriors(points.shape[1])
        joint = Joint(
            unit, (values[:, 0] - center) / scale, self.kernel, lambda _: torch.zeros_like(unit[:, 0]), priors
        )
        modes = {name: prior.mode.double() for name, prior in priors.items()}
        best = joint.maximize(modes)[0]
        drawn = joint.draw(best, self.samples, self.warmup, self.thinning, derive_seed(self.seed, "draws"))
        return Mixture([gp_at(points, values, limits, self.kernel, ZeroMean(), at) for at in drawn])


def gp_at(points: Tensor, values: Tensor, limits: Tensor, kernel: str, mean: Mean, at: Values) -> StructuredGP:
    """The GP of these data (n, d), (n, 1) at these hyperparameters."""
    d = points.shape[1]
    base = RBFKernel(ard_num_dims=d) if kernel == "rbf" else MaternKernel(nu=2.5, ard_num_dims=d)
    covariance, likelihood = ScaleKernel(base).double(), GaussianLikelihood().double()
    base.lengthscale, covariance.outputscale = at["length"], at["variance"]
    likelihood.noise = at["noise"].clamp_min(1e-4)
    with quiet():
        model = StructuredGP(
            points,
            values,
            likelihood=likelihood,
            covar_module=covariance,
            mean_module=mean,
            input_transform=Normalize(d=d, bounds=limits),
            outcome_transform=Standardize(m=1),
        )
    return model.eval()


def moments(values: Tensor) -> tuple[Tensor, Tensor]:
    """What BoTorch's Standardize takes off (n,) and divides by; 1 where values are all the same."""
    scale = values.std() if len(values) > 1 else torch.ones((), dtype=values.dtype)
    return values.mean(), torch.where(scale >= 1e-8, scale, 1.0)


def check_kernel(kernel: str) -> None:
    """Refuse a kernel nobody knows."""
    if kernel not in KERNELS:
        raise InputError(f"a kernel among {', '.join(KERNELS)}", repr(kernel), 'kernel="rbf"')


def check_draws(starts: int, samples: int, warmup: int, thinning: int) -> None:
    """Refuse counts below one; no warmup is a warmup of none."""
    if min(starts, samples, thinning) < 1 or warmup < 0:
        got = f"starts={starts}, samples={samples}, warmup={warmup}, thinning={thinning}"
        raise InputError("counts of at least 1", got, "samples=16, warmup=128, thinning=8")
