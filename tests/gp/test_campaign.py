"""Surrogates in the loop: what the campaign must leave to them."""

import numpy as np
import torch
from torch.distributions import Normal

import latscape as ls


def parabola(x, p):
    return p["top"] - 40.0 * (x[:, 0] - p["at"]) ** 2


def test_a_mean_in_units_of_the_data_is_fitted_to_values_in_these_units():
    priors = {"top": Normal(100.0, 1.0), "at": Normal(torch.tensor(0.5).double(), 0.5)}
    campaign = ls.Campaign(ls.Box([(0, 1)], grid=32), ls.gp.StructuredGP(parabola, priors, n_restarts=1), seed=0)
    x = np.array([[0.0], [0.2], [0.9]])
    campaign.tell(x, 100 - 40 * (x[:, 0] - 0.6) ** 2)
    result = campaign.result()
    assert abs(float(result.model.parameters_["at"]) - 0.6) < 0.01
    assert abs(result.posterior_best.point[0] - 0.6) < 0.04
    assert abs(result.posterior_best.mean - 100) < 0.5


def test_a_deep_kernel_is_trained_once_for_each_new_value():
    rng = np.random.default_rng(0)
    patches, places = rng.normal(size=(30, 4, 4)), np.arange(30)
    surrogate = ls.gp.DeepKernel(steps=5, warm_steps=2)
    campaign = ls.Campaign(ls.Candidates(patches, places), surrogate, seed=0)
    campaign.tell(places[:8, None], patches[:8].mean(axis=(1, 2)))
    first, again = campaign.result(), campaign.result()
    np.testing.assert_allclose(first.mean, again.mean)
    assert again.model.training_.points == 8
    point = campaign.ask()
    campaign.tell(point, [0.5])
    assert campaign.result().model.training_.steps == 2
