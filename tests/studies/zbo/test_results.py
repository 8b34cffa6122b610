import math

import numpy as np
import pytest
from scipy.stats import spearmanr

from latscape.campaign.evaluation import Evaluation
from latscape.studies.zbo import words
from latscape.studies.zbo.objective import build_objective
from latscape.studies.zbo.page import comparison_table, correlation_table
from latscape.studies.zbo.results import comparison, evaluations, mean_objective, rank_correlations

from .helpers import LEAST, create

pytestmark = pytest.mark.xdist_group("zbo runs")  # by one worker, which makes the runs once


def evaluation(index, **metrics):
    return Evaluation(index, "acquired", np.zeros(2), np.zeros(3), 0, "done", 1.0, metrics=metrics)


def test_rank_correlations_are_those_of_the_recorded_numbers():
    generator = np.random.default_rng(0)
    rows = [
        dict(zip(("l1", "l2", "elbo", "accuracy", "nmi"), generator.uniform(size=5), strict=True)) for _ in range(12)
    ]
    found = rank_correlations([evaluation(i, **row) for i, row in enumerate(rows)])
    column = {name: [row[name] for row in rows] for name in rows[0]}
    column["l1-l2"] = [row["l1"] - row["l2"] for row in rows]
    for name, by_truth in found.items():
        for truth, rho in by_truth.items():
            assert rho == pytest.approx(spearmanr(column[name], column[truth]).statistic)
    assert set(found) == {"l1", "l2", "l1-l2", "elbo"}


def test_a_number_that_never_varies_has_no_rank_correlation():
    found = rank_correlations([evaluation(i, l1=1.0, l2=i, elbo=-i, accuracy=i / 9, nmi=0.5) for i in range(4)])
    assert math.isnan(found["l1"]["accuracy"])
    assert found["elbo"]["accuracy"] == pytest.approx(-1.0)
    assert correlation_table(found).rows[0] == ["l1", "–", "–"]


def test_without_labels_or_with_two_evaluations_there_is_no_correlation():
    assert rank_correlations([evaluation(i, l1=i, l2=0.0, elbo=0.0) for i in range(9)]) == {}
    assert rank_correlations([evaluation(i, l1=i, l2=i, elbo=i, accuracy=i, nmi=i) for i in range(2)]) == {}


def test_the_objective_of_a_contender_is_the_mean_over_its_seeds():
    rows = [{"l1": 3.0, "l2": 1.0}, {"l1": 5.0, "l2": 2.0}]
    assert mean_objective(rows, build_objective("l1")) == 4.0
    assert mean_objective(rows, build_objective("l1-l2")) == 2.5
    assert mean_objective(rows, build_objective("agreement")) is None
    assert mean_objective([], build_objective("l1")) is None


def test_the_summary_holds_what_the_record_holds(mnist):
    found, values = mnist.summary(), {e.role: [] for e in evaluations(mnist)}
    for one in evaluations(mnist):
        values[one.role].append(one.value)
    assert found["best_value"] == max(value for some in values.values() for value in some)
    assert found["initial_best_value"] == max(values["start"])
    assert found["optimum_value"] == values["optimum"][0]
    assert found["constant_value"] == mnist.numbers("baseline")["metrics"]["l1"]
    assert found["models"]["zbo"]["accuracy"] == comparison(mnist)["zbo"][0]["accuracy"]
    assert (found["evaluations"], found["failed"], found["finished"]) == (4, 0, True)
    assert found["stopped"] == "budget of 3 evaluations spent"


def test_without_labels_scores_by_labels_are_null(unlabelled):
    models = unlabelled.summary()["models"]
    assert {models[key]["accuracy"] for key in models} == {None}
    elbos = [row["elbo"] for row in comparison(unlabelled)["zbo"]]
    assert len(elbos) == 2
    assert models["zbo"]["elbo"] == pytest.approx(np.mean(elbos))


@pytest.fixture
def compared(tmp_path):
    """A function that says the headline of a run with these accuracies."""

    def headline(rows=1, **accuracy):
        run = create(tmp_path / f"{rows}-{accuracy['zbo']}", repeats=rows, **LEAST)
        for key, value in accuracy.items():
            for k in range(rows):
                run.record.put(f"comparison/{key}/{k}", {"accuracy": value, "seconds": 1.0})
        return words.headline(run)

    return headline


def test_the_headline_says_so_when_zbo_did_not_win(compared):
    first = compared(vae=0.3, constant=0.4, hand_made=0.71, zbo=0.62)[0]
    assert "zBO did not win: the hand-made schedule did better" in first
    assert "62%" in first
    assert "71%" in first
    assert "did not win" not in compared(vae=0.3, constant=0.4, hand_made=0.5, zbo=0.63)[0]


@pytest.mark.parametrize(("rho", "said"), [(-0.6, "wrong way"), (0.1, "little"), (0.5, "some"), (0.9, "well")])
def test_the_worth_of_the_objective_is_said_in_words(mnist, monkeypatch, rho, said):
    monkeypatch.setattr(words, "rank_correlations", lambda evaluations: {"l1": {"accuracy": rho}})
    (sentence,) = [one for one in words.headline(mnist) if "rank correlation" in one]
    assert f"{rho:+.2f}" in sentence
    assert said in sentence


def test_one_seed_is_called_no_statistics(compared):
    assert any("one seed is no statistics" in sentence for sentence in compared(zbo=0.5, constant=0.4))
    assert not any("no statistics" in sentence for sentence in compared(rows=3, zbo=0.5, constant=0.4))


def test_several_seeds_have_a_deviation_and_the_best_stands_out():
    table = {"vae": [{"accuracy": 0.4}, {"accuracy": 0.6}], "zbo": [{"accuracy": 0.7}, {"accuracy": 0.7}]}
    found = comparison_table(table)
    assert found.rows[0][1] == "0.500 ± 0.141"
    assert found.best == {(1, 1)}
