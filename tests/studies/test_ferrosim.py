import numpy as np
import pytest

from latscape.campaign import Campaign
from latscape.campaign.local import run_alternating
from latscape.errors import InputError
from latscape.physics.ferrosim import FerroSIM, curl_sum, random_field
from latscape.report.study import content_of, write_study_report
from latscape.studies.catalogue import definition_of
from latscape.studies.ferrosim_hamiltonian import Settings, coarse_grid, enough, observe
from latscape.studies.ferrosim_history import Settings as HistorySettings
from latscape.studies.ferrosim_history import coercive_lags
from latscape.studies.histories import Histories, default_histories, with_components
from latscape.studies.study import NamedStudy
from latscape.trajectories import TrajectorySpace, damped_sine_family

SMALL = Histories(FerroSIM(6, field=random_field(6, 0.3)), hold=10)


def test_a_history_is_held_at_its_last_field():
    fields = SMALL.fields(np.array([[1.0, 2.0, 3.0]]))
    np.testing.assert_array_equal(fields[0, :, 1], [1, 2, 3] + [3] * 10)
    assert not fields[0, :, 0].any()
    two = with_components(SMALL, 2).fields(np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]))
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
    space = TrajectorySpace([damped_sine_family()], length=60, draws=40, cycles=2, grid=4).fit()
    campaign = Campaign(space, seed=0)
    values = iter([1.0, 1e6, 1.0])

    def evaluate(history):
        return SMALL(history * next(values))

    if alternating:
        run_alternating(campaign, space.bounds_, evaluate, starts=2, budget=3)
    else:
        campaign.run(evaluate, starts=3, budget=3, evaluate_optimum=False)
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
    settings = Settings(size=6, steps=400, duration=20.0)
    found = observe(settings, np.array([[1.37, 0.53], [0.2, 0.1]]))["match"]
    assert found[0] == 0.0
    assert found[1] < -1e-3


def test_the_coarsest_grid_that_is_enough():
    """The parameters to be found lie in the middle: no grid of 2 x 2 holds it, the one of 3 x 3 does."""
    settings = Settings(size=4, steps=300, duration=10.0, grid=5, true_coupling=1.5, true_depolarization=0.75)
    points = np.stack(np.meshgrid(np.linspace(0, 3, 5), np.linspace(0, 1.5, 5), indexing="ij"), -1).reshape(-1, 2)
    match = observe(settings, points)["match"]
    np.testing.assert_array_equal(np.flatnonzero(enough(match)), [12])
    assert coarse_grid(settings, "match", match) == 9
    np.testing.assert_array_equal(enough(np.array([0.0, 0.5, 0.995, 1.0])), [False, False, True, True])


TINY = {
    "ferrosim-hamiltonian": {"size": 4, "steps": 300, "duration": 10.0, "grid": 4, "searches": 1, "budget": 7},
    "ferrosim-history": {
        "size": 5,
        "length": 60,
        "hold": 10,
        "draws": 60,
        "cycles": 3,
        "grid": 6,
        "starts": 4,
        "budget": 6,
        "beyond": 5,
        "joint": 5,
    },
}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", sorted(TINY))
def test_the_study_runs_and_its_page_is_drawn_at_every_stage(name, tmp_path):
    definition = definition_of(name)
    study = NamedStudy.create(name, definition, definition.choose("quick", TINY[name]), tmp_path)
    assert content_of(study).headline == ["Nothing was found yet."]
    study.run()
    page = write_study_report(study).read_text(encoding="utf-8")
    assert study.finished
    assert all(sentence in page or "&" in page for sentence in content_of(study).headline)
    if name == "ferrosim-history":
        surface = study.arrays("surface")
        assert study.numbers("surface")["surface"]["grid_best"] == surface["truth"].max()
        target = default_histories(5, hold=10)
        np.testing.assert_allclose(target.values(surface["best"][None])[0], surface["truth"].max(), rtol=1e-6)
    else:
        needed = study.numbers("search")["needed"]
        assert all(one is None or 1 <= one <= 7 for runs in needed.values() for one in runs)


@pytest.mark.parametrize("changes", [{"budget": -3}, {"starts": 0}, {"grid": 1}, {"length": 2}, {"joint": -1}])
def test_a_history_study_that_could_not_be_carried_out_is_refused_before_it_begins(changes):
    (name,) = changes
    with pytest.raises(InputError, match=f"Expected {name} of at least"):
        HistorySettings(**changes)
