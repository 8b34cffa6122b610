"""When a campaign ends: a rule looks at the evaluations and the next proposal and returns a reason, or None."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from latscape.campaign.acquire import Acquisition, NoisyLogEI, expected_improvement, log_expected_improvement
from latscape.campaign.acquire import resolve_acquisition as named
from latscape.errors import InputError


@dataclass(frozen=True)
class Progress:
    """What rules may look at.

    Attributes
    ----------
    acquisition
        Value of the next proposal. A campaign acquires on standardized values, so an improvement is in standard
        deviations of the values known.
    measured
        Share of the candidates that were asked for.
    changes
        How much the prediction over all candidates changed with each step, the last one last: root mean square, in
        standard deviations of the values known. Only where maps are kept.
    """

    evaluations: int
    acquisition: float | None = None
    measured: float | None = None
    changes: Sequence[float] = ()


Rule = Callable[[Progress], str | None]


def first_reason(rules: Sequence[Rule], progress: Progress) -> str | None:
    """The reason of the first rule that has one."""
    return next((reason for rule in rules if (reason := rule(progress)) is not None), None)


def budget(limit: int) -> Rule:
    """End after `limit` evaluations, initial points included."""
    if limit < 1:
        raise InputError("a budget of at least one evaluation", limit, "budget=140")
    return lambda progress: f"budget of {limit} evaluations spent" if progress.evaluations >= limit else None


def area(share: float) -> Rule:
    """End when this share of the candidates was asked for.

    Examples
    --------
    >>> area(0.05)(Progress(evaluations=180, measured=0.05))
    '5 % of the area measured'
    """
    if not 0 < share <= 1:
        raise InputError("a share of the area in (0, 1]", share, "area(0.05)")

    def rule(progress: Progress) -> str | None:
        done = progress.measured is not None and progress.measured >= share * (1 - 1e-9)
        return f"{100 * share:g} % of the area measured" if done else None

    return rule


def converged(tolerance: float, steps: int = 5) -> Rule:
    """End when the prediction over all candidates changed by less than `tolerance` in each of the last `steps` steps.

    The change is the root mean square over the candidates in standard deviations of the values known. It needs the
    maps of every step: `Campaign.run(..., maps=True)`.

    Examples
    --------
    >>> converged(0.05, steps=2)(Progress(evaluations=10, changes=(0.3, 0.04, 0.03)))
    'prediction converged: it changed by less than 0.05 standard deviations in each of 2 steps'
    """
    if not (math.isfinite(tolerance) and tolerance > 0) or steps < 1:
        raise InputError("a positive tolerance over at least one step", f"{tolerance}, {steps}", "converged(0.05, 5)")

    def rule(progress: Progress) -> str | None:
        last = progress.changes[-steps:]
        if len(last) < steps or max(last) >= tolerance:
            return None
        change = f"less than {tolerance:g} standard deviations in each of {steps} steps"
        return f"prediction converged: it changed by {change}"

    return rule


def negligible_improvement(tolerance: float, acquire: str | Acquisition) -> Rule:
    """End when the largest expected improvement is below `tolerance` standard deviations of the values seen.

    Raises
    ------
    InputError
        If the tolerance is not positive, or the acquisition is not of the expected-improvement family: the size of
        mean + k * std or of a probability says nothing of what is left to gain.

    Examples
    --------
    >>> negligible_improvement(0.01, "ei")(Progress(evaluations=3, acquisition=0.001))
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
