"""The objective is Table 2 of the paper, computed here once more in plain loops with scikit-image."""

import itertools

import numpy as np
import pytest
from skimage.metrics import structural_similarity

import latscape as ls
from latscape.autoencoders import train
from latscape.campaign.evaluate import Trial
from latscape.data.digits import mnist
from latscape.metrics.clustering import ensemble_agreement
from latscape.random import derive_seed
from latscape.studies.zbo.objective import TrainAndScore, build_objective

PAIRS = np.array([[0, 1], [2, 5], [3, 8]])


def build(trajectory, seed):
    return ls.jrvae(3, beta_c=trajectory, epochs=len(trajectory), batch=20, seed=seed)


@pytest.fixture(scope="module")
def digits():
    return mnist(n=120)


def evaluator(digits, objective, **options):
    images, labels = digits.images, digits.labels
    return TrainAndScore(build, images[:60], images[60:], build_objective(objective), 3, PAIRS, labels[60:], **options)


def loss(a, b):
    return 1.0 - structural_similarity(a, b, data_range=1.0)


def test_l1_and_l2_are_the_sums_of_the_paper(digits):
    trajectory = np.array([5.0, 2.0, 1.0])
    outcome = evaluator(digits, "l1-l2")(trajectory, Trial(0, seed=7))
    manifold = build(trajectory, 7).fit(digits.images[:60]).manifold(size=3).astype(float)
    l1 = sum(
        np.mean([loss(a, b) for a, b in zip(manifold[i], manifold[j], strict=True)])
        for i, j in itertools.combinations(range(3), 2)
    )
    l2 = sum(np.mean([loss(one[a], one[b]) for a, b in PAIRS]) for one in manifold)
    assert outcome.metrics["l1"] == pytest.approx(l1, abs=1e-4)
    assert outcome.metrics["l2"] == pytest.approx(l2, abs=1e-4)
    assert outcome.value == pytest.approx(l1 - l2, abs=1e-4)


def test_information_is_that_of_the_held_out_classes(digits):
    trajectory = np.full(2, 3.0)
    found = evaluator(digits, "information")(trajectory, Trial(0, seed=5)).value
    probs = build(trajectory, 5).fit(digits.images[:60]).predict_proba(digits.images[60:]).astype(float)
    joint = probs / len(probs)
    product = joint.sum(axis=0, keepdims=True) * joint.sum(axis=1, keepdims=True)
    assert found == pytest.approx((joint * np.log(joint / product)).sum(), rel=1e-4)


def test_the_objective_never_sees_the_labels(digits):
    with_labels = evaluator(digits, "l1")(np.full(2, 3.0), Trial(0, seed=1))
    blind = TrainAndScore(build, digits.images[:60], digits.images[60:], build_objective("l1"), 3, PAIRS)
    assert blind(np.full(2, 3.0), Trial(0, seed=1)).value == with_labels.value
    assert "accuracy" in with_labels.metrics


def test_the_trajectory_weighs_the_epochs_it_says(digits):
    trial = Trial(0, seed=1)
    evaluator(digits, "elbo")(np.array([4.0, 0.0]), trial)
    curves = {name: np.array(values) for name, values in trial.curves().items()}
    rest = curves["reconstruction"] + curves["kl_discrete"]
    np.testing.assert_allclose(curves["loss"] - rest, [4.0, 0.0] * curves["kl_continuous"], atol=1e-3)


def test_agreement_is_that_of_an_ensemble_of_other_seeds(digits):
    trajectory, trial = np.full(2, 3.0), Trial(0, seed=5)
    found = evaluator(digits, "agreement:2")(trajectory, trial).value
    seeds = (5, derive_seed(5, "member", 1))
    predictions = [build(trajectory, seed).fit(digits.images[:60]).predict(digits.images[60:]) for seed in seeds]
    assert found == pytest.approx(ensemble_agreement(predictions))


def test_a_hopeless_training_is_scored_as_it_is_by_then(digits):
    trajectory, asked = np.full(4, 3.0), []

    def prune(value, earlier):
        asked.append((value, list(earlier)))
        return len(asked) == 2

    trial = Trial(0, seed=7, prune=prune, earlier={0.0: [0.1], 2.0: [0.2]})
    outcome = evaluator(digits, "l1", looks=(1, 3))(trajectory, trial)
    shorter = build(trajectory, 7).fit(digits.images[:60], until=lambda epoch, model: epoch == 2)
    assert len(shorter.history_["loss"]) == 3
    assert [earlier for _, earlier in asked] == [[0.1], [0.2]]
    assert outcome.metrics["epochs"] == 3
    assert outcome.value == asked[1][0] == evaluator(digits, "l1").score([shorter]).value


@pytest.mark.parametrize(
    ("objective", "looks", "cut"),
    [("l1", (), 2), ("l1", (1, 3), 1), ("l1", (1, 3), 3), ("agreement:2", (), 3), ("agreement:2", (), 4)],
)
def test_an_evaluation_that_is_stopped_goes_on_where_it_was(digits, tmp_path, monkeypatch, objective, looks, cut):
    trajectory, rule = np.array([5.0, 4.0, 3.0, 2.0]), {"prune": lambda value, earlier: False}
    whole = Trial(3, seed=7, **rule)
    expected = evaluator(digits, objective, looks=looks)(trajectory, whole)

    trained = []  # numbers of the epochs, by sitting

    def epoch(run, *others, one=train._epoch):
        if len(trained) == 1 and len(trained[0]) == cut:
            raise KeyboardInterrupt
        trained[-1].append(run.epoch)
        return one(run, *others)

    monkeypatch.setattr(train, "_epoch", epoch)
    resumable = evaluator(digits, objective, looks=looks, checkpoint=tmp_path / "state")
    trained.append([])
    with pytest.raises(KeyboardInterrupt):
        resumable(trajectory, Trial(3, seed=7, **rule))
    trained.append([])
    trial = Trial(3, seed=7, **rule)
    outcome = resumable(trajectory, trial)
    assert trained[0] + trained[1] == [0, 1, 2, 3] * resumable.objective.members
    assert trial.curves() == whole.curves()
    assert (outcome.value, outcome.metrics) == (expected.value, expected.metrics)
    assert list(tmp_path.iterdir()) == []


def test_a_hopeless_evaluation_stays_so_if_it_is_stopped_before_it_is_scored(digits, tmp_path, monkeypatch):
    resumable = evaluator(digits, "l1", looks=(2,), checkpoint=tmp_path / "state")
    trajectory, rule = np.full(4, 3.0), {"prune": lambda value, earlier: True}

    def stopped(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TrainAndScore, "score", stopped)
        with pytest.raises(KeyboardInterrupt):
            resumable(trajectory, Trial(0, seed=7, **rule))
    trial = Trial(0, seed=7, **rule)
    assert resumable(trajectory, trial).metrics["epochs"] == 2
    assert trial.curves()["step"] == [0.0, 1.0]


def test_a_function_of_the_scores_is_an_objective_too(digits, monkeypatch):
    monkeypatch.setattr("latscape.parts.registry._registered", {})  # for this test alone

    @ls.register("objective", "test-half-l1")
    def half(scores):
        return scores["l1"] / 2

    found = evaluator(digits, "test-half-l1")(np.full(2, 3.0), Trial(0, seed=1))
    assert found.value == found.metrics["l1"] / 2
