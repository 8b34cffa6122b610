"""Hopeless evaluations end early, the same ones after every cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.helpers import contents, disc
from latscape.campaign import Campaign, EvaluationResult, PercentilePruner
from latscape.campaign.evaluate import PARTIAL, Trial
from latscape.errors import InputError

numbers = st.floats(-1e6, 1e6)


@given(numbers, st.lists(numbers, min_size=1), st.floats(0.01, 0.99))
def test_what_is_ended_is_worse_than_the_share_of_the_others(value, others, share):
    ended = PercentilePruner(share, least=1)(value, others)
    better = np.mean(np.array(others) > value)
    assert ended <= (better > 0)
    if better >= share + 1 / len(others):  # a quantile lies between two values
        assert ended
    if better < share - 1 / len(others):
        assert not ended


def test_nothing_ends_before_enough_are_known():
    assert not PercentilePruner(0.5, least=3)(-1.0, [0.0, 0.0])
    assert PercentilePruner(0.5, least=3)(-1.0, [0.0, 0.0, 0.0])


@pytest.mark.parametrize(("share", "least"), [(0.0, 5), (1.0, 5), (0.5, 0)])
def test_shares_and_counts_that_mean_nothing_are_refused(share, least):
    with pytest.raises(InputError, match="share"):
        PercentilePruner(share, least)


def climbing(steps):
    """Its value is that of the point, approached in steps; what it cost is how many it took."""

    def evaluate(x, trial):
        value = -float((x[0] - 0.3) ** 2 + (x[1] + 0.2) ** 2)
        for step in range(steps):
            part = value * (2.0 - (step + 1) / steps)
            if trial.should_prune(step, part):
                return EvaluationResult(part, {"steps": step + 1})
        return EvaluationResult(value, {"steps": steps})

    return evaluate


def test_a_campaign_saves_steps_and_loses_nothing_where_partial_values_rank_as_the_last():
    def run(prune):
        return Campaign(disc(), seed=3).run(climbing(10), n_initial=8, budget=20, prune=prune)

    whole, pruned = run(None), run(PercentilePruner(0.5))
    spent = [sum(one.metrics["steps"] for one in found.evaluations) for found in (whole, pruned)]
    assert spent[0] == 210
    assert spent[1] < 200
    assert pruned.best.value > whole.best.value - 0.01
    first = pruned.evaluations[:5]
    assert all(one.metrics["steps"] == 10 for one in first)  # nothing to compare with yet
    for one in pruned.evaluations[5:]:
        earlier = [other.curves[PARTIAL] for other in pruned.evaluations[: one.index]]
        for step, value in enumerate(one.curves[PARTIAL]):
            known = [curve[step] for curve in earlier if len(curve) > step]
            stopped = len(known) >= 5 and value < np.median(known)
            assert stopped == (step + 1 == one.metrics["steps"] and one.metrics["steps"] < 10)


def test_a_cut_campaign_ends_the_same_ones(tmp_path):
    def run(path, cut):
        evaluate, calls = climbing(6), []

        def stops(x, trial):
            calls.append(trial.index)
            if len(calls) == cut:
                raise KeyboardInterrupt
            return evaluate(x, trial)

        options = {"n_initial": 6, "budget": 12, "prune": PercentilePruner(0.5, least=3)}
        if cut:
            with pytest.raises(KeyboardInterrupt):
                Campaign(disc(), seed=1, record=path).run(stops, **options)
        Campaign(disc(), seed=1, record=path).run(evaluate, **options)
        return contents(path)

    assert run(tmp_path / "whole.sqlite", 0) == run(tmp_path / "cut.sqlite", 9)


def test_values_on_the_way_stand_beside_what_is_reported_at_the_same_step():
    trial = Trial(0, seed=0)
    trial.report(1, loss=2.0)
    assert not trial.should_prune(1, 0.5)
    assert trial.curves() == {"step": [1.0], "loss": [2.0], PARTIAL: [0.5]}
