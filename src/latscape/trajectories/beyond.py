"""A latent space and what it leaves out: coordinates for the directions in which decoded curves miss their draws."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError
from latscape.trajectories.space import FloatArray, TrajectorySpace, points_of, within

#: Standard deviations of a residual within reach, to either side.
REACH = 2.0


class BeyondSpace:
    """A trajectory space with residual coordinates r: a trajectory is decode(z) + sum_k r_k u_k.

    The u_k are the principal directions of the residuals, trajectory minus its reconstruction, of the training curves;
    r_k is counted in their standard deviations, from -2 to 2. What a plane of two latents cannot say is not lost to a
    search then: its candidates lie in the plane (r = 0), and `latscape.campaign.trust_region` leaves it from there.

    The space is fitted; `most` of its training curves are those that the `directions` are taken from.

    Examples
    --------
    >>> from latscape.trajectories import damped_sine_family
    >>> plane = TrajectorySpace([damped_sine_family()], length=40, draws=100, epochs=30, learning_rate=1e-2).fit()
    >>> beyond = BeyondSpace(plane, directions=2)
    >>> beyond.dim, beyond.candidates().shape[1], beyond.decode(beyond.candidates()[:3]).shape
    (4, 4, (3, 40))
    """

    def __init__(self, space: TrajectorySpace, directions: int = 2, most: int = 2000) -> None:
        curves = space.trajectories_[:most]
        residuals = curves - space.decode(space.embedding_[:most])
        if not 1 <= directions < min(residuals.shape):
            raise InputError(f"1 to {min(residuals.shape) - 1} directions", directions, "directions=2")
        self.space, self.directions = space, directions
        _, sizes, axes = np.linalg.svd(residuals - residuals.mean(axis=0), full_matrices=False)
        #: Residual trajectories of one standard deviation, (directions, length).
        self.units_: FloatArray = axes[:directions] * sizes[:directions, None] / np.sqrt(len(residuals))

    @property
    def dim(self) -> int:
        """Latent dimensions and directions."""
        return self.space.dim + self.directions

    @property
    def bounds_(self) -> FloatArray:
        """Low and high end of every coordinate, (dim, 2)."""
        return np.concatenate([self.space.bounds_, np.tile([-REACH, REACH], (self.directions, 1))])

    def decode(self, x: ArrayLike) -> FloatArray:
        """Trajectories (n, length) at points (n, dim)."""
        points = points_of(x, self.dim)
        return self.space.decode(points[:, : self.space.dim]) + points[:, self.space.dim :] @ self.units_

    def contains(self, x: ArrayLike) -> NDArray[np.bool_]:
        """Whether points (n, dim) lie within the bounds and decode to feasible trajectories, (n,)."""
        return within(points_of(x, self.dim), self.bounds_, lambda inside: self.space.allows(self.decode(inside)))

    def candidates(self) -> FloatArray:
        """Those of the space, with r = 0, (m, dim)."""
        return self._flat(self.space.candidates())

    def sample(self, n: int, generator: np.random.Generator) -> FloatArray:
        """Uniform random feasible points of the space, with r = 0, (n, dim)."""
        return self._flat(self.space.sample(n, generator))

    def _flat(self, points: FloatArray) -> FloatArray:
        return np.concatenate([points, np.zeros((len(points), self.directions))], axis=1)
