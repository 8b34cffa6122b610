import numpy as np
import pytest
import torch
from torch.distributions import HalfNormal, LogNormal, MultivariateNormal, Normal

from gp.contracts import SurrogateContract
from latscape.errors import InputError
from latscape.gp import BayesianGP, ExactGP, StructuredGP, predict
from latscape.gp.joint import Joint, hyperpriors

SHORT = {"samples": 4, "warmup": 24, "thinning": 2}


def plane(x, p):
    return p["level"] + x @ p["slope"]


class TestStructured(SurrogateContract):
    def surrogate(self, offset=0.0, unit=1.0):
        prior = Normal(offset, 100.0 * unit)
        return StructuredGP(lambda x, p: p["level"].expand(len(x)), {"level": prior}, n_restarts=2)

    def test_units_of_inputs_and_values_do_not_matter(self):
        x, y = self._data()  # priors have units too
        mean, std = predict(self.surrogate().fit(x, y), x[:7])
        scaled = self.surrogate(50.0, 0.1).fit(1e3 * x - 7, 0.1 * y + 50)
        scaled_mean, scaled_std = predict(scaled, 1e3 * x[:7] - 7)
        np.testing.assert_allclose((scaled_mean - 50) / 0.1, mean, rtol=0.02, atol=0.02 * y.std())
        np.testing.assert_allclose(scaled_std / 0.1, std, rtol=0.1, atol=0.02 * y.std())


class TestBayesian(SurrogateContract):
    def surrogate(self):
        return BayesianGP(samples=6, warmup=16, thinning=1)


def exponential(x, p):
    return p["a"] * torch.exp(-p["rate"] * x[:, 0])


PRIORS = {"a": Normal(0.0, 10.0), "rate": LogNormal(0.0, 1.0)}


def decaying(n=25, seed=0):
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 1, n)[:, None]
    return x, 5 * np.exp(-2 * x[:, 0]) + 0.3 * np.sin(9 * x[:, 0]) + 0.02 * rng.normal(size=n)


def test_parameters_are_found_and_predictions_follow_the_mean_beyond_the_data():
    x, y = decaying()
    model = StructuredGP(exponential, PRIORS).fit(x, y, bounds=[(0, 2)])
    assert float(model.parameters_["a"]) == pytest.approx(5, abs=0.4)
    assert float(model.parameters_["rate"]) == pytest.approx(2, abs=0.4)
    far = np.array([[1.8]])
    truth = 5 * np.exp(-2 * 1.8)
    plain = ExactGP().fit(x, y, bounds=[(0, 2)])
    assert abs(model.predict(far)[0] - truth) < 0.3 < abs(plain.predict(far)[0] - truth)


def test_draws_of_the_parameters_surround_the_truth_and_widen_the_prediction():
    x, y = decaying()
    options = StructuredGP(exponential, PRIORS, sampled=True, samples=8, warmup=100, thinning=2)
    model = options.fit(x, y, bounds=[(0, 2)])
    rates = model.parameters_["rate"]
    assert rates.shape == (8,)
    assert abs(float(rates.mean()) - 2) < 3 * float(rates.std()) + 0.1
    parts = [part.predict([[1.8]], return_std=True)[1] for part in model.models]
    assert model.predict([[1.8]], return_std=True)[1] > np.min(parts)


def test_a_mean_of_several_inputs_with_vector_parameters_is_least_squares_where_the_gp_is_silent():
    rng = np.random.default_rng(0)
    x = rng.uniform(-5, 5, (60, 2))
    y = 100 + x @ [3.0, -2.0] + rng.normal(size=60)
    priors = {"level": Normal(0.0, 1e3), "slope": Normal(torch.zeros(2).double(), 1e3)}
    model = StructuredGP(plane, priors, n_restarts=2).fit(x, y)
    design = np.column_stack([np.ones(60), x])
    exact = np.linalg.lstsq(design, y, rcond=None)[0]
    np.testing.assert_allclose(model.parameters_["slope"], exact[1:], atol=0.15)
    np.testing.assert_allclose(model.predict([[0.0, 0.0]]), exact[0], atol=1.0)


def test_the_joint_density_is_likelihood_times_priors():
    rng = np.random.default_rng(0)
    x, y = torch.from_numpy(rng.uniform(size=(6, 2))), torch.from_numpy(rng.normal(size=6))
    priors = {**hyperpriors(2), "shift": HalfNormal(torch.tensor(1.0).double())}
    joint = Joint(x, y, "rbf", lambda at: at["shift"].expand(6), priors)
    at = joint.starts(1, seed=3)[0]
    covariance = at["variance"] * torch.exp(-0.5 * ((x[:, None] - x) / at["length"]).pow(2).sum(-1))
    covariance = covariance + (at["noise"] + 1e-5) * torch.eye(6)
    expected = MultivariateNormal(at["shift"].expand(6), covariance).log_prob(y)
    expected = expected + sum(prior.log_prob(at[name]).sum() for name, prior in priors.items())
    torch.testing.assert_close(joint.log_density(at), expected)
    back, volume = joint.values(joint.free(at))
    assert all(torch.allclose(back[name], at[name]) for name in at)
    # positive numbers are exponentials on the real line: d exp(u) / du = exp(u)
    torch.testing.assert_close(volume, torch.cat([value.reshape(-1).log() for value in at.values()]).sum())


def test_draws_have_the_moments_of_a_known_posterior():
    # y = m + noise of a kernel that is certain: the posterior of m is normal and known in closed form.
    y = torch.tensor([1.0, 2.0, 1.5]).double()
    narrow = {
        name: LogNormal(torch.tensor(value).double(), 0.05) for name, value in (("noise", 0.0), ("variance", -9.0))
    }
    priors = {
        "length": LogNormal(torch.zeros(1).double(), 0.05),
        **narrow,
        "m": Normal(torch.tensor(0.0).double(), 2.0),
    }
    joint = Joint(torch.tensor([[0.0], [0.5], [1.0]]).double(), y, "rbf", lambda at: at["m"].expand(3), priors)
    drawn = torch.stack([at["m"] for at in joint.draw(joint.starts(1, seed=0)[0], 300, 60, 1, seed=0)])
    variance = 1 / (1 / 4 + 3)
    assert float(drawn.mean()) == pytest.approx(variance * float(y.sum()), abs=0.1)
    assert float(drawn.std()) == pytest.approx(variance**0.5, rel=0.15)


def test_the_bayesian_mixture_is_wider_than_one_choice_of_hyperparameters():
    rng = np.random.default_rng(1)
    x = rng.uniform(size=(6, 1))
    y, grid = np.sin(8 * x[:, 0]), np.linspace(0, 1, 50)[:, None]
    mixed = BayesianGP(**SHORT).fit(x, y, bounds=[(0, 1)])
    assert len({part.covar_module.base_kernel.lengthscale.item() for part in mixed.models}) > 1
    means = np.array([part.predict(grid) for part in mixed.models])
    within = np.array([part.predict(grid, return_std=True)[1] for part in mixed.models])
    np.testing.assert_allclose(mixed.predict(grid), means.mean(0))
    expected = np.sqrt((within**2).mean(0) + means.var(0))
    np.testing.assert_allclose(predict(mixed, grid)[1], expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    "make",
    [
        lambda: StructuredGP(exponential, {"noise": Normal(0.0, 1.0)}),
        lambda: StructuredGP(exponential, PRIORS, kernel="rq"),
        lambda: StructuredGP(exponential, PRIORS, n_restarts=0),
        lambda: BayesianGP(samples=0),
        lambda: BayesianGP(kernel="RBF"),
        lambda: StructuredGP(lambda x, p: x, PRIORS).fit([[0.0], [1.0]], [0.0, 1.0]),
        lambda: StructuredGP(lambda x, p: 1.0, PRIORS).fit([[0.0], [1.0]], [0.0, 1.0]),
    ],
)
def test_what_cannot_be_is_refused(make):
    with pytest.raises(InputError, match=r"Expected .* Got .* Try"):
        make()
