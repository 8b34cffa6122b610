import numpy as np
import pytest

from latscape.campaign import Box, Campaign, EvaluationResult
from latscape.campaign.trust_region import TrustRegion, run_alternating, sides
from latscape.errors import EvaluationError, InputError
from latscape.gp import ExactGP

AIM = np.array([0.313, 0.727, 0.5])
BOUNDS = np.array([[0.0, 1.0]] * 3)


def bump(x):
    """A hill that is narrow beside the space, on a slope that is much higher than what still matters on its top."""
    away = ((x - AIM) ** 2).sum()
    return float(-100 * away - np.sin(30 * away))


def campaign(**options):
    return Campaign(Box(BOUNDS, grid=64, **options), ExactGP(noise="none"), acquire="log_ei", seed=0)


def test_gets_closer_than_the_lattice_is_fine():
    found = run_alternating(campaign(), BOUNDS, bump, n_initial=6, budget=18)
    lattice = min(np.abs(point - AIM).max() for point in found.space.candidates())
    best = found.result().best
    assert np.abs(best.point - AIM).max() < 0.5 * lattice


def test_what_comes_next_depends_on_the_record_alone(tmp_path):
    whole = run_alternating(campaign(), BOUNDS, bump, n_initial=5, budget=10).result()
    for budget in (3, 6, 10):  # cut twice, each time gone on with by a new object
        part = Campaign(Box(BOUNDS, grid=64), ExactGP(noise="none"), "log_ei", 0, tmp_path)
        run_alternating(part, BOUNDS, bump, n_initial=5, budget=budget)
    np.testing.assert_array_equal(part.result().points, whole.points)
    np.testing.assert_array_equal(part.result().values, whole.values)


def test_every_other_point_after_the_starts_is_nearby():
    rows = run_alternating(campaign(), BOUNDS, bump, n_initial=4, budget=9).record.evaluations()
    assert [one.role for one in rows] == ["start"] * 4 + ["acquired", "told", "acquired", "told", "acquired"]


def test_the_box_grows_with_success_and_shrinks_without():
    loop = campaign()
    nearby = TrustRegion(loop, BOUNDS)
    loop.tell(loop.ask(1), [0.0])
    for value in (1.0, 0.5, 0.5, 2.0):
        loop.tell(nearby.ask(), [value])
    assert sides(loop.record.evaluations(), nearby) == pytest.approx([0.4, 0.8, 0.56, 0.392, 0.784])


def test_stays_where_the_space_allows_and_within_the_box():
    loop = campaign(feasible=lambda x: x[:, 0] + x[:, 1] < 1.0)
    points = loop.ask(4)
    loop.tell(points, [bump(point) for point in points])
    best = points[np.argmax([bump(point) for point in points])]
    nearby = TrustRegion(loop, BOUNDS)
    for _ in range(6):
        point = nearby.ask()
        assert loop.space.contains(point[None]).all()
        assert np.abs(point - best).max() <= 0.2 + 1e-12
        loop.tell(point, [-1e6])
        nearby = TrustRegion(loop, BOUNDS)


def broken_beyond(limit):
    """The hill, with a region from which no value comes, as where a simulation diverges."""

    def evaluate(x):
        if x[1] > limit:
            raise EvaluationError("Expected a finite state. Got infinity after step 3. Try a smaller step.")
        return bump(x)

    return evaluate


def test_an_evaluation_that_raises_is_a_failure_in_the_record_and_the_search_goes_on():
    found = run_alternating(campaign(), BOUNDS, broken_beyond(0.6), n_initial=6, budget=18)
    rows = found.record.evaluations()
    failed = [one for one in rows if one.status == "failed"]
    assert len(rows) == 18
    assert {"acquired", "told"} <= {one.role for one in rows[rows.index(failed[0]) + 1 :]}
    for one in failed:
        assert one.point[1] > 0.6
        assert one.value is None
        assert one.error.startswith("EvaluationError: Expected a finite state. Got infinity after step 3.")
    assert found.result().best.point[1] <= 0.6


def test_a_failed_point_is_a_bad_one_for_the_second_opinion():
    loop = campaign()
    loop.tell([[0.3, 0.5, 0.5], [0.3, 0.3, 0.5]], [1.0, 0.9])
    before = TrustRegion(loop, BOUNDS).ask()
    loop.evaluate(broken_beyond(-1.0), before + 1e-3)
    assert loop.record.evaluations()[-1].status == "failed"
    assert np.abs(TrustRegion(loop, BOUNDS).ask() - before).max() > 0.02


def test_where_nothing_succeeds_every_point_is_tried_and_none_is_the_best():
    found = run_alternating(campaign(), BOUNDS, broken_beyond(-1.0), n_initial=2, budget=6)
    assert [one.status for one in found.record.evaluations()] == ["failed"] * 6
    with pytest.raises(EvaluationError, match="6 failures of 6"):
        found.result()


def test_what_was_under_way_when_it_was_cut_is_evaluated_first(tmp_path):
    def cut(x):
        raise KeyboardInterrupt

    def begun():
        return Campaign(Box(BOUNDS, grid=64), ExactGP(noise="none"), "log_ei", 0, tmp_path)

    run_alternating(begun(), BOUNDS, bump, n_initial=5, budget=6)
    with pytest.raises(KeyboardInterrupt):
        run_alternating(begun(), BOUNDS, cut, n_initial=5, budget=8)
    assert begun().record.evaluations()[-1].status == "asked"
    part = run_alternating(begun(), BOUNDS, bump, n_initial=5, budget=10).result()
    whole = run_alternating(campaign(), BOUNDS, bump, n_initial=5, budget=10).result()
    np.testing.assert_array_equal(part.points, whole.points)
    np.testing.assert_array_equal(part.values, whole.values)


def test_a_trial_and_curves_reach_the_record_as_in_a_run():
    def reports(x, trial):
        trial.report(1, loss=0.5)
        return EvaluationResult(bump(x), {"index": trial.index})

    rows = run_alternating(campaign(), BOUNDS, reports, n_initial=3, budget=6).record.evaluations()
    assert [one.metrics["index"] for one in rows] == list(range(6))
    assert all(one.curves == {"step": [1.0], "loss": [0.5]} for one in rows)


def test_refuses_other_bounds_and_a_campaign_without_values():
    for wrong in (BOUNDS.T, BOUNDS[:2], BOUNDS[:, ::-1]):
        with pytest.raises(InputError, match="bounds"):
            TrustRegion(campaign(), wrong)
        with pytest.raises(InputError, match="bounds"):
            run_alternating(campaign(), wrong, bump, n_initial=2, budget=3)
    with pytest.raises(InputError, match="with a value"):
        TrustRegion(campaign(), BOUNDS).ask()
