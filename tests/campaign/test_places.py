"""A campaign over the places of a sample: each is measured once, and what lies there is what the surrogate sees."""

import numpy as np
import pytest
from botorch.acquisition import PosteriorMean

from campaign.contracts import SpaceContract
from campaign.helpers import contents
from latscape.campaign import Box, Campaign, CampaignRecord, Candidates, DiscreteSpace, EvaluationResult
from latscape.campaign.choice import optimize_acquisition
from latscape.campaign.events import CandidatesProposed
from latscape.campaign.stop import Progress, area, converged
from latscape.errors import EvaluationError, InputError
from latscape.gp import DeepKernel, ExactGP

SIDE = 9
IMAGE = np.random.default_rng(0).normal(size=(SIDE, SIDE)).cumsum(0).cumsum(1)
PLACES = np.argwhere(np.ones((SIDE, SIDE))).astype(float)


def cut(image, places):
    """One pixel and its right neighbour."""
    rows, columns = np.clip(np.rint(places).astype(int), 0, SIDE - 1).T
    return np.stack([image[rows, columns], image[rows, np.minimum(columns + 1, SIDE - 1)]], axis=1)


def sample(**options):
    return Candidates(cut(IMAGE, PLACES), PLACES, cut=cut, **options)


def score(patch, trial):
    return float(patch[0] - 0.1 * patch[1])


class TestCandidates(SpaceContract):
    def space(self):
        return sample()


class TestMasked(SpaceContract):
    def space(self):
        return sample(mask=(PLACES.sum(1) % 2 == 0), position=True)


class TestPatches(SpaceContract):
    """Patches of colour images at scattered places."""

    def space(self):
        rng = np.random.default_rng(1)
        return Candidates(rng.normal(size=(40, 3, 3, 2)), rng.uniform(0, 50, size=(40, 2)))


def test_candidates_are_places_and_a_box_is_not():
    assert isinstance(sample(), DiscreteSpace)
    assert not isinstance(Box([(0, 1)]), DiscreteSpace)


def test_no_place_is_measured_twice_and_masked_ones_never():
    mask = PLACES[:, 0] != 4
    result = Campaign(sample(mask=mask), seed=0).run(score, n_initial=5, budget=20, batch=3, evaluate_optimum=False)
    points = np.array([one.point for one in result.evaluations])
    assert len(np.unique(points, axis=0)) == len(points) == 20
    assert not (points[:, 0] == 4).any()


def test_the_record_keeps_the_patch_and_the_surrogate_sees_it():
    campaign = Campaign(sample(position=True), seed=0)
    result = campaign.run(score, n_initial=4, budget=8)
    for one in result.evaluations:
        assert np.array_equal(one.decoded, cut(IMAGE, one.point[None])[0])
    assert result.model.train_inputs[0].shape[-1] == 4  # two pixels and two coordinates


def test_a_budget_above_the_places_ends_when_all_are_measured():
    space = sample(mask=PLACES[:, 0] == 0)
    result = Campaign(space, seed=0).run(score, n_initial=3, budget=50)
    assert len(result.evaluations) == SIDE
    assert "all 9 places" in result.stopped
    again = Campaign(space, seed=0).run(score, n_initial=50, budget=50)
    assert len(again.evaluations) == SIDE
    assert len(Campaign(space).ask(20)) == SIDE


def test_a_failure_is_left_out_of_the_fit_and_the_loop_goes_on_elsewhere():
    def fails(patch, trial):
        return 1 / 0 if trial.index % 3 == 1 else score(patch, trial)

    campaign = Campaign(sample(), seed=0)
    result = campaign.run(fails, n_initial=6, budget=12, evaluate_optimum=False)
    failed = [one for one in result.evaluations if one.status == "failed"]
    assert len(failed) == 4
    assert len(result.model.train_targets) == 8
    points = [tuple(one.point) for one in result.evaluations]
    assert len(set(points)) == 12


def test_one_place_told_twice_is_merged_and_one_never_asked_is_marked():
    campaign = Campaign(sample(), seed=0)
    campaign.tell([[1, 1], [1, 1], [2, 5]], [1.0, 3.0, 7.0])
    rows = campaign.record.evaluations()
    assert [one.role for one in rows] == ["told"] * 3
    inputs, values = campaign._learner.training(rows)
    assert values.tolist() == [2.0, 7.0]
    assert np.array_equal(inputs, cut(IMAGE, np.array([[1, 1], [2, 5]])))


def test_the_order_of_tells_is_irrelevant_to_what_is_asked():
    points, asked = PLACES[[3, 40, 77, 20]], []
    for order in ([0, 1, 2, 3], [2, 0, 3, 1]):
        campaign = Campaign(sample(), seed=0)
        campaign.tell(points[order], [float(cut(IMAGE, points[[i]])[0, 0]) for i in order])
        asked.append(campaign.ask(3))
    assert np.array_equal(*asked)


def test_planned_starts_are_asked_in_their_order_and_then_the_acquisition_goes_on():
    plan = PLACES[[80, 0, 40]]
    result = Campaign(sample(), seed=0).run(score, n_initial=plan, budget=6, batch=2, evaluate_optimum=False)
    assert np.array_equal([one.point for one in result.evaluations[:3]], plan)
    assert [one.role for one in result.evaluations] == ["start"] * 3 + ["acquired"] * 3
    with pytest.raises(InputError, match="feasible points"):
        Campaign(sample(), seed=0).run(score, n_initial=[[0.5, 0.5]], budget=6)


def test_a_batch_is_spread_out_and_an_exclusion_holds_around_all_that_was_measured():
    far = Campaign(sample(spread=3.0), seed=0)
    far.tell(PLACES[[0, 40]], [0.0, 1.0])
    batch = far.ask(4)
    gaps = np.linalg.norm(batch[:, None] - batch, axis=-1)[np.triu_indices(4, 1)]
    assert gaps.min() > 2.99
    near = Campaign(sample(), seed=0)
    near.tell(PLACES[[0, 40]], [0.0, 1.0])
    crowded = near.ask(4)
    assert np.linalg.norm(crowded[:, None] - crowded, axis=-1)[np.triu_indices(4, 1)].min() < 2.99  # or no proof
    space = sample(exclusion=2.0)
    result = Campaign(space, seed=0).run(score, n_initial=2, budget=81, evaluate_optimum=False)
    points = np.array([one.point for one in result.evaluations])
    assert np.linalg.norm(points[:, None] - points, axis=-1)[np.triu_indices(len(points), 1)].min() >= 2
    assert "closed" in result.stopped


def test_travel_keeps_the_next_place_near():
    def length(travel):
        result = Campaign(sample(travel=travel), acquire="ucb", seed=0).run(score, n_initial=3, budget=14)
        points = np.array([one.point for one in result.evaluations[3:]])
        return np.linalg.norm(np.diff(points, axis=0), axis=1).mean()

    assert length(20.0) < 0.8 * length(0.0)


def test_a_cost_is_taken_off_the_acquisition():
    x = np.linspace(0, 1, 5)[:, None]
    model = ExactGP().fit(x, x[:, 0])
    choice = optimize_acquisition(
        model, x, x, lambda m, seen: PosteriorMean(m), cost=lambda chosen: np.array([0, 0, 0, 0, 9.0])
    )
    assert choice.indices == [3]
    assert choice.scores.argmax() == 4


def test_where_it_really_was_and_a_new_image_stay_registered(tmp_path):
    moved = IMAGE[::-1].copy()

    def drifting(patch, trial):
        if trial.index == 3:
            return EvaluationResult(1.0, point=trial.point + np.array([0.0, 1.0]))
        if trial.index == 5:
            return EvaluationResult(2.0, point=trial.point, image=moved)
        return float(patch[0])

    campaign = Campaign(sample(), seed=1, record=tmp_path / "a")
    rows = campaign.run(drifting, n_initial=4, budget=9, evaluate_optimum=False).evaluations
    assert np.array_equal(rows[3].where, rows[3].point + np.array([0, 1]))
    assert np.array_equal(rows[3].decoded, cut(IMAGE, rows[3].where[None])[0])
    for one in rows[:5]:
        assert np.array_equal(one.decoded, cut(IMAGE, one.where[None])[0])
    for one in rows[5:]:
        assert np.allclose(one.decoded, cut(moved, one.point[None])[0], atol=1e-5)  # images are kept in float32
    cut_short = Campaign(sample(), seed=1, record=tmp_path / "b")
    cut_short.run(drifting, n_initial=4, budget=7, evaluate_optimum=False)
    cut_short.record.close()
    Campaign(sample(), seed=1, record=tmp_path / "b").run(drifting, n_initial=4, budget=9, evaluate_optimum=False)
    assert contents(tmp_path / "a" / "record.sqlite") == contents(tmp_path / "b" / "record.sqlite")


def test_a_bad_image_is_a_failure_of_that_point():
    def sends(patch, trial):
        return EvaluationResult(1.0, image=np.full((SIDE, SIDE), np.nan)) if trial.index == 2 else score(patch, trial)

    rows = Campaign(sample(), seed=0).run(sends, n_initial=4, budget=6, evaluate_optimum=False).evaluations
    assert [one.status for one in rows] == ["done", "done", "failed", "done", "done", "done"]
    assert "finite image" in rows[2].error


def test_maps_of_every_step_are_kept_and_told(tmp_path):
    events = []
    campaign = Campaign(sample(), seed=0, record=tmp_path)
    campaign.run(score, n_initial=5, budget=9, batch=2, maps=True, observers=[events.append], evaluate_optimum=False)
    told = {event.number: event for event in events if isinstance(event, CandidatesProposed)}
    record = campaign.record
    assert list(told) == record.numbers("mean") == record.numbers("acquisition") == [5, 7]
    kept = record.arrays(7)
    assert set(kept) == {"mean", "std", "acquisition", "change"}
    np.testing.assert_allclose(kept["mean"], told[7].maps["mean"], rtol=1e-6)
    spread = np.std([one.value for one in record.evaluations()[:7]])
    change = np.sqrt(np.mean((kept["mean"] - record.arrays(5)["mean"]) ** 2)) / spread
    assert float(kept["change"]) == pytest.approx(change, rel=1e-5)


def test_a_run_ends_when_its_prediction_has_converged_and_found_so_again(tmp_path):
    def run():
        campaign = Campaign(sample(), seed=0, record=tmp_path)
        return campaign.run(score, n_initial=5, budget=60, rules=[converged(0.3, 2)], maps=True, evaluate_optimum=False)

    first, again = run(), run()
    assert first.stopped == again.stopped
    assert first.stopped.startswith("prediction converged")
    assert len(first.evaluations) == len(again.evaluations) < 60


def test_the_area_is_a_share_of_the_places():
    result = Campaign(sample(), seed=0).run(score, n_initial=3, budget=60, rules=[area(0.1)], evaluate_optimum=False)
    assert len(result.evaluations) == 9  # 9 of 81 is the first share of at least 10 %
    assert result.stopped == "10 % of the area measured"
    assert area(1.0)(Progress(3, measured=0.99)) is None


@pytest.mark.parametrize("acquire", ["std", "thompson", "ucb:10", "pi"])
def test_acquisitions_resume_by_name_and_stay_off_what_was_measured(tmp_path, acquire):
    rows = Campaign(sample(), acquire=acquire, seed=0, record=tmp_path).run(score, n_initial=4, budget=8).evaluations
    assert len({tuple(one.point) for one in rows}) == len(rows)
    assert Campaign.resume(tmp_path, sample()).acquire == acquire


def test_thompson_draws_another_function_at_every_step():
    x = np.linspace(0, 1, 30)[:, None]
    model = ExactGP().fit(x[::10], np.sin(9 * x[::10, 0]))
    one = optimize_acquisition(model, x, x[::10], "thompson").scores
    assert np.array_equal(one, optimize_acquisition(model, x, x[::10], "thompson").scores)
    assert not np.allclose(one, optimize_acquisition(model, x, x[::9], "thompson").scores)
    assert np.abs(one[::10] - np.sin(9 * x[::10, 0])).max() < 0.2  # it passes near the data


def test_thompson_says_which_surrogates_it_cannot_draw_from(refused):
    x = np.random.default_rng(0).normal(size=(12, 9))
    model = DeepKernel(steps=2).fit(x, x.mean(axis=1))
    with refused():
        optimize_acquisition(model, x, x, "thompson")


def test_alike_patches_and_constant_values_are_no_trouble():
    alike = Candidates(np.ones((30, 4, 4)), PLACES[:30])
    rows = Campaign(alike, seed=0).run(lambda patch: 2.0, n_initial=3, budget=6).evaluations
    assert len({tuple(one.point) for one in rows}) == len(rows) == 7


@pytest.mark.parametrize(
    ("patches", "options"),
    [
        (np.full((81, 2), np.nan), {}),
        (np.ones((80, 2)), {}),
        (np.ones((81, 2)), {"mask": np.zeros(81, bool)}),
        (np.ones((81, 2)), {"spread": -1.0}),
    ],
)
def test_bad_candidates_are_refused(patches, options, refused):
    with refused():
        Candidates(patches, PLACES, **options)


def test_places_that_coincide_and_images_nobody_can_cut_are_refused(refused):
    with refused():
        Candidates(np.ones((2, 2)), [[0, 0], [0, 0]])
    with refused():
        Candidates(np.ones((2, 2)), [[0, 0], [0, 1]]).refresh(IMAGE)


def test_nan_everywhere_says_so_and_the_record_survives(tmp_path):
    with pytest.raises(EvaluationError, match="6 failures of 6"):
        Campaign(sample(), record=tmp_path).run(lambda patch: float("nan"), n_initial=3, budget=6)
    assert len(CampaignRecord.open(tmp_path, readonly=True).evaluations()) == 6
