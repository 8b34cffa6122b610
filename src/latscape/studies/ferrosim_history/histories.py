"""What a field history is worth: hold its last field, follow it with FerroSIM, and look at the last state."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.campaign.evaluate import Outcome
from latscape.errors import InputError
from latscape.physics.ferrosim import FerroSIM, Run, curl_sum, magnitude, normalized_curl_sum, random_field

FloatArray = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Histories:
    """The sum of |curl| at the end of a history: an evaluator for `Campaign`, and for many histories at once.

    Parameters
    ----------
    simulator : FerroSIM
    hold : int
        Steps at the last field, after the history: its equilibration.
    scale : float
        Field units in one unit of a history.
    components : int
        1: a history is Ey (length,). 2: it is Ex and Ey, joined end to end (2 * length,).

    Examples
    --------
    >>> target = Histories(FerroSIM(6, field=random_field(6)))
    >>> target.values(np.zeros((2, 30))).shape, target(np.zeros(30)).value > 0
    ((2,), True)
    """

    simulator: FerroSIM = field(default_factory=lambda: FerroSIM(20, field=random_field(20, 0.3, seed=0)))
    hold: int = 50
    scale: float = 1.0
    components: int = 1

    def __post_init__(self) -> None:
        if self.hold < 0 or self.components not in (1, 2) or not np.isfinite(self.scale):
            got = f"hold={self.hold}, components={self.components}, scale={self.scale}"
            raise InputError("hold of at least 0, components 1 or 2, a finite scale", got, "Histories(simulator)")

    def fields(self, trajectories: ArrayLike) -> FloatArray:
        """Applied fields (n, steps, 2) of trajectories (n, length) in their own unit."""
        rows = self.scale * np.atleast_2d(np.asarray(trajectories, dtype=float))
        if self.components == 1:
            history = np.stack([np.zeros_like(rows), rows], axis=-1)
        else:
            history = rows.reshape(len(rows), 2, -1).swapaxes(1, 2)
        return np.concatenate([history, np.repeat(history[:, -1:], self.hold, axis=1)], axis=1)

    def run(self, trajectories: ArrayLike, keep: int | ArrayLike | None = None, threads: int = 1) -> Run:
        """What becomes of them; see `FerroSIM.run`."""
        return self.simulator.run(self.fields(trajectories), keep=keep, threads=threads)

    def values(self, trajectories: ArrayLike, chunk: int = 1000) -> FloatArray:
        """The target of trajectories (n, length), (n,)."""
        rows = np.atleast_2d(np.asarray(trajectories, dtype=float))
        parts = [self.run(rows[k : k + chunk]).expect_finite() for k in range(0, len(rows), chunk)]
        return np.concatenate([self.target(part.final) for part in parts]).astype(float)

    def target(self, states: FloatArray) -> FloatArray:
        """Sum of |curl| of states (..., 2, rows, columns)."""
        return curl_sum(states, self.simulator.edges == "periodic")

    def __call__(self, trajectory: ArrayLike) -> Outcome:
        """One evaluation of a campaign; a history that diverges raises, and so fails with its reason."""
        run = self.run(trajectory).expect_finite()
        periodic = self.simulator.edges == "periodic"
        metrics = {
            "normalized_curl": float(normalized_curl_sum(run.final, periodic)[0]),
            "magnitude": float(magnitude(run.final)[0]),
            "mean_py": float(run.mean[0, -1, 1]),
            "last_field": float(run.field[0, -1, 1]),
        }
        return Outcome(float(self.target(run.final)[0]), metrics)


def default_histories(
    size: int = 20, sigma: float = 0.3, disorder_seed: int = 0, start: str = "zero", scale: float = 1.0, hold: int = 50
) -> Histories:
    """The studies' sample: tetragonal with the reference parameters, open edges, a Gaussian random field."""
    return Histories(FerroSIM(size, field=random_field(size, sigma, disorder_seed), start=start), hold, scale)


def with_components(histories: Histories, components: int) -> Histories:
    """The same for one or two components of the field."""
    return replace(histories, components=components)
