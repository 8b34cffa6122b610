from dataclasses import replace

import numpy as np
import pytest

from latscape.campaign import Campaign
from latscape.campaign.trust_region import run_alternating
from latscape.errors import InputError
from latscape.physics.ferrosim import FerroSIM, curl_sum, random_field
from latscape.runs import Run, run_kind, write_report
from latscape.runs.page import page_of
from latscape.studies.ferrosim_hamiltonian import stages
from latscape.studies.ferrosim_hamiltonian.spec import HamiltonianSpec
from latscape.studies.ferrosim_hamiltonian.stages import OBSERVABLES, coarse_grids, loop_to_match, observe, optimal
from latscape.studies.ferrosim_history.histories import Histories, coercive_lags, default_histories
from latscape.studies.ferrosim_history.spec import HistorySpec
from latscape.trajectories import TrajectorySpace, damped_sine_family

SMALL = Histories(FerroSIM(6, field=random_field(6, 0.3)), hold=10)


def test_a_history_is_held_at_its_last_field():
    fields = SMALL.fields(np.array([[1.0, 2.0, 3.0]]))
    np.testing.assert_array_equal(fields[0, :, 1], [1, 2, 3] + [3] * 10)
    assert not fields[0, :, 0].any()
    two = replace(SMALL, components=2).fields(np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]))
    np.testing.assert_array_equal(two[0, :3], [[1, 4], [2, 5], [3, 6]])
    np.testing.assert_array_equal(
        Histories(SMALL.simulator, 0, scale=2.0).fields([[1.0, 2.0, 3.0]])[0, :, 1], [2, 4, 6]
    )


def test_the_value_of_one_history_is_that_among_many():
    curves = damped_sine_family()(5, 60, np.random.default_rng(0))
    values = SMALL.values(curves, chunk=2)
    np.testing.assert_allclose(values, [SMALL(curve).value for curve in curves], rtol=1e-6)
    np.testing.assert_allclose(values, curl_sum(SMALL.run(curves).final))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("alternating", [False, True])
def test_an_unstable_history_is_a_failed_evaluation_with_its_reason(alternating):
    space = TrajectorySpace([damped_sine_family()], length=60, draws=40, epochs=2, grid=4).fit()
    campaign = Campaign(space, seed=0)
    values = iter([1.0, 1e6, 1.0])

    def evaluate(history):
        return SMALL(history * next(values))

    if alternating:
        run_alternating(campaign, space.bounds_, evaluate, n_initial=2, budget=3)
    else:
        campaign.run(evaluate, n_initial=3, budget=3, evaluate_optimum=False)
    rows = campaign.record.evaluations()
    assert [one.status for one in rows] == ["done", "failed", "done"]
    assert "time step below" in str(rows[1].error)


def test_the_lag_is_counted_from_the_zero_to_the_next_maximum():
    mean = np.array([[-2.0, -1.0, 1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]])
    curl = np.array([[0.0, 1.0, 2.0, 3.0, 1.0, 0.0], np.arange(6.0)])
    lags, without = coercive_lags(mean, curl)
    assert lags.tolist() == [2.0]
    assert without == 0


def test_the_loop_to_be_matched_is_matched_by_its_own_parameters():
    spec = HamiltonianSpec(sites=6, length=400, duration=20.0)
    found = observe(spec, np.array([[1.37, 0.53], [0.2, 0.1]]), loop_to_match(spec))["match"]
    assert found[0] == 0.0
    assert found[1] < -1e-3


def test_the_coarsest_grid_that_is_enough(tmp_path):
    """The parameters to be found lie in the middle: no grid of 2 x 2 holds it, the one of 3 x 3 does."""
    small = {"sites": 4, "length": 300, "duration": 10.0, "grid_points": 5}
    spec = HamiltonianSpec(**small, true_coupling=1.5, true_depolarization=0.75)
    run = Run.create(run_kind("ferrosim-hamiltonian"), spec, tmp_path / "run")
    points = np.stack(np.meshgrid(np.linspace(0, 3, 5), np.linspace(0, 1.5, 5), indexing="ij"), -1).reshape(-1, 2)
    seen = observe(spec, points, loop_to_match(spec))
    np.testing.assert_array_equal(np.flatnonzero(optimal(seen["match"])), [12])
    assert coarse_grids(run, seen)["match"] == 9
    np.testing.assert_array_equal(optimal(np.array([0.0, 0.5, 0.995, 1.0])), [False, False, True, True])


TINY = {
    "ferrosim-hamiltonian": {
        "sites": 4,
        "length": 300,
        "duration": 10.0,
        "grid_points": 4,
        "n_campaigns": 1,
        "budget": 7,
    },
    "ferrosim-history": {
        "sites": 5,
        "length": 60,
        "hold": 10,
        "space_draws": 60,
        "space_epochs": 3,
        "grid_points": 6,
        "n_initial": 4,
        "budget": 6,
        "beyond_budget": 5,
        "joint_budget": 5,
    },
}


def begin(name, folder):
    kind = run_kind(name)
    return Run.create(kind, kind.spec.choose("quick", TINY[name]), folder)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", sorted(TINY))
def test_the_study_runs_and_its_page_is_drawn_at_every_stage(name, tmp_path):
    run = begin(name, tmp_path / "run")
    story = run.kind.story
    assert story.headline(run) == ["Nothing was found yet."]
    write_report(run)
    run.run()
    page = write_report(run).read_text(encoding="utf-8")
    assert run.finished
    assert not run.file("partial").exists()
    assert all(sentence in page or "&" in page for sentence in story.headline(run))
    if name == "ferrosim-history":
        surface = run.arrays("surface")
        assert run.numbers("surface")["surface"]["grid_best"] == surface["truth"].max()
        target = default_histories(5, hold=10)
        np.testing.assert_allclose(target.values(surface["best"][None])[0], surface["truth"].max(), rtol=1e-6)
        assert story.line(run) == {"best_value": run.numbers("search")["search"]["best"]}
    else:
        needed = run.numbers("search")["needed"]
        assert all(one is None or 1 <= one <= 7 for runs in needed.values() for one in runs)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", sorted(TINY))
def test_a_study_that_is_stopped_again_and_again_finds_the_same(name, tmp_path):
    whole = begin(name, tmp_path / "whole")
    whole.run()
    run, seen, stops = begin(name, tmp_path / "cut"), set(), 0

    def stop_at_new(stage, done, total, note):
        """Once at every second step, so that some steps are done after all."""
        if done % 2 and (stage, done, note.partition(" ")[0]) not in seen:
            seen.add((stage, done, note.partition(" ")[0]))
            raise KeyboardInterrupt

    while not run.finished:
        try:
            run.run(stop_at_new)
        except KeyboardInterrupt:
            stops += 1
            run.record.close()
            run = Run.open(tmp_path / "cut", readonly=False)
            page_of(run)
    assert stops > 5
    for stage in whole.kind.stages.order:
        assert run.numbers(stage) == whole.numbers(stage)
        for key, values in whole.arrays(stage).items():
            np.testing.assert_array_equal(run.arrays(stage)[key], values)


def test_the_loop_to_be_matched_is_simulated_once_a_stage(tmp_path, monkeypatch):
    simulated = []

    def simulate(spec, parameters):
        simulated.append(np.asarray(parameters).tolist())
        return original(spec, parameters)

    original = stages.simulate
    monkeypatch.setattr(stages, "simulate", simulate)
    run = begin("ferrosim-hamiltonian", tmp_path / "run")
    run.run()
    assert simulated.count([[1.37, 0.53]]) == 2
    assert len(simulated) == 2 + 1 + 2 + len(OBSERVABLES) * 7  # the aims, the grid, two coarse ones, the campaigns


@pytest.mark.parametrize(
    "changes",
    [{"budget": -3}, {"n_initial": 0}, {"grid_points": 1}, {"length": 2}, {"joint_budget": -1}, {"budget": 10}],
)
def test_a_history_study_that_could_not_be_carried_out_is_refused_before_it_begins(changes):
    (name,) = changes
    with pytest.raises(InputError, match=f"Expected --{name.replace('_', '-')} of at least"):
        HistorySpec(**changes)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"start": "zero"}, "Try --initial-state"),
        ({"starts": 3}, "Try --n-initial"),
        ({"grid": 3}, "Try --grid-points"),
        ({"acquire": "ucb10"}, "Try --acquire ucb"),
    ],
)
def test_words_of_earlier_versions_are_answered_with_those_of_now(changes, told):
    with pytest.raises(InputError, match=told):
        HistorySpec(**changes)


def test_parameters_that_do_not_fit_a_word_show_before_there_is_a_folder(tmp_path):
    with pytest.raises(InputError, match="Expected ucb"):
        Run.create(run_kind("ferrosim-history"), HistorySpec(acquire="ucb:much"), tmp_path / "run")
    assert not (tmp_path / "run").exists()
