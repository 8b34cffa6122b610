"""When a campaign ends: a rule looks at the evaluations and the next proposal and returns a reason, or None."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from latscape.campaign.acquire import Acquisition, NoisyLogEI, expected_improvement, log_expected_improvement
from latscape.campaign.acquire import acquisition as named
from latscape.errors import InputError


@dataclass(frozen=True)
class Progress:
    """What rules may look at: evaluations so far and the acquisition value of the next proposal.

    A campaign acquires on standardized values, so an improvement is in standard deviations of the values known.
    """

    evaluations: int
    acquisition: float | None = None


Rule = Callable[[Progress], str | None]


def first_reason(rules: Sequence[Rule], progress: Progress) -> str | None:
    """The reason of the first rule that has one."""
    return next((reason for rule in rules if (reason := rule(progress)) is not None), None)


def budget(limit: int) -> Rule:
    """End after `limit` evaluations, starts included.

    Examples
    --------
    >>> budget(140)(Progress(evaluations=140))
    'budget of 140 evaluations spent'
    """
    if limit < 1:
        raise InputError("a budget of at least one evaluation", limit, "budget=140")
    return lambda progress: f"budget of {limit} evaluations spent" if progress.evaluations >= limit else None


def negligible_improvement(tolerance: float, acquire: str | Acquisition) -> Rule:
    """End when the largest expected improvement is below `tolerance` standard deviations of the values seen.

    Raises
    ------
    InputError
        If the tolerance is not positive, or the acquisition is not of the expected-improvement family: the size of
        mean + k * std or of a probability says nothing of what is left to gain.

    Examples
    --------
    >>> rule = negligible_improvement(0.01, "ei")
    >>> rule(Progress(evaluations=3, acquisition=0.5)) is None
    True
    >>> rule(Progress(evaluations=3, acquisition=0.001))
    'expected improvement 0.001 below 0.01 standard deviations of the values'
    """
    if not (math.isfinite(tolerance) and tolerance > 0):
        raise InputError("a positive tolerance", tolerance, "tolerance=0.01, or None for the whole budget")
    builder = named(acquire)
    logarithmic = builder is log_expected_improvement or isinstance(builder, NoisyLogEI)
    if not logarithmic and builder is not expected_improvement:
        raise InputError("expected improvement where a tolerance is set", repr(acquire), 'acquire="ei", "log_ei"')

    def rule(progress: Progress) -> str | None:
        if progress.acquisition is None:
            return None
        improvement = math.exp(progress.acquisition) if logarithmic else progress.acquisition
        if improvement < tolerance:
            return f"expected improvement {improvement:.3g} below {tolerance:g} standard deviations of the values"
        return None

    return rule
