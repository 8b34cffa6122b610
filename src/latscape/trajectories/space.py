"""A search space of trajectories: families of curves in the latent space of a small VAE, its infeasible part cut away.

Steps 1 to 4 of the zBO algorithm (Biswas et al. 2023, arXiv:2207.00128, table 1).
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch.quasirandom import SobolEngine

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.likelihoods import Gaussian
from latscape.autoencoders.presets import vae
from latscape.autoencoders.train import OnEpoch
from latscape.curves import Schedule
from latscape.errors import InputError, NotFitted
from latscape.name_hints import with_option_hints
from latscape.random import numpy_generator
from latscape.trajectories.families import TrajectoryFamily

FloatArray = NDArray[np.float64]
Constraint = Callable[[FloatArray], NDArray[np.bool_]]

POOR_R2 = 0.7
#: Rounds of rejection sampling before giving in to the lattice.
ROUNDS = 20


@with_option_hints
@dataclass(eq=False, repr=False)
class TrajectorySpace:
    """Latent plane of trajectories, or latent space of more dimensions: a `Space` for `latscape.Campaign`.

    Parameters
    ----------
    families
        Each is called as `family(n, length, generator)`; see `latscape.trajectories.families`.
    length
        Numbers in a trajectory (epochs, time steps).
    feasible
        Constraint on decoded trajectories (n, length), True where allowed, of shape (n, length) or (n,). Default: all
        finite ones.
    draws
        Training trajectories per family.
    sigma, learning_rate, epochs, batch
        Of the trajectory VAE: a Gaussian likelihood with a linear output (a positive one would leave no infeasible
        region). The defaults are the paper's.
    latent
        Dimensions d of the latent space; 2, a plane, can be drawn.
    beta
        Weight of the divergence in the training of the VAE.
    grid
        Candidates form a grid x grid lattice over the plane; with another d they are as many scrambled Sobol points.
    margin
        How far the plane reaches beyond the embedded trajectories, as a share of their extent.

    Attributes
    ----------
    trajectories_ : ndarray, shape (families * draws, length)
    family_ : ndarray of int
        Which family each trajectory is of.
    embedding_ : ndarray, shape (families * draws, d)
    bounds_ : ndarray, shape (d, 2)
        Lower and upper corner of the space.
    scale_ : float
        The common scale trajectories are divided by before they meet the VAE.
    r2_ : dict
        Share of each family's variance that survives encoding and decoding.
    model_ : VAE

    Examples
    --------
    >>> import latscape as ls
    >>> families = {"cooldown": ls.cooldown_family(), "periodic": ls.periodic_family()}
    >>> quick = {"draws": 60, "epochs": 20, "learning_rate": 1e-2}
    >>> space = TrajectorySpace(families, length=20, feasible=lambda x: x > 0, **quick).fit(seed=0)
    >>> points = space.sample(3, np.random.default_rng(0))
    >>> space.decode(points).shape, bool((space.decode(points) > 0).all())
    ((3, 20), True)
    """

    families: Mapping[str, TrajectoryFamily] | Sequence[TrajectoryFamily]
    _: KW_ONLY
    length: int
    feasible: Constraint | None = None
    draws: int = 500
    sigma: float = 0.3
    learning_rate: float = 1e-4
    epochs: int = 1000
    batch: int = 100
    latent: int = 2
    beta: Schedule = 1.0
    grid: int = 64
    margin: float = 0.1

    @with_option_hints
    def fit(
        self,
        seed: int = 0,
        *,
        model: VAE | None = None,
        on_epoch: OnEpoch | None = None,
        checkpoint: str | Path | None = None,
    ) -> Self:
        """Draw trajectories, train the VAE (or take a fitted `model`), and map the feasible region.

        The training goes on from a `checkpoint` that is there, see `VAE.fit`.

        Warns about every family of which the plane keeps less than 70 % of the variance.
        """
        named = self._checked()
        if model is not None and model.latent != self.latent:
            hint = f"latscape.vae(latent={self.latent})"
            raise InputError(f"a model with {self.latent} latent numbers", model.latent, hint)
        self.trajectories_ = np.concatenate([self._drawn(name, family, seed) for name, family in named.items()])
        self.family_ = np.repeat(np.arange(len(named)), self.draws)
        self.scale_ = float(np.abs(self.trajectories_).max()) or 1.0
        scaled = self.trajectories_ / self.scale_
        every = max(1, self.epochs // 50)
        self.model_ = model or self._vae(seed).fit(scaled, on_epoch=on_epoch, checkpoint=checkpoint, every=every)
        self.__dict__.pop("_lattice", None)
        self.embedding_ = self.model_.transform(scaled).astype(float)
        self.bounds_ = _bounds(self.embedding_, self.margin)
        self.r2_ = {name: self._r2(self.family_ == index) for index, name in enumerate(named)}
        if not len(self.candidates()):
            expected, hint = "a latent plane with feasible points", "a weaker constraint, or families that obey it"
            raise InputError(expected, "none among the decoded candidates", hint)
        self._warn_if_poor()
        return self

    @property
    def dim(self) -> int:
        """Dimensions d of the latent space."""
        return self.latent

    def decode(self, x: ArrayLike) -> FloatArray:
        """Trajectories (n, length) at points (n, d), in the families' own unit."""
        return self._fitted.decode(points_of(x, self.dim))[:, 0].astype(float) * self.scale_

    def encode(self, trajectories: ArrayLike) -> FloatArray:
        """Points (n, d) of trajectories (n, length)."""
        return self._fitted.transform(np.asarray(trajectories, dtype=float) / self.scale_).astype(float)

    def contains(self, x: ArrayLike) -> NDArray[np.bool_]:
        """Whether points (n, d) lie in the space and decode to feasible trajectories, (n,)."""
        self._fitted  # noqa: B018  says so if it is not
        return within(points_of(x, self.dim), self.bounds_, lambda inside: self.allows(self.decode(inside)))

    def candidates(self) -> FloatArray:
        """The feasible points of the lattice, (m, d)."""
        points, allowed = self._lattice
        return points[allowed]

    def sample(self, n: int, generator: np.random.Generator) -> FloatArray:
        """Uniform random feasible points, (n, d)."""
        found, tried = np.empty((0, self.dim)), int(2 * n / self.feasible_share) + 8
        for _ in range(ROUNDS):
            trial = generator.uniform(*self.bounds_.T, size=(tried, self.dim))
            found = np.concatenate([found, trial[self.contains(trial)]])
            if len(found) >= n:
                return found[:n]
        return generator.choice(self.candidates(), size=n)  # a region too thin to hit: its lattice points will do

    @property
    def feasible_share(self) -> float:
        """Share of the space that is feasible."""
        return float(self._lattice[1].mean())

    @cached_property
    def _lattice(self) -> tuple[FloatArray, NDArray[np.bool_]]:
        self._fitted  # noqa: B018  says so if it is not
        if self.dim == 2:
            axes = [np.linspace(low, high, self.grid) for low, high in self.bounds_]
            points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
        else:
            unit = SobolEngine(self.dim, scramble=True, seed=0).draw(self.grid**2, dtype=torch.float64).numpy()
            low, high = self.bounds_.T
            points = low + (high - low) * unit
        return points, self.allows(self.decode(points))

    def allows(self, trajectories: FloatArray) -> NDArray[np.bool_]:
        """Whether trajectories (n, length) are finite and obey the constraint, (n,)."""
        allowed = np.all(np.isfinite(trajectories), axis=1)
        if self.feasible is None:
            return np.asarray(allowed)
        verdict = np.asarray(self.feasible(trajectories), dtype=bool)
        if verdict.shape not in (trajectories.shape, trajectories.shape[:1]):
            expected = f"a constraint returning shape {trajectories.shape} or {trajectories.shape[:1]}"
            raise InputError(expected, verdict.shape, "feasible=lambda x: x > 0")
        return np.logical_and(allowed, verdict.all(axis=1) if verdict.ndim == 2 else verdict)

    @property
    def _fitted(self) -> VAE:
        if not hasattr(self, "model_"):
            raise NotFitted("a fitted space", "one that was never fitted", "space.fit(seed=0) first")
        return self.model_

    def _checked(self) -> dict[str, TrajectoryFamily]:
        for name, least in (("length", 2), ("draws", 2), ("grid", 2), ("latent", 1)):
            if not isinstance(getattr(self, name), int | np.integer) or getattr(self, name) < least:
                raise InputError(f"{name} to be a whole number of at least {least}", getattr(self, name), f"{name}=64")
        families = self.families
        if not isinstance(families, Mapping):
            listed = list(families) if isinstance(families, Sequence) else []
            families = {f"family {index + 1}": family for index, family in enumerate(listed)}
        if not families or not all(map(callable, families.values())):
            got = repr(self.families)
            raise InputError("at least one family, each callable", got, "[latscape.cooldown_family()]")
        return dict(families)

    def _drawn(self, name: str, family: TrajectoryFamily, seed: int) -> FloatArray:
        expected = f"{name!r} to return finite values of shape {(self.draws, self.length)}"
        try:
            drawn = np.asarray(family(self.draws, self.length, numpy_generator(seed, "family", name)), dtype=float)
        except (TypeError, ValueError) as error:
            raise InputError(expected, f"an error: {error}", "a function (n, length, generator)") from error
        if drawn.shape != (self.draws, self.length) or not np.isfinite(drawn).all():
            raise InputError(expected, f"shape {drawn.shape}", "a function (n, length, generator)")
        return drawn

    def _vae(self, seed: int) -> VAE:
        likelihood = Gaussian(self.sigma)
        options = {"epochs": self.epochs, "batch": self.batch, "learning_rate": self.learning_rate}
        return vae(latent=self.latent, beta_c=self.beta, likelihood=likelihood, seed=seed, **options)  # type: ignore[arg-type]

    def _r2(self, members: NDArray[np.bool_]) -> float:
        truth, decoded = self.trajectories_[members], self.decode(self.embedding_[members])
        spread = ((truth - truth.mean(axis=0)) ** 2).sum()  # against the family's mean curve
        return float(1.0 - ((truth - decoded) ** 2).sum() / spread) if spread > 0 else 1.0

    def _warn_if_poor(self) -> None:
        for name, r2 in self.r2_.items():
            if r2 < POOR_R2:
                warnings.warn(
                    f"The latent space keeps {max(r2, 0):.0%} of the variance of {name!r}: its decoded trajectories "
                    "are smoother than its draws. More epochs or draws of the trajectory VAE may help.",
                    stacklevel=4,
                )


def points_of(x: ArrayLike, dim: int) -> FloatArray:
    """Points (n, dim), or one (dim,)."""
    points = np.atleast_2d(np.asarray(x, dtype=float))
    if points.ndim != 2 or points.shape[1] != dim:
        raise InputError(f"points (n, {dim})", f"shape {np.shape(x)}", "those of space.sample or candidates")
    return points


def within(points: FloatArray, bounds: FloatArray, allowed: Callable[[FloatArray], NDArray]) -> NDArray[np.bool_]:
    """Which points (n, d) lie within bounds (d, 2) and are allowed, (n,); only those within are asked about."""
    inside = np.all((points >= bounds[:, 0]) & (points <= bounds[:, 1]), axis=1)
    if inside.any():
        inside[inside] = allowed(points[inside])
    return inside


def _bounds(embedding: FloatArray, margin: float) -> FloatArray:
    low, high = embedding.min(axis=0), embedding.max(axis=0)
    room = margin * np.maximum(high - low, 1e-6)
    return np.stack([low - room, high + room], axis=1)
