import math

import numpy as np
import pytest
import torch
from botorch.acquisition import PosteriorStandardDeviation
from scipy.integrate import quad
from scipy.stats import norm

from latscape import parts
from latscape.campaign.acquire import UCB, best_mean, resolve_acquisition
from latscape.campaign.choice import optimize_acquisition, propose_candidates
from latscape.errors import InputError
from latscape.gp import ExactGP, predict


@pytest.fixture(scope="module")
def observed():
    return np.random.default_rng(0).uniform(size=(15, 1))


@pytest.fixture(scope="module")
def model(observed):
    noise = 0.2 * np.random.default_rng(1).normal(size=15)
    return ExactGP().fit(observed, np.sin(6 * observed[:, 0]) + noise)


pytestmark = pytest.mark.filterwarnings("ignore::botorch.exceptions.warnings.BotorchWarning")
ACQUISITIONS = parts.part_words("acquisition")
GRID = np.linspace(0, 1, 41)[:, None]


def scores(name, model, observed):
    function = resolve_acquisition(name)(model, torch.as_tensor(observed))
    with torch.no_grad():
        return function(torch.as_tensor(GRID).unsqueeze(1)).numpy()


def test_ei_is_the_integral_of_the_improvement(model, observed):
    mean, std = predict(model, GRID)
    best = best_mean(model, torch.as_tensor(observed))
    integrals = [
        quad(lambda f, m=m, s=s: (f - best) * norm.pdf(f, m, s), best, max(best, m) + 12 * s, epsabs=1e-12)[0]
        for m, s in zip(mean, std, strict=True)
    ]
    np.testing.assert_allclose(scores("ei", model, observed), integrals, rtol=1e-5, atol=1e-10)
    np.testing.assert_allclose(np.exp(scores("log_ei", model, observed)), integrals, rtol=1e-5, atol=1e-10)


def test_noisy_log_ei_is_the_improvement_over_the_best_of_the_observed_functions(model, observed):
    with torch.no_grad():
        joint = model.posterior(torch.as_tensor(np.concatenate([observed, GRID]))).distribution
    mean, covariance = joint.mean.numpy(), joint.covariance_matrix.numpy()
    draws = np.random.default_rng(0).multivariate_normal(mean, covariance, size=20000, method="eigh")
    best = draws[:, : len(observed)].max(axis=1)
    expected = np.maximum(draws[:, len(observed) :] - best[:, None], 0).mean(axis=0)
    np.testing.assert_allclose(np.exp(scores("noisy_log_ei", model, observed)), expected, atol=0.1 * expected.max())


def test_ucb_and_pi_closed_forms(model, observed):
    mean, std = predict(model, GRID)
    best = best_mean(model, torch.as_tensor(observed))
    np.testing.assert_allclose(scores("ucb", model, observed), mean + 2 * std, rtol=1e-6)
    np.testing.assert_allclose(scores(UCB(k=0.5), model, observed), mean + 0.5 * std, rtol=1e-6)
    np.testing.assert_allclose(scores("pi", model, observed), norm.cdf((mean - best) / std), rtol=1e-5, atol=1e-9)


def test_best_is_a_mean_not_a_lucky_draw(observed):
    lucky = np.zeros(15)
    lucky[3] = 5.0
    x = np.zeros((15, 1))  # replicates of one point: fifteen draws, one of them lucky
    assert best_mean(ExactGP().fit(x, lucky, [(0, 1)]), torch.as_tensor(x)) == pytest.approx(lucky.mean(), abs=0.3)


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_propose_finds_the_best_candidate_of_many_chunks(name, model, observed):
    candidates = np.random.default_rng(2).permutation(np.linspace(0, 1, 1300))[:, None]
    points, values = propose_candidates(model, candidates, observed, name)
    function = resolve_acquisition(name)(model, torch.as_tensor(observed))
    with torch.no_grad():
        for chunk in np.array_split(candidates, 13):
            assert function(torch.as_tensor(chunk).unsqueeze(1)).max() <= values[0] * (1 + np.sign(values[0]) * 1e-6)
        assert float(function(torch.as_tensor(points).unsqueeze(1))) == pytest.approx(values[0], rel=1e-5)
    assert points[0] in candidates


@pytest.mark.parametrize("name", [*ACQUISITIONS, lambda model, observed: PosteriorStandardDeviation(model)])
def test_propose_is_deterministic_and_leaves_model_and_global_generators_alone(name, model, observed):
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy(), predict(model, GRID)  # noqa: NPY002
    first = propose_candidates(model, GRID, observed, name, q=3)
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    assert np.array_equal(predict(model, GRID), before[2])
    torch.rand(1)
    second = propose_candidates(model, GRID, observed, name, q=3)
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])


def test_believer_keeps_the_mean_and_shrinks_the_variance(model, observed):
    x = torch.tensor([[0.7]], dtype=torch.float64)
    with torch.no_grad():
        believer = model.condition_on_observations(x, model.posterior(x).mean)
    (mean, std), (believed_mean, believed_std) = predict(model, GRID), predict(believer, GRID)
    np.testing.assert_allclose(believed_mean, mean, atol=1e-6)
    assert (believed_std <= std + 1e-9).all()


def test_a_pending_point_counts_like_one_chosen_before(model, observed):
    both, values = propose_candidates(model, GRID, observed, "ucb", q=2)
    after, value = propose_candidates(model, GRID, observed, "ucb", q=1, pending=both[:1])
    assert np.array_equal(after[0], both[1])
    assert value[0] == pytest.approx(values[1], rel=1e-12)
    assert not np.array_equal(both[0], both[1])


def test_a_point_may_be_measured_again(model, observed):
    points, _ = propose_candidates(model, observed, observed, "ei", q=20)  # more wanted than there are
    assert len(points) == 20


def test_unknown_names_are_listed():
    with pytest.raises(InputError, match="ei, log_ei, noisy_log_ei, ucb, pi, std, thompson") as caught:
        propose_candidates(None, GRID, GRID, "EI")
    assert "'EI'" in str(caught.value)


def test_ei_keeps_its_argmax_when_improvements_are_tiny():
    x = np.linspace(0, 1, 12)[:, None]
    flat = ExactGP().fit(x, -((x[:, 0] - 0.45) ** 2))
    points, values = propose_candidates(flat, GRID, x, "ei")
    assert abs(points[0, 0] - 0.45) < 0.1
    assert math.isfinite(values[0])
    assert values[0] > 0


@pytest.mark.parametrize("acquire", ["ei", "log_ei", "ucb", "std"])
def test_a_lazy_batch_is_the_batch_of_all_scores(acquire, model, observed, monkeypatch):
    monkeypatch.setattr("latscape.campaign.choice.CHUNK", 16)  # many parts of the candidates, few of them looked at
    candidates = np.random.default_rng(3).uniform(size=(300, 1))
    cost = 0.3 * candidates[:, 0]
    options = {"q": 6, "cost": lambda chosen: cost, "available": lambda chosen: candidates[:, 0] > 0.1}
    lazy = optimize_acquisition(model, candidates, observed, acquire, **options)
    monkeypatch.setattr("latscape.campaign.choice.SHRINKING", ())
    full = optimize_acquisition(model, candidates, observed, acquire, **options)
    assert lazy.indices == full.indices
    np.testing.assert_allclose(lazy.values, full.values, rtol=1e-9)
    assert np.array_equal(lazy.scores, full.scores)
