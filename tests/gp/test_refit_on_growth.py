"""A GP that is fitted now and then: the same posterior as a fit every time would give with those hyperparameters."""

import numpy as np
import pytest

from gp.contracts import SurrogateContract
from latscape.campaign import Campaign
from latscape.campaign.space import Box
from latscape.errors import InputError
from latscape.gp import ExactGP, RefitOnGrowth, predict
from latscape.gp.surrogate import refit

BOX = [[0.0, 1.0], [0.0, 1.0]]


class TestSeldom(SurrogateContract):
    def surrogate(self):
        return RefitOnGrowth(ExactGP())


@pytest.fixture
def data():
    x = np.random.default_rng(0).uniform(size=(60, 2))
    return x, np.sin(7 * x[:, 0]) * x[:, 1]


def test_every_growth_of_a_share_is_a_fit_and_no_other(data, monkeypatch):
    x, y = data
    fits, fit, previous = [], ExactGP.fit, None
    monkeypatch.setattr(ExactGP, "fit", lambda self, X, *given: (fits.append(len(X)), fit(self, X, *given))[1])
    for n in range(10, 41):
        previous = refit(RefitOnGrowth(ExactGP(noise="none"), growth=0.5), x[:n], y[:n], BOX, previous=previous)
        assert len(previous.train_targets) == n
    assert fits == [10, 15, 23, 35]


def test_between_fits_the_posterior_is_that_of_all_data_under_the_last_hyperparameters(data):
    x, y = data
    y = (y - y.mean()) / y.std()
    surrogate = RefitOnGrowth(ExactGP(kernel="matern", noise="none"), growth=1.0)
    first = surrogate.refit(x[:40], y[:40], BOX)
    found = surrogate.refit(x[:50], y[:50], BOX, previous=first)
    theta = first.covar_module.lengthscale.detach().numpy()

    def cov(a, b):
        r = np.sqrt(5 * (((a[:, None] - b[None]) / theta) ** 2).sum(-1))
        return (1 + r + r**2 / 3) * np.exp(-r)

    center, scale = y[:50].mean(), y[:50].std(ddof=1)
    noise = 1e-6 * y[:50].var() / scale**2
    weights = np.linalg.solve(cov(x[:50], x[:50]) + noise * np.eye(50), (y[:50] - center) / scale)
    expected = first.mean_module.constant.item()
    weights -= np.linalg.solve(cov(x[:50], x[:50]) + noise * np.eye(50), np.full(50, expected))
    by_hand = center + scale * (expected + cov(x[50:], x[:50]) @ weights)
    np.testing.assert_allclose(predict(found, x[50:])[0], by_hand, atol=1e-5)


def test_a_campaign_keeps_its_model_from_step_to_step_and_is_resumed_from_its_record(tmp_path):
    def hill(x):
        return -float(((x - 0.3) ** 2).sum())

    space, path = Box([(0, 1), (0, 1)], grid=64), tmp_path / "run"
    surrogate = RefitOnGrowth(ExactGP(noise="none"), growth=0.2)
    Campaign(space, surrogate, seed=0, record=path).run(hill, n_initial=4, budget=12)
    again = Campaign.resume(path, space)
    assert again.surrogate == surrogate
    assert again.run(hill, n_initial=4, budget=20).best.value > -0.02


def test_a_growth_that_is_none_is_refused():
    with pytest.raises(InputError, match=r"growth=0\.1"):
        RefitOnGrowth(growth=-1.0)
