import numpy as np
import pytest

from latscape.campaign import Box, Campaign
from latscape.gp import ExactGP, predict


@pytest.mark.parametrize("priors", [True, False])
@pytest.mark.parametrize("kernel", ["rbf", "matern"])
def test_exact_values_are_kept(kernel, priors):
    x = np.random.default_rng(0).uniform(size=(12, 2))
    y = 50 + 10 * np.sin(3 * x[:, 0]) * x[:, 1]
    model = ExactGP(kernel, priors=priors, noise="none").fit(x, y, bounds=[[0, 1], [0, 1]])
    mean, std = predict(model, x)
    np.testing.assert_allclose(mean, y, atol=0.03 * y.std())
    assert std.max() < 0.02 * y.std()


def test_a_campaign_does_not_ask_twice_for_what_it_knows_exactly():
    """With inferred noise the best point is asked for again and again; with none every point is a new one."""

    def plateau(x):
        return float(60 * np.tanh(8 * (0.6 - np.abs(x - [0.42, 0.55]).max())))

    asked = {}
    for noise in ("small", "none"):
        campaign = Campaign(Box([(0, 1), (0, 1)], grid=400), ExactGP(noise=noise), "ei", seed=3)
        points = campaign.run(plateau, n_initial=6, budget=14, evaluate_optimum=False).points
        asked[noise] = len(np.unique(points[6:], axis=0))
    assert asked["none"] == 8
    assert asked["small"] <= asked["none"]
