"""Instruments, the experiment around them, patches and policies."""

import threading

import numpy as np
import pytest

from latscape.campaign import Campaign, CampaignRecord, Candidates, EvaluationResult, Trial
from latscape.errors import EvaluationError, InputError, RecordError
from latscape.lab import (
    Axis,
    Components,
    Experiment,
    Integral,
    Measurement,
    ReplayInstrument,
    Scan,
    Simulated,
    Window,
    candidates_of,
    direct,
    over_places,
    rescore,
    score_measurement,
)
from latscape.lab.experiment import HISTORY, log_scalarizer
from latscape.lab.policy import bright_spots, grid

BIAS = Axis.at("bias", np.linspace(-1, 1, 5), "V")
PLACES = np.argwhere(np.ones((6, 6))).astype(float)
SUMS = (PLACES.sum(1)[:, None] + BIAS.positions).reshape(6, 6, 5)
SCAN = Scan(np.arange(36.0).reshape(6, 6), over_places(SUMS, [BIAS]), PLACES)


class InstrumentContract:
    """What every instrument must do: inherit, and give `instrument()` and a `point()` it can measure."""

    def instrument(self):
        raise NotImplementedError

    def point(self):
        return PLACES[7]

    def test_values_lie_over_axes_with_names(self):
        found = self.instrument().measure(self.point())
        assert isinstance(found, Measurement)
        assert found.values.shape == tuple(len(axis.positions) for axis in found.axes)
        assert all(axis.name for axis in found.axes)

    def test_a_place_measured_again_says_the_same(self):
        one, other = (self.instrument().measure(self.point()).values for _ in range(2))
        assert np.array_equal(one, other)

    def test_a_record_gives_it_back(self):
        found = self.instrument().measure(self.point())
        record = CampaignRecord.create(":memory:")
        space = Candidates(np.ones((36, 1)), PLACES)
        Campaign(space, record=record).tell(self.point(), [score_measurement(found, lambda m: 1.0)])
        kept = Measurement.kept(record.evaluations()[0])
        assert np.array_equal(kept.values, found.values)
        assert [(axis.name, axis.units, axis.positions.tolist()) for axis in kept.axes] == [
            (axis.name, axis.units, axis.positions.tolist()) for axis in found.axes
        ]


class TestReplayInstrument(InstrumentContract):
    def instrument(self):
        return ReplayInstrument(SCAN)


class TestNoisy(InstrumentContract):
    def instrument(self):
        return ReplayInstrument(SCAN, noise=0.3, seed=4)


class TestSimulated(InstrumentContract):
    def instrument(self):
        return Simulated(lambda place: np.outer(place, BIAS.positions), [Axis("part", 2), BIAS])


def test_what_fits_no_measurement_or_scan_is_said(refused):
    places = np.argwhere(np.ones((2, 3))) * 1.0
    with refused():
        over_places(np.zeros((2, 3, 4, 5)), [BIAS])
    with refused():
        over_places(np.zeros(5), [BIAS])
    with refused():
        Scan(np.zeros((4, 4)), over_places(np.zeros((2, 3, 5)), [BIAS]), places[:5])
    with refused():
        Scan(np.zeros((4, 4)), over_places(np.zeros((2, 3, 2)), [Axis.at("bias", [0.0, np.nan])]), places)
    with refused():
        Measurement(np.zeros(5), (BIAS,), places[0])
    one = Scan(np.zeros((4, 4)), over_places(np.arange(6.0).reshape(2, 3), []), places)  # a number at each place
    assert one.measurement(4).values == 4.0


def test_noise_is_of_the_size_it_was_told():
    scan = Scan(np.zeros((40, 40)), over_places(np.zeros((1600, 5)), [BIAS]), np.argwhere(np.ones((40, 40))) * 1.0)
    tool = ReplayInstrument(scan, noise=0.3)
    assert np.std([tool.measure(place) for place in scan.coordinates]) == pytest.approx(0.3, rel=0.05)


def test_nothing_is_recorded_far_away():
    with pytest.raises(EvaluationError, match="nothing was recorded"):
        ReplayInstrument(SCAN).measure([2.0, 7.0])


def measured(instrument, scalarizer=lambda m: float(m.values.sum()), **options):
    space = candidates_of(SCAN.image, PLACES, 3)
    campaign = Campaign(space, seed=0)
    return campaign.run(Experiment(instrument, scalarizer, **options), n_initial=3, budget=8, evaluate_optimum=False)


def test_an_experiment_keeps_the_whole_measurement_and_the_patch():
    rows = measured(ReplayInstrument(SCAN)).evaluations
    for one in rows:
        assert one.value == pytest.approx(5 * one.point.sum())
        assert np.array_equal(one.curves["values"], one.point.sum() + BIAS.positions)
        assert one.curves["axes"] == [{"name": "bias", "unit": "V", "values": BIAS.positions.tolist()}]
        assert one.decoded.shape == (3, 3)


def nth(n, trouble):
    """An instrument that makes trouble at its n-th measurement."""
    calls = []

    def simulate(place):
        calls.append(place)
        return trouble(place) if len(calls) == n else place.sum() + BIAS.positions

    return Simulated(simulate, [BIAS])


@pytest.mark.parametrize(
    ("trouble", "text"),
    [
        (lambda place: 1 / 0, "ZeroDivisionError"),
        (lambda place: np.full(5, np.nan), "all NaN"),
        (lambda place: np.zeros(4), "values of shape (4,)"),
        (lambda place: Measurement(np.zeros((2, 2)), (BIAS, BIAS)), "lengths (5, 5)"),
        (lambda place: Measurement(np.zeros(3), (Axis.at("bias", [0, 1, 2], "V"),)), "those before were of shape (5,)"),
        (lambda place: threading.Event().wait(30), "TimeoutError: no measurement within 0.2 s"),
    ],
)
def test_trouble_is_recorded_and_the_loop_goes_on(trouble, text):
    rows = measured(nth(5, trouble), timeout=0.2).evaluations
    assert [one.status for one in rows].count("failed") == 1
    assert rows[4].status == "failed"
    assert text in rows[4].error
    assert len({tuple(one.point) for one in rows}) == 8


def test_something_that_is_no_measurement_is_said_to_be_none():
    class Wrong:
        def measure(self, point):
            return [1.0, 2.0]

    with pytest.raises(EvaluationError, match="a Measurement of the instrument"):
        measured(Wrong())


def test_a_scalarizer_that_returns_an_array_is_one_clear_line_and_nothing_is_lost(tmp_path):
    space, record = candidates_of(SCAN.image, PLACES, 3), CampaignRecord.create(tmp_path)
    campaign = Campaign(space, seed=0, record=record)
    with pytest.raises(EvaluationError, match=r"no number but ndarray of shape \(5,\)"):
        campaign.run(Experiment(ReplayInstrument(SCAN), lambda m: m.values), n_initial=3, budget=5)
    assert len(record.evaluations()) == 5
    assert rescore(record, lambda m: float(m.values[0])) == 5  # the measurements were kept
    assert (
        campaign.run(Experiment(ReplayInstrument(SCAN), lambda m: float(m.values[0])), n_initial=3, budget=7).best.value
        > 0
    )


def test_a_scalarizer_changed_in_mid_run_scores_the_past_again(tmp_path):
    space = candidates_of(SCAN.image, PLACES, 3)
    campaign = Campaign(space, seed=0, record=tmp_path)
    first, second = Integral(-1, 1), Integral(-1, 0)
    experiment = Experiment(ReplayInstrument(SCAN), first)
    log_scalarizer(campaign.record, first)
    before = campaign.run(experiment, n_initial=4, budget=6, evaluate_optimum=False).values
    experiment.scalarizer = second
    assert rescore(campaign.record, second) == 6
    log_scalarizer(campaign.record, second)
    result = campaign.run(experiment, n_initial=4, budget=9, evaluate_optimum=False)
    expected = [second(Measurement.kept(one)) for one in result.evaluations]
    np.testing.assert_allclose(result.values, expected)
    assert not np.allclose(before, result.values[:6])
    history = campaign.record.get(HISTORY)
    assert [(one["from"], one["scalarizer"]["high"]) for one in history] == [(0, 1), (6, 0)]
    fresh = Campaign(space, seed=0)  # one to whom the same was told by the second scalarizer alone
    for one in result.evaluations[:6]:
        fresh.tell(one.point, [second(Measurement.kept(one))])
    assert np.array_equal(fresh.ask()[0], result.evaluations[6].point)


def test_nothing_can_be_scored_again_without_measurements(tmp_path):
    campaign = Campaign(candidates_of(SCAN.image, PLACES, 3), record=tmp_path)
    campaign.tell(PLACES[0], [1.0])
    with pytest.raises(RecordError, match="measurements"):
        rescore(campaign.record, Integral(-1, 1))


def test_where_it_was_measured_and_a_new_image_reach_the_record():
    moved = SCAN.image.values + 100.0

    def simulate(place):
        here = place + np.array([0.0, 0.25])
        return Measurement(here.sum() + BIAS.positions, (BIAS,), place=here, new_image=moved)

    rows = measured(Simulated(simulate)).evaluations
    for one in rows:
        assert np.array_equal(one.where, one.point + np.array([0, 0.25]))
        assert one.decoded.mean() > 5  # standardized by the first image, of which 100 is many deviations


def test_a_window_is_the_image_around_a_place_and_its_reflection_beyond_the_edge():
    image = np.arange(30.0).reshape(5, 6)
    assert np.array_equal(Window(3)(image, [[2, 3]])[0], image[1:4, 2:5])
    assert np.array_equal(Window(2)(image, [[1.5, 2.5]])[0], image[1:3, 2:4])  # even windows have half centres
    assert np.array_equal(Window(3)(image, [[0, 0]])[0][0], Window(3)(image, [[0, 0]])[0][1])
    assert Window(4)(np.zeros((9, 9, 2)), [[0, 0], [8, 8]]).shape == (2, 4, 4, 2)


def test_components_are_those_of_scikit_learn_but_for_signs():
    from sklearn.decomposition import PCA

    patches = np.random.default_rng(0).normal(size=(60, 4, 4))
    mine, other = Components(patches, 5)(patches), PCA(5).fit_transform(patches.reshape(60, -1))
    np.testing.assert_allclose(np.abs(mine), np.abs(other), atol=1e-9)
    assert Components(np.ones((9, 2, 2)), 3)(np.ones((4, 2, 2))).shape == (4, 1)  # alike patches have none


def test_a_grid_covers_the_field_evenly_and_goes_there_and_back():
    found = grid(np.argwhere(np.ones((30, 30))), 36)
    assert len(found) == 36
    gaps = np.linalg.norm(np.diff(found, axis=0), axis=1)
    assert gaps.max() <= 5.0 + 1e-9
    assert len(grid(PLACES, 500)) <= 36


def test_direct_goes_to_what_was_found():
    image = np.zeros((30, 30))
    image[20, 10], image[5, 25] = 5.0, 9.0
    places = np.argwhere(np.ones((30, 30)))
    assert direct(places, image, 5)[:2].tolist() == [[5, 25], [20, 10]]
    assert direct(places, image, 2, find=lambda picture: [[3.2, 4.1], [8, 8], [9, 9]]).tolist() == [[3, 4], [8, 8]]
    assert len(bright_spots(image)) == 2
    with pytest.raises(InputError, match="finder"):
        direct(places, image, 2, find=lambda picture: np.empty((0, 2)))


def test_an_experiment_is_an_evaluator_of_patch_and_trial():
    found = Experiment(ReplayInstrument(SCAN), Integral(-1, 1))(None, Trial(0, 0, PLACES[3]))
    assert isinstance(found, EvaluationResult)
