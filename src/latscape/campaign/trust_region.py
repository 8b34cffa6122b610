"""Close to the best: a second opinion on where to look, in a box that grows with success and shrinks without.

A campaign looks for its next point among the candidates of its space, with one model of all that is known. Where the
values span decades of what still matters, that model cannot tell the good from the best, and the lattice of candidates
may be too coarse to hold it. `TrustRegion` asks a model of the best point's neighbours alone, off the lattice, as
trust-region methods do (Eriksson et al. 2019, arXiv:1910.01739); its answers are told to the campaign like any others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.campaign.choice import optimize_acquisition
from latscape.campaign.evaluate import Evaluator
from latscape.campaign.evaluation import Evaluation
from latscape.campaign.learner import any_value, told
from latscape.campaign.loop import Campaign
from latscape.campaign.space import Points
from latscape.checks import check_bounds
from latscape.errors import InputError
from latscape.random import numpy_generator


@dataclass(frozen=True, eq=False)
class TrustRegion:
    """The next point close to the best of a campaign, a pure function of its record and seed.

    Parameters
    ----------
    campaign : Campaign
        Its surrogate models the neighbours, its record knows them; what was told without being asked for is taken for
        an answer of this class.
    bounds : (d, 2)
        Of the space.
    side
        Of the box at first, as a share of the extent; doubled (up to `most`) by a point better than all before, else
        multiplied by `shrink` (down to `least`).
    keep
        How many of the nearest points the model is fitted to.
    draws
        Random points of the box to choose from; each moves a random 60 % of the coordinates, if there are more than 2.

    Raises
    ------
    InputError
        For bounds that are none; in `ask` while no value is known.
    """

    campaign: Campaign
    bounds: ArrayLike
    side: float = 0.4
    shrink: float = 0.7
    least: float = 0.02
    most: float = 0.8
    keep: int = 30
    draws: int = 600
    acquire: str = "log_ei"

    def __post_init__(self) -> None:
        object.__setattr__(self, "bounds", check_bounds(self.bounds, self.campaign.space.dim))

    def ask(self) -> Points:
        """One point, (d,)."""
        rows = self.campaign.record.evaluations(curves=False)
        if not any_value(rows):
            raise InputError("a campaign with a value", "none", "some initial points first")
        low, high = np.asarray(self.bounds).T
        points, y = told(rows)
        x = (points - low) / (high - low)
        best = x[y.argmax()]
        near = np.argsort(np.abs(x - best).max(axis=1), kind="stable")[: self.keep]
        scale = float(y[near].std()) or 1.0
        limits = np.tile([0.0, 1.0], (len(low), 1))
        model = self.campaign.surrogate.fit(x[near], (y[near] - y[near].mean()) / scale, bounds=limits)
        trial = self._box(best, sides(rows, self)[-1], numpy_generator(self.campaign.seed, "nearby", len(rows)))
        moved = low + (high - low) * trial
        inside = np.asarray(self.campaign.space.contains(moved), dtype=bool)
        if not inside.any():
            return low + (high - low) * best
        choice = optimize_acquisition(model, trial[inside], x[near], self.acquire)
        return moved[inside][choice.indices[0]]

    def _box(self, best: Points, side: float, generator: np.random.Generator) -> NDArray[np.float64]:
        shape = (self.draws, len(best))
        moved = np.clip(best + side * (generator.uniform(size=shape) - 0.5), 0.0, 1.0)
        return moved if len(best) <= 2 else np.where(generator.uniform(size=shape) < 0.6, moved, best)


def sides(rows: Sequence[Evaluation], nearby: TrustRegion) -> list[float]:
    """Side of the box before each answer told so far, and of the next one: a replay of the record."""
    found, top = [nearby.side], -np.inf
    for one in rows:
        value = -np.inf if one.value is None else one.value
        if one.role == "told":
            grown = min(2 * found[-1], nearby.most) if value > top else max(nearby.shrink * found[-1], nearby.least)
            found.append(grown)
        top = max(top, value)
    return found


def run_alternating(
    campaign: Campaign, bounds: ArrayLike, evaluate: Evaluator, n_initial: int = 10, budget: int = 60
) -> Campaign:
    """Initial points, then in turn the campaign's own choice and that of `TrustRegion`, until there are `budget` rows.

    The campaign is given back; one that was begun is gone on with, and what it had asked for comes first. Best with a
    surrogate that knows its values are exact, `ExactGP(noise="none")`, if they are. `evaluate`, `n_initial`, `budget`
    are those of `Campaign.run`; bounds (d, 2) those of the space.

    Examples
    --------
    >>> from latscape.campaign import Box
    >>> from latscape.gp import ExactGP
    >>> campaign = Campaign(Box([(0, 1), (0, 1)], grid=64), ExactGP(noise="none"), acquire="log_ei")
    >>> aim = np.array([0.31, 0.72])  # between the points of an 8 x 8 lattice
    >>> found = run_alternating(campaign, [[0, 1], [0, 1]], lambda x: -((x - aim) ** 2).sum(), n_initial=4, budget=16)
    >>> bool(np.abs(found.result().best.point - aim).max() < 0.02)
    True
    """
    nearby = TrustRegion(campaign, bounds)
    campaign.evaluate(evaluate)
    while (count := len(rows := campaign.record.evaluations(curves=False))) < budget:
        after = count - n_initial
        close = after >= 0 and after % 2 and any_value(rows)
        points = [] if close else campaign.ask(1, n_initial=n_initial)
        campaign.evaluate(evaluate, points if len(points) else nearby.ask())  # there may be no candidate left
    return campaign
