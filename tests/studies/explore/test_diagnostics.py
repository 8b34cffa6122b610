"""Doubts about an experiment: each is raised where it should be, and a good run raises none."""

import numpy as np
import pytest

from latscape.campaign import Campaign, Candidates
from latscape.metrics.roughness import roughness
from latscape.studies.explore.diagnostics import diagnostics, one_step_predictions, skill

PLACES = np.argwhere(np.ones((14, 14))).astype(float)
RNG = np.random.default_rng(0)
FEATURE = RNG.uniform(-1, 1, size=(196, 1))


def run(score, starts=12):
    campaign = Campaign(Candidates(FEATURE, PLACES), seed=0)
    rows = campaign.run(score, n_initial=starts, budget=32, batch=5, maps=True, evaluate_optimum=False).evaluations
    index = {tuple(place): k for k, place in enumerate(PLACES)}
    measured = np.array([index[tuple(one.point)] for one in rows])
    return rows, measured, one_step_predictions(campaign.record, rows, dict(enumerate(measured)))


def test_a_run_that_learns_raises_none():
    rows, measured, predictions = run(lambda patch: float(np.sin(3 * patch[0])))
    assert len(predictions) == 20
    assert np.array_equal(predictions[:, 1], [one.value for one in rows[12:]])
    assert skill(predictions) > 0.8
    assert diagnostics(rows, FEATURE, measured, predictions) == []


def test_a_run_without_a_model_predicted_nothing():
    campaign = Campaign(Candidates(FEATURE, PLACES), seed=0)
    rows = campaign.run(
        lambda patch: 1.0, n_initial=PLACES[:9], budget=9, maps=True, evaluate_optimum=False
    ).evaluations
    predictions = one_step_predictions(campaign.record, rows, dict(enumerate(range(9))))
    assert predictions.shape == (0, 3)
    assert diagnostics(rows, FEATURE, np.arange(9), predictions) == []


def test_noise_is_not_foreseen():
    rows, measured, predictions = run(lambda patch, trial: float(np.random.default_rng(trial.seed).normal()))
    assert skill(predictions) < 0.1
    predictions[:, 0] += 3.0 * RNG.normal(size=len(predictions))  # a network that explains noise
    (said,) = diagnostics(rows, FEATURE, measured, predictions)
    assert "not foreseen" in said


def test_starts_in_one_phase_look_alike():
    starts = PLACES[np.argsort(FEATURE[:, 0])[-12:]]
    rows, measured, predictions = run(lambda patch: float(patch[0]), starts)
    assert "look alike" in diagnostics(rows, FEATURE, measured, predictions)[0]


def test_an_embedding_on_a_line_has_collapsed_and_one_over_a_plane_has_not():
    rows, measured, predictions = run(lambda patch: float(patch[0]))
    line = FEATURE @ np.array([[1.0, -2.0]])
    assert "collapsed" in diagnostics(rows, FEATURE, measured, predictions, line)[0]
    assert diagnostics(rows, FEATURE, measured, predictions, RNG.normal(size=(196, 2))) == []


def test_roughness_of_what_is_smooth_and_of_what_is_not():
    x = RNG.uniform(size=(800, 2))
    smooth, noise = np.sin(4 * x[:, 0]), RNG.normal(size=800)
    assert roughness(x, smooth) < 0.02
    assert roughness(x, noise) == pytest.approx(1.0, abs=0.1)
    assert roughness(x, smooth + smooth.std() / noise.std() * noise) == pytest.approx(0.5, abs=0.07)
    assert roughness(x, np.ones(800)) == 0.0
