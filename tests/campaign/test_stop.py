import math

import pytest

from latscape.campaign import UCB
from latscape.campaign.stop import Progress, budget, first_reason, negligible_improvement
from latscape.errors import InputError


def test_budget_counts_all_evaluations():
    assert budget(5)(Progress(4)) is None
    assert budget(5)(Progress(5)) == "budget of 5 evaluations spent"


@pytest.mark.parametrize(("name", "value"), [("ei", 0.009), ("log_ei", math.log(0.009)), ("noisy_log_ei", -9.0)])
def test_a_negligible_improvement_ends_a_campaign(name, value):
    rule = negligible_improvement(0.01, name)
    assert "expected improvement" in rule(Progress(5, value))
    assert rule(Progress(5, value + 5)) is None
    assert rule(Progress(5)) is None


@pytest.mark.parametrize("acquire", ["ucb", "pi", UCB(), lambda model, observed: None])
def test_a_tolerance_needs_expected_improvement(acquire):
    with pytest.raises(InputError, match="expected improvement"):
        negligible_improvement(0.01, acquire)


@pytest.mark.parametrize("tolerance", [0.0, -1.0, math.nan])
def test_a_tolerance_is_positive(tolerance):
    with pytest.raises(InputError, match="positive"):
        negligible_improvement(tolerance, "ei")


def test_the_first_reason_counts():
    rules = [budget(3), negligible_improvement(0.1, "ei")]
    assert first_reason(rules, Progress(3, 0.0)).startswith("budget")
    assert first_reason(rules, Progress(2, 0.0)).startswith("expected")
    assert first_reason(rules, Progress(2, 1.0)) is None
