"""Surrogates weighed by what they foretell."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from gp.contracts import SurrogateContract
from latscape import Campaign, Candidates
from latscape.errors import InputError
from latscape.gp import DeepKernel, ExactGP, StackedSurrogate, predict
from latscape.gp.mixture import Mixture
from latscape.gp.stacked import foretell, stacking
from latscape.gp.surrogate import refit


class TestStacked(SurrogateContract):
    def surrogate(self):
        return StackedSurrogate((ExactGP(), ExactGP("matern")), folds=3)


def test_weights_are_those_that_maximize_the_held_out_log_density():
    density = torch.from_numpy(np.random.default_rng(0).normal(-1, 1, (40, 3)))

    def loss(free):
        logits = torch.log_softmax(torch.tensor([*free, 0.0], dtype=torch.float64), 0)
        return -float(torch.logsumexp(density + logits, 1).sum())

    best = minimize(loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    np.testing.assert_allclose(stacking(density), torch.softmax(torch.tensor([*best.x, 0.0]), 0), atol=2e-3)


def test_the_surrogate_that_foretells_gets_the_weight():
    generator = np.random.default_rng(0)
    x = generator.uniform(0, 1, (40, 2))
    y = 3 * x[:, 0] + 0.1 * generator.normal(size=40)
    knowing, blind = ExactGP(groups=((0,),)), ExactGP(groups=((1,),))
    model = StackedSurrogate((blind, knowing)).fit(x, y, [(0, 1)] * 2)
    assert model.weights[1] > 0.95
    alone = predict(knowing.fit(x, y, [(0, 1)] * 2), x)[0]
    assert np.corrcoef(predict(model, x)[0], alone)[0, 1] > 0.99


def test_a_network_that_remembers_noise_loses_its_weight():
    generator = np.random.default_rng(1)
    x, y = generator.normal(size=(60, 25)), generator.normal(size=60)
    deep = DeepKernel(decay=0.0, tolerance=1e-9, steps=150)
    plain = ExactGP(noise="broad", groups=((0, 1),))
    model = StackedSurrogate((plain, deep), folds=3).fit(x, y)
    sure = predict(deep.fit(x, y), generator.normal(size=(50, 25)))[0]
    assert model.weights[0] > 0.8
    assert predict(model, generator.normal(size=(50, 25)))[0].std() < 0.5 * sure.std()


def test_weights_are_found_again_only_when_the_data_have_grown():
    generator = np.random.default_rng(2)
    x = generator.uniform(0, 1, (40, 2))
    y = np.sin(5 * x[:, 0])
    surrogate = StackedSurrogate((ExactGP(), ExactGP("matern")), growth=0.5)
    first = refit(surrogate, x[:20], y[:20], field=x)
    kept = refit(surrogate, x[:29], y[:29], field=x, previous=first)
    again = refit(surrogate, x[:30], y[:30], field=x, previous=kept)
    assert torch.equal(kept.weights, first.weights)
    assert (first.weighed_with, kept.weighed_with, again.weighed_with) == (20, 20, 30)
    assert not torch.equal(again.weights, first.weights)


def test_few_values_are_weighed_equally():
    model = StackedSurrogate((ExactGP(), ExactGP("matern")), folds=4).fit([[0.0], [0.4], [1.0]], [0.0, 1.0, 0.5])
    assert model.weights.tolist() == [0.5, 0.5]


def test_what_is_foretold_has_the_noise_in_it():
    x, y = np.random.default_rng(3).uniform(size=(20, 1)), np.random.default_rng(4).normal(size=20)
    model = ExactGP(noise="broad").fit(x, y)
    mean, std = predict(model, x[:5])
    noise = model.likelihood.noise.item() * y.std(ddof=1) ** 2
    found = foretell(model, torch.from_numpy(x[:5]))
    np.testing.assert_allclose(found, (mean, np.sqrt(std**2 + noise)), rtol=1e-5)


class TooSure:
    """Right on average, with deviations ten times too small."""

    def fit(self, X, Y, bounds=None):
        return Mixture([ExactGP(noise="broad").fit(X, Y, bounds)], scales=[0.1])


def test_one_that_is_too_sure_becomes_as_sure_as_it_may_be():
    generator = np.random.default_rng(9)
    x = generator.uniform(size=(300, 2))
    y = np.sin(5 * x[:, 0]) + 0.3 * generator.normal(size=300)
    model = StackedSurrogate((TooSure(),)).fit(x[:60], y[:60])
    mean, deviation = foretell(model, torch.from_numpy(x[60:]))
    assert 0.9 < np.mean(np.abs(y[60:] - mean.numpy()) < 2 * deviation.numpy()) < 0.99
    mean, deviation = foretell(TooSure().fit(x[:60], y[:60]), torch.from_numpy(x[60:]))
    assert np.mean(np.abs(y[60:] - mean.numpy()) < 2 * deviation.numpy()) < 0.3


def test_the_map_is_that_of_the_part_that_has_one():
    x = np.random.default_rng(5).normal(size=(20, 4))
    model = StackedSurrogate((ExactGP(), DeepKernel(steps=3)), folds=2).fit(x, x[:, 0])
    np.testing.assert_array_equal(model.embed(x), model.models[1].embed(x))
    assert not hasattr(Mixture([model.models[0]]), "embed")


def test_a_campaign_with_it_is_resumed_from_its_record(tmp_path):
    places = np.argwhere(np.ones((6, 6))).astype(float)
    patches = np.random.default_rng(6).normal(size=(36, 3))
    surrogate = StackedSurrogate((ExactGP(groups=((0,), (1, 2))), DeepKernel(steps=3)), folds=2)
    campaign = Campaign(Candidates(patches, places), surrogate, seed=0, record=tmp_path / "run")
    campaign.run(lambda patch: float(patch[0]), n_initial=8, budget=10, evaluate_optimum=False)
    campaign.record.close()
    again = Campaign.resume(tmp_path / "run", Candidates(patches, places))
    assert again.surrogate == surrogate
    result = again.run(lambda patch: float(patch[0]), n_initial=8, budget=12, evaluate_optimum=False)
    assert len(result.evaluations) == 12


@pytest.mark.parametrize("options", [{"surrogates": ()}, {"folds": 1}, {"growth": -1.0}])
def test_impossible_options_are_refused(options):
    with pytest.raises(InputError, match="at least two folds"):
        StackedSurrogate(**options)


@pytest.mark.parametrize("weights", [[1.0], [1.0, -1.0], [0.0, 0.0], [np.nan, 1.0]])
def test_weights_that_are_none_are_refused(weights):
    model = ExactGP().fit([[0.0], [1.0]], [0.0, 1.0])
    with pytest.raises(InputError, match="2 weights"):
        Mixture([model, model], weights)
    with pytest.raises(InputError, match="2 positive scales"):
        Mixture([model, model], scales=weights)
