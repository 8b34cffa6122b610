import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from campaign.helpers import bump, contents, disc, in_disc, noisy_bump
from latscape.campaign import UCB, Box, Campaign, CampaignRecord, EvaluationResult
from latscape.campaign.events import CampaignEnded, CampaignStarted, EvaluationEnded, EvaluationStarted
from latscape.errors import EvaluationError, InputError, RecordError
from latscape.gp import ExactGP, predict


def test_the_phases_are_those_of_the_paper():
    result = Campaign(disc(), seed=0).run(bump, n_initial=4, budget=9)
    assert [one.role for one in result.evaluations] == ["start"] * 4 + ["acquired"] * 5 + ["optimum"]
    assert [one.index for one in result.evaluations] == list(range(10))
    assert result.stopped == "budget of 9 evaluations spent"
    assert all((one.acquisition is None) == (one.role != "acquired") for one in result.evaluations)
    assert len({one.seed for one in result.evaluations}) == 10


def test_the_result_holds_the_landscape_and_both_answers():
    result = Campaign(disc(), seed=0).run(noisy_bump, n_initial=5, budget=12)
    assert result.best.value == result.values.max()
    assert len(result.points) == len(result.values) == sum(one.status == "done" for one in result.evaluations)
    mean, std = predict(result.model, result.candidates)
    np.testing.assert_allclose(result.mean, mean, atol=1e-3)
    np.testing.assert_allclose(result.std, std, atol=1e-3)
    top = result.posterior_best
    assert np.array_equal(top.point, result.candidates[result.mean.argmax()])
    assert (top.mean, top.std) == (result.mean.max(), result.std[result.mean.argmax()])
    assert np.array_equal(top.evaluation.point, top.point)
    assert top.evaluation.role == "optimum"
    assert top.value == top.evaluation.value


def test_the_optimum_need_not_be_evaluated():
    result = Campaign(disc(), seed=0).run(bump, n_initial=3, budget=5, evaluate_optimum=False)
    assert len(result.evaluations) == 5
    assert result.posterior_best.evaluation is result.posterior_best.value is None


def test_evaluators_get_decoded_points_and_only_feasible_ones():
    seen = []

    def score(x):
        seen.append(x)
        return float(-(x[0] ** 2))

    space = Box([(-1, 1), (-1, 1)], feasible=in_disc, grid=100, decoder=lambda x: np.repeat(x, 3, axis=1))
    Campaign(space, seed=0).run(score, n_initial=4, budget=9)
    assert {x.shape for x in seen} == {(6,)}
    assert all(in_disc(x[None, ::3])[0] for x in seen)


def test_candidates_that_are_infeasible_are_not_proposed():
    class Careless(Box):
        def candidates(self):
            return Box([(-1, 1), (-1, 1)], grid=100).candidates()

    space = Careless([(-1, 1), (-1, 1)], feasible=in_disc)
    result = Campaign(space, acquire=UCB(k=50.0), seed=0).run(lambda x: float((x**2).sum()), n_initial=3, budget=8)
    assert in_disc(np.array([one.point for one in result.evaluations])).all()


def test_same_seed_same_record_and_another_seed_another(tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        campaign = Campaign(disc(), seed=seed, record=tmp_path / name)
        campaign.run(noisy_bump, n_initial=3, budget=6)
        np.random.default_rng().uniform()
        torch.rand(1)
    a, b, c = (contents(tmp_path / name / "record.sqlite") for name in "abc")
    assert a == b
    assert a["evaluations"][0] != c["evaluations"][0]


def test_global_generators_are_left_alone():
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    Campaign(disc(), acquire="noisy_log_ei", seed=0).run(noisy_bump, n_initial=3, budget=6, batch=2)
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002


def test_the_order_of_tells_is_irrelevant():
    asked, proposals = None, []
    for order in itertools.islice(itertools.permutations(range(5)), 0, 120, 29):
        campaign = Campaign(disc(), seed=4)
        points = campaign.ask(5)
        assert asked is None or np.array_equal(points, asked)
        asked = points
        for i in order:
            campaign.tell(points[i], [bump(points[i])])
        proposals.append(campaign.ask(2))
    assert all(np.array_equal(one, proposals[0]) for one in proposals)


def test_the_order_of_points_brought_along_is_irrelevant():
    points = np.random.default_rng(0).uniform(-0.6, 0.6, size=(6, 2))
    values = [bump(x) for x in points]
    proposals = []
    for order in ([0, 1, 2, 3, 4, 5], [5, 3, 1, 0, 2, 4]):
        campaign = Campaign(disc(), seed=0)
        campaign.tell(points[order], np.array(values)[order])
        point = campaign.ask()[0]
        proposals.append([*point, campaign.record.evaluations()[-1].acquisition])
    assert proposals[0] == proposals[1]  # to the last bit
    assert {one.role for one in campaign.record.evaluations()} == {"told", "acquired"}


def test_asking_and_telling_by_hand_is_what_a_run_does():
    campaign = Campaign(disc(), seed=0)
    points = campaign.ask(4)
    campaign.tell(points, [bump(x) for x in points])
    for _ in range(4):
        point = campaign.ask()
        campaign.tell(point, [bump(point[0])])
    run = Campaign(disc(), seed=0).run(bump, n_initial=4, budget=8, evaluate_optimum=False)
    assert np.array_equal(campaign.result().points, run.points)


def test_tell_takes_outcomes_replicates_and_failures():
    campaign = Campaign(disc(), seed=0)
    campaign.tell([[0.1, 0.2], [0.1, 0.2], [0.3, 0.4]], [EvaluationResult(1.0, {"a": 2.0}), 1.5, float("nan")])
    rows = campaign.record.evaluations()
    assert [one.status for one in rows] == ["done", "done", "failed"]
    assert rows[0].metrics == {"a": 2.0}
    for points, values in (([[0.1]], [1.0]), ([[0.1, 0.2]], [1.0, 2.0]), ([[np.nan, 0.2]], [1.0])):
        with pytest.raises(InputError, match="points"):
            campaign.tell(points, values)


def test_pending_points_are_believed_not_asked_again():
    campaign = Campaign(disc(), acquire="ucb", seed=0)
    campaign.tell([[0.0, 0.0], [0.5, 0.5]], [1.0, 0.0])
    first, second = campaign.ask(), campaign.ask()
    assert not np.array_equal(first, second)
    both = Campaign(disc(), acquire="ucb", seed=0)
    both.tell([[0.0, 0.0], [0.5, 0.5]], [1.0, 0.0])
    assert np.array_equal(both.ask(2), np.concatenate([first, second]))


def test_failures_are_recorded_and_the_search_moves_away():
    def score(x, trial):
        if x[0] > 0:
            raise ValueError("broken here")
        return float("nan") if trial.index == 1 else bump(x)

    result = Campaign(disc(), seed=0).run(score, n_initial=6, budget=16)
    failed = [one for one in result.evaluations if one.status == "failed"]
    assert {(one.error or "")[:20] for one in failed} <= {"ValueError: broken h", "the value is nan"}
    acquired = [one for one in result.evaluations if one.role == "acquired"]
    assert sum(one.status == "done" for one in acquired) > len(acquired) / 2
    assert result.best.point[0] <= 0


def test_when_all_starts_fail_random_points_follow():
    result = Campaign(disc(), seed=0).run(
        lambda x, trial: bump(x) if trial.index >= 5 else 1 / 0, n_initial=3, budget=8
    )
    assert [one.role for one in result.evaluations[:8]] == ["start"] * 6 + ["acquired"] * 2


def test_when_everything_fails_the_end_says_so(tmp_path):
    with pytest.raises(EvaluationError, match=r"4 failures of 4.*ZeroDivisionError"):
        Campaign(disc(), seed=0, record=tmp_path).run(lambda x: 1 / 0, n_initial=2, budget=4)
    assert len(CampaignRecord.open(tmp_path, readonly=True).evaluations()) == 4


def test_events_come_in_order():
    events = []
    Campaign(disc(), seed=0).run(noisy_bump, n_initial=2, budget=4, observers=[events.append])
    kinds = [type(event) for event in events]
    assert kinds == [CampaignStarted, *[EvaluationStarted, EvaluationEnded] * 5, CampaignEnded]
    assert (events[0].finished, events[0].budget) == (0, 4)
    ends = [event for event in events if isinstance(event, EvaluationEnded)]
    assert [event.finished for event in ends] == [1, 2, 3, 4, 5]
    assert ends[2].evaluation.error.startswith("ArithmeticError")
    assert ends[3].evaluation.curves["step"] == [0.0, 1.0, 2.0]
    assert ends[4].best.value == max(event.evaluation.value or -np.inf for event in ends)


@pytest.mark.parametrize("batch", [1, 3])
def test_a_stop_ends_before_the_next_evaluation_and_leaves_the_rest_to_a_resume(tmp_path, batch):
    campaign = Campaign(disc(), seed=0, record=tmp_path / "a")

    def stop_at_five(event):
        if isinstance(event, EvaluationEnded) and event.finished == 5:
            campaign.stop()

    result = campaign.run(noisy_bump, n_initial=4, budget=8, batch=batch, observers=[stop_at_five])
    assert result.stopped == "stop was requested"
    assert sum(one.status != "asked" for one in result.evaluations) == 5
    campaign.run(noisy_bump, n_initial=4, budget=8, batch=batch)
    Campaign(disc(), seed=0, record=tmp_path / "b").run(noisy_bump, n_initial=4, budget=8, batch=batch)
    assert contents(tmp_path / "a" / "record.sqlite") == contents(tmp_path / "b" / "record.sqlite")


def test_an_interrupt_passes_and_the_record_resumes(tmp_path):
    def interrupted(x, trial):
        if trial.index == 5:
            raise KeyboardInterrupt
        return noisy_bump(x, trial)

    events = []
    with pytest.raises(KeyboardInterrupt):
        Campaign(disc(), seed=0, record=tmp_path / "a").run(
            interrupted, n_initial=4, budget=8, observers=[events.append]
        )
    assert events[-1] == CampaignEnded("interrupted by KeyboardInterrupt")
    Campaign.resume(tmp_path / "a", disc()).run(noisy_bump, n_initial=4, budget=8)
    Campaign(disc(), seed=0, record=tmp_path / "b").run(noisy_bump, n_initial=4, budget=8)
    assert contents(tmp_path / "a" / "record.sqlite") == contents(tmp_path / "b" / "record.sqlite")


@pytest.mark.parametrize("tolerance", [None, 0.2])
def test_a_run_that_has_ended_ends_at_once_and_a_larger_budget_goes_on(tmp_path, tolerance):
    def never(x):
        raise AssertionError("evaluated again")

    first = Campaign(disc(), seed=0, record=tmp_path).run(
        bump, n_initial=5, budget=25 if tolerance else 8, tolerance=tolerance
    )
    again = Campaign(disc(), seed=0, record=tmp_path).run(
        never, n_initial=5, budget=25 if tolerance else 8, tolerance=tolerance
    )
    assert again.stopped == first.stopped
    assert len(again.evaluations) == len(first.evaluations)
    assert np.array_equal(again.mean, first.mean)
    if tolerance:
        assert first.stopped.startswith("expected improvement")
        assert len(first.evaluations) < 20
    else:
        more = Campaign(disc(), seed=0, record=tmp_path).run(bump, n_initial=5, budget=10)
        assert [one.role for one in more.evaluations[8:]] == ["optimum", "acquired", "acquired", "optimum"]


def test_resume_restores_the_settings(tmp_path):
    surrogate = ExactGP(kernel="matern", priors=False)
    Campaign(disc(), surrogate, UCB(k=3.0), seed=5, record=tmp_path).run(bump, n_initial=2, budget=3)
    resumed = Campaign.resume(tmp_path, disc())
    assert (resumed.surrogate, resumed.acquire, resumed.seed) == (surrogate, UCB(k=3.0), 5)
    with pytest.raises(RecordError, match=r"campaign\.space\.candidates"):
        Campaign.resume(tmp_path, disc(grid=100))
    with pytest.raises(RecordError, match=r"campaign\.acquire"):
        Campaign(disc(), surrogate, "ei", seed=5, record=tmp_path).ask()


def test_parts_of_one_s_own_are_given_again(tmp_path):
    class Mine:
        def fit(self, X, Y, bounds=None):
            return ExactGP().fit(X, Y, bounds)

    Campaign(disc(), Mine(), record=tmp_path).run(bump, n_initial=2, budget=3)
    with pytest.raises(InputError, match="Mine"):
        Campaign.resume(tmp_path, disc())
    assert len(Campaign.resume(tmp_path, disc(), surrogate=Mine()).run(bump, n_initial=2, budget=4).evaluations) == 6


def test_resume_wants_a_campaign(tmp_path):
    CampaignRecord.create(tmp_path, {"study": {}}).close()
    with pytest.raises(RecordError, match="campaign"):
        Campaign.resume(tmp_path, disc())


def test_a_batch_on_an_executor_is_the_batch_in_turn(tmp_path):
    with ThreadPoolExecutor(2) as executor:
        Campaign(disc(), seed=0, record=tmp_path / "a").run(
            noisy_bump, n_initial=4, budget=9, batch=3, executor=executor
        )
    Campaign(disc(), seed=0, record=tmp_path / "b").run(noisy_bump, n_initial=4, budget=9, batch=3)
    assert contents(tmp_path / "a" / "record.sqlite") == contents(tmp_path / "b" / "record.sqlite")


def test_values_of_any_unit_are_searched_alike():
    plain = Campaign(disc(), seed=0).run(bump, n_initial=4, budget=10)
    tiny = Campaign(disc(), seed=0).run(lambda x: 1e-9 * bump(x) + 1e-6, n_initial=4, budget=10)
    np.testing.assert_allclose(tiny.points, plain.points, atol=0.3)
    np.testing.assert_allclose((tiny.mean - 1e-6) * 1e9, plain.mean, atol=0.05)
    assert np.linalg.norm(tiny.posterior_best.point - [0.3, -0.2]) < 0.15


def test_constant_values_and_one_candidate_are_no_trouble():
    result = Campaign(Box([(0, 1)], feasible=lambda x: x[:, 0] < 0.4, grid=2), seed=0).run(
        lambda x: 3.0, n_initial=2, budget=4
    )
    assert result.candidates.tolist() == [[0.0]]
    assert result.posterior_best.mean == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"n_initial": 20, "budget": 10}, "budget"),
        ({"n_initial": 0, "budget": 0}, "budget"),
        ({"batch": 0}, "batch"),
        ({"tolerance": -1.0}, "tolerance"),
    ],
)
def test_bad_runs_are_refused_before_anything_is_evaluated(options, word):
    with pytest.raises(InputError, match=word):
        Campaign(disc()).run(lambda x: 1 / 0, **options)


def test_bad_campaigns_are_refused():
    with pytest.raises(InputError, match="acquisition"):
        Campaign(disc(), acquire="best")
    with pytest.raises(InputError, match="seed"):
        Campaign(disc(), seed=0.5)
    with pytest.raises(InputError, match="expected improvement"):
        Campaign(disc(), acquire="ucb").run(bump, tolerance=0.1)
    with pytest.raises(InputError, match="feasible"):
        Campaign(Box([(0, 1)], feasible=lambda x: x[:, 0] > 2)).run(bump)
    with pytest.raises(InputError, match="evaluator"):
        Campaign(disc()).run(lambda: 0.0)


def branin(x):
    """Minus Branin's function: largest, -0.398, at three points."""
    b, c, t = 5.1 / (4 * np.pi**2), 5 / np.pi, 1 / (8 * np.pi)
    return -float((x[1] - b * x[0] ** 2 + c * x[0] - 6) ** 2 + 10 * (1 - t) * np.cos(x[0]) + 10)


@pytest.mark.slow
def test_it_beats_random_search_on_branin():
    space = Box([(-5, 10), (0, 15)], grid=900)
    found, random = [], []
    for seed in range(5):
        result = Campaign(space, seed=seed).run(branin, n_initial=6, budget=24)
        found.append(result.best.value)
        random.append(max(branin(x) for x in space.sample(25, np.random.default_rng(seed))))
    assert np.median(found) > -0.6
    assert np.median(found) > np.median(random)
    assert sum(one > other for one, other in zip(found, random, strict=True)) >= 4


@pytest.mark.parametrize("batch", [1, 3])
def test_without_repeats_no_candidate_is_asked_for_twice_and_the_lattice_ends(batch, tmp_path):
    options = {"surrogate": ExactGP(noise="none"), "acquire": "ucb", "record": tmp_path}

    def points(repeat, budget, **options):
        campaign = Campaign(Box([(-1, 1)], grid=8), repeat=repeat, **options)
        return campaign.run(bump_of_one, n_initial=2, budget=budget, batch=batch, evaluate_optimum=False)

    assert len({tuple(one) for one in points(True, 12, **options | {"record": None}).points}) < 10
    found = points(False, 12, **options)
    assert len(found.points) == len({tuple(one) for one in found.points}) == 10  # two random starts, eight candidates
    assert found.stopped == "all 8 places are measured or closed"
    assert Campaign.resume(tmp_path, Box([(-1, 1)], grid=8)).repeat is False
    with pytest.raises(RecordError):
        points(True, 12, **options)


def bump_of_one(x):
    return -float((x[0] - 0.3) ** 2)
