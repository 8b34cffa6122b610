"""The exact Gaussian process of Biswas et al. 2023, arXiv:2207.00128, eqs 4-10, built from BoTorch's parts."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Self, cast

import torch
from botorch.exceptions.errors import ModelFittingError
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.models.transforms import Normalize, Standardize
from botorch.models.utils.gpytorch_modules import MIN_INFERRED_NOISE_LEVEL, get_gaussian_likelihood_with_gamma_prior
from botorch.optim.fit import fit_gpytorch_mll_torch
from gpytorch.likelihoods import FixedNoiseGaussianLikelihood, GaussianLikelihood
from gpytorch.mlls import ExactMarginalLogLikelihood
from gpytorch.priors import Prior
from torch import Tensor

from latscape.errors import InputError
from latscape.gp.kernels import above, check_kernel, covariance_of
from latscape.gp.means import Polynomial
from latscape.gp.surrogate import Data, Predictive, as_points, checked, private_torch_rng, quiet

OPTIMIZERS = ("lbfgs", "adam")
NOISES = ("small", "broad", "none")
#: Variance of the noise of values that have none, as a share of theirs: what keeps the covariance invertible.
NOISELESS = 1e-6


class ExactModel(Predictive, SingleTaskGP):
    """BoTorch's exact GP with `predict`; points believed without a known noise get the mean of those that are known.

    Attributes
    ----------
    fitted_to : int
        Number of values the hyperparameters were fitted to.
    """

    fitted_to: int = 0

    def condition_on_observations(self, X: Tensor, Y: Tensor, noise: Tensor | None = None, **kwargs: Any) -> Self:
        """The same hyperparameters with the new points `X (n, d)`, `Y (n, 1)`."""
        if noise is None and isinstance(self.likelihood, FixedNoiseGaussianLikelihood):
            noise = self.likelihood.noise.mean().expand_as(Y)
        return cast(Self, super().condition_on_observations(X, Y, noise=noise, **kwargs))


@dataclass(frozen=True)
class ExactGP:
    """Exact GP in float64 with one length scale per dimension.

    Inputs are scaled to the unit cube and values to zero mean and unit variance; predictions come back in the units of
    the data. Noise is inferred if `fit` is not told it, because two trainings at one point differ; its variance is then
    at least 1e-4 of the variance of the values. A simulator that always gives the same value is another matter
    (`noise="none"`).

    Parameters
    ----------
    kernel
        "rbf" (eq. 7, the default) or "matern" (smoothness 5/2).
    priors
        True (default): BoTorch's dimension-scaled priors on length scales (Hvarfner et al. 2024, arXiv:2402.02229),
        with the variance held at that of the data, and one on the noise. False: plain maximum marginal likelihood of
        variance, length scales and noise, as in the paper.
    noise
        With priors: "small" (default, BoTorch's log-normal) or "broad" (Gamma(1.1, 0.05)), for experiments and
        trainings in which a repetition may differ as much as another point. "none": a variance of 1e-6 of that of the
        values, with or without priors; what was evaluated is then known, and an acquisition does not ask for it again.
    length_prior, noise_prior
        Priors of gpytorch on every length scale (in the unit cube) and on the variance of the noise (of standardized
        values), instead of those that `priors` and `noise` name.
    groups
        Sets of inputs by number, such as `((0, 1, 2), (3, 4))`: the covariance is the sum of a kernel over each, so
        that what lies at a place and where it is each explain a part of the values (Duvenaud et al. 2011,
        arXiv:1112.4394). Default: one kernel over all inputs.
    degree
        Of the polynomial mean, eq. 4: 0 (default) is a constant, 1 the paper's universal kriging.
    optimizer
        "lbfgs" (default) runs to convergence; "adam" takes `steps` steps of `learning_rate`, as in the paper.
    learning_rate, steps
        For "adam" only. 1e-4 is the paper's rate; the number of steps is not given there, 1000 is ours.

    Raises
    ------
    InputError
        For an unknown kernel, noise or optimizer, or a rate or number of steps that is not positive; for a prior that
        is none of gpytorch's; at `fit` for groups of inputs that are not there.

    Examples
    --------
    >>> model = ExactGP().fit([[0.0], [0.5], [1.0]], [0.0, 1.0, 0.0])
    >>> posterior = model.posterior(model.train_inputs[0])
    >>> tuple(posterior.mean.shape)
    (3, 1)
    """

    kernel: str = "rbf"
    priors: bool = True
    noise: str = "small"
    length_prior: Prior | None = None
    noise_prior: Prior | None = None
    groups: tuple[tuple[int, ...], ...] | None = None
    degree: int = 0
    optimizer: str = "lbfgs"
    learning_rate: float = 1e-4
    steps: int = 1000

    def __post_init__(self) -> None:
        check_kernel(self.kernel)
        if self.noise not in NOISES:
            raise InputError(f"noise among {', '.join(NOISES)}", repr(self.noise), 'ExactGP(noise="broad")')
        if self.optimizer not in OPTIMIZERS:
            raise InputError(f"an optimizer among {', '.join(OPTIMIZERS)}", repr(self.optimizer), 'optimizer="lbfgs"')
        if not self.learning_rate > 0 or self.steps < 1:
            got = f"learning_rate={self.learning_rate}, steps={self.steps}"
            raise InputError("a positive learning rate and number of steps", got, "learning_rate=0.01, steps=1000")
        if not 0 <= self.degree <= 3:
            raise InputError("a degree of the mean from 0 to 3", self.degree, "degree=1")
        for name, prior in (("length_prior", self.length_prior), ("noise_prior", self.noise_prior)):
            if not (prior is None or isinstance(prior, Prior)):
                raise InputError("a prior of gpytorch", repr(prior), f"{name}=gpytorch.priors.LogNormalPrior(-1, 1)")

    def fit(self, X: Data, Y: Data, bounds: Data | None = None, noise: Data | None = None) -> ExactModel:
        """Fit the hyperparameters to `n >= 1` observations and return the model, ready for `.posterior`.

        The result is a function of the arguments alone; torch's global generator is left as it was.

        Parameters
        ----------
        X, Y
            Points, (n, d), replicates are welcome, and values, (n,) or (n, 1); larger is better.
        bounds
            Range of each input, (d, 2); default the range of `X`.
        noise
            Known standard deviation of each value, (n,) or one for all, in the units of the values; default: inferred.
        """
        build = self._recipe(X, Y, bounds, noise)
        with private_torch_rng(), quiet():
            model = build()
            mll = ExactMarginalLogLikelihood(model.likelihood, model)
            try:
                _maximize(mll, self)
            except ModelFittingError:
                model = build()  # a campaign must go on: keep the starting hyperparameters, the modes of the priors
        model.fitted_to = len(model.train_targets)
        return model.eval()

    def like(
        self, model: ExactModel, X: Data, Y: Data, bounds: Data | None = None, noise: Data | None = None
    ) -> ExactModel:
        """A model of other data with the hyperparameters of one that was fitted: one Cholesky factor, no search.

        They are those of inputs in the unit cube and of standardized values: data of another range move them along.
        """
        with quiet():
            found = self._recipe(X, Y, bounds, noise)()
        for name in ("covar_module", "mean_module", "likelihood"):
            getattr(found, name).load_state_dict(getattr(model, name).state_dict())
        found.fitted_to = model.fitted_to
        return found.eval()

    def _recipe(self, X: Data, Y: Data, bounds: Data | None, noise: Data | None) -> Callable[[], ExactModel]:
        points, values = checked(X, Y)
        known, limits, d = _known(noise, values, self), unit_limits(points, bounds), points.shape[-1]
        return lambda: ExactModel(
            points,  # (n, d)
            values,  # (n, 1)
            train_Yvar=None if known is None else known**2,
            likelihood=_likelihood(self) if known is None else None,
            covar_module=covariance_of(d, self.groups, self.kernel, self.priors, self.length_prior),
            mean_module=Polynomial(d, self.degree, self.priors) if self.degree else None,
            input_transform=Normalize(d=d, bounds=limits),
            outcome_transform=Standardize(m=1),
        )


def _known(noise: Data | None, values: Tensor, options: ExactGP) -> Tensor | None:
    """Standard deviations (n, 1); None where the noise is to be inferred."""
    if noise is None:
        least = NOISELESS * values.var(correction=0).clamp_min(1e-12)
        return least.sqrt().expand_as(values) if options.noise == "none" else None
    told = as_points(noise)
    deviation = told.reshape(-1, 1).expand_as(values) if told.numel() in (1, len(values)) else told
    if deviation.shape != values.shape or not bool(((deviation > 0) & deviation.isfinite()).all()):
        raise InputError(f"one positive noise, or {len(values)}", f"shape {tuple(told.shape)}", "fit(X, Y, noise=0.1)")
    return deviation


def _maximize(mll: ExactMarginalLogLikelihood, options: ExactGP) -> None:
    """MLE (or MAP, with priors) of sigma, theta and the noise: the text under eq. 7 and step 7a of Table 1."""
    if options.optimizer == "lbfgs":
        fit_gpytorch_mll(mll)
        return
    adam = {"optimizer": partial(torch.optim.Adam, lr=options.learning_rate), "step_limit": options.steps}
    adam["stopping_criterion"] = None
    fit_gpytorch_mll(mll, optimizer=fit_gpytorch_mll_torch, optimizer_kwargs=adam)


def _likelihood(options: ExactGP) -> GaussianLikelihood | None:
    """None is BoTorch's own: log-normal, median near 2 % of the variance; it takes strong noise for signal."""
    if options.priors and options.noise_prior is None:
        return get_gaussian_likelihood_with_gamma_prior() if options.noise == "broad" else None
    likelihood = GaussianLikelihood(noise_constraint=above(MIN_INFERRED_NOISE_LEVEL, 1e-2))
    if options.noise_prior is not None:
        likelihood.noise_covar.register_prior("noise_prior", options.noise_prior, "noise")
    return likelihood


def unit_limits(points: Tensor, bounds: Data | None) -> Tensor:
    """Lower and upper limits (2, d); an empty range (one point, a constant input) is widened to a unit."""
    low, high = points.amin(0), points.amax(0)
    if bounds is not None:
        given = as_points(bounds)
        if given.shape != (len(low), 2):
            expected = f"bounds of shape ({len(low)}, 2), low and high per dimension"
            raise InputError(expected, f"shape {tuple(given.shape)}", "bounds=[[0, 1]] * d")
        low, high = given.T
    empty = high <= low
    return torch.stack([torch.where(empty, low - 0.5, low), torch.where(empty, high + 0.5, high)])
