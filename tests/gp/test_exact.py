import numpy as np
import pytest
import torch
from gpytorch.priors import LogNormalPrior

from gp.contracts import SurrogateContract
from latscape.errors import InputError
from latscape.gp import ExactGP, predict


class TestExact(SurrogateContract):
    def surrogate(self):
        return ExactGP()


class TestExactMaternByMaximumLikelihood(SurrogateContract):
    def surrogate(self):
        return ExactGP(kernel="matern", priors=False)


class TestExactByAdam(SurrogateContract):
    def surrogate(self):
        return ExactGP(optimizer="adam", learning_rate=0.05, steps=100)


@pytest.mark.parametrize("kernel", ["rbf", "matern"])
@pytest.mark.parametrize("priors", [True, False])
def test_posterior_is_eqs_9_and_10_by_hand(kernel, priors):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-2, 3, (12, 2)), rng.normal(size=12) * 4 + 10
    new = rng.uniform(-2, 3, (5, 2))
    model = ExactGP(kernel, priors).fit(x, y, bounds=[(-2, 3), (-2, 3)])
    mean, std = predict(model, new)

    base = model.covar_module if priors else model.covar_module.base_kernel
    theta = base.lengthscale.detach().numpy()
    sigma2 = 1.0 if priors else model.covar_module.outputscale.item()

    def cov(a, b):  # eqs 6 and 7, inputs in the unit square
        squared = ((((a + 2) / 5)[:, None] - ((b + 2) / 5)[None]) ** 2 / theta**2).sum(-1)
        r = np.sqrt(5 * squared)
        return sigma2 * (np.exp(-0.5 * squared) if kernel == "rbf" else (1 + r + r**2 / 3) * np.exp(-r))

    constant = model.mean_module.constant.item()
    standard = (y - y.mean()) / y.std(ddof=1)
    covariance = cov(x, x) + model.likelihood.noise.item() * np.eye(12)
    expected_mean = constant + cov(new, x) @ np.linalg.solve(covariance, standard - constant)  # eq. 9
    expected_var = sigma2 - np.diag(cov(new, x) @ np.linalg.solve(covariance, cov(x, new)))  # eq. 10
    np.testing.assert_allclose(mean, y.mean() + y.std(ddof=1) * expected_mean, rtol=1e-6)
    np.testing.assert_allclose(std, y.std(ddof=1) * np.sqrt(expected_var), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("priors", [True, False])
def test_length_scales_and_noise_of_drawn_functions_are_recovered(priors):
    rng = np.random.default_rng(3)
    x = rng.uniform(size=(150, 2))
    theta, noise = np.array([0.15, 0.6]), 0.1
    covariance = np.exp(-0.5 * ((x[:, None] - x[None]) ** 2 / theta**2).sum(-1))
    y = np.linalg.cholesky(covariance + 1e-9 * np.eye(150)) @ rng.normal(size=150) + noise * rng.normal(size=150)
    model = ExactGP(priors=priors).fit(x, y, bounds=[(0, 1), (0, 1)])
    base = model.covar_module if priors else model.covar_module.base_kernel
    np.testing.assert_allclose(base.lengthscale.detach().numpy()[0], theta, rtol=0.35)
    assert np.sqrt(model.likelihood.noise.item()) * y.std(ddof=1) == pytest.approx(noise, rel=0.3)


def test_noise_is_inferred_from_replicates():
    rng = np.random.default_rng(0)
    x = np.repeat(np.linspace(0, 1, 6)[:, None], 12, axis=0)
    y = np.sin(5 * x[:, 0]) + 0.3 * rng.normal(size=72)
    model = ExactGP().fit(x, y)
    assert np.sqrt(model.likelihood.noise.item()) * y.std(ddof=1) == pytest.approx(0.3, rel=0.25)
    _, std = predict(model, x[:1])
    assert std[0] < 0.3 / np.sqrt(6)  # twelve looks at one point are worth more than one


def test_noise_never_falls_below_its_bound():
    x = np.linspace(0, 1, 15)[:, None]
    for priors in (True, False):
        assert ExactGP(priors=priors).fit(x, x[:, 0] ** 2).likelihood.noise.item() >= 1e-4 * (1 - 1e-6)


def test_adam_takes_the_paper_s_small_steps():
    x = np.random.default_rng(0).uniform(size=(20, 1))
    start = ExactGP(priors=False, optimizer="adam", steps=1, learning_rate=1e-12).fit(x, x[:, 0])
    moved = ExactGP(priors=False, optimizer="adam", steps=10).fit(x, x[:, 0])
    before, after = start.covar_module.base_kernel.lengthscale, moved.covar_module.base_kernel.lengthscale
    assert 0 < abs((after - before).item()) <= 10 * 1e-4 * 1.01


def test_adam_with_enough_steps_agrees_with_lbfgs():
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(25, 1))
    y = np.sin(6 * x[:, 0]) + 0.1 * rng.normal(size=25)
    grid = np.linspace(0, 1, 20)[:, None]
    slow = predict(ExactGP(optimizer="adam", learning_rate=0.02, steps=600).fit(x, y), grid)[0]
    np.testing.assert_allclose(slow, predict(ExactGP().fit(x, y), grid)[0], atol=0.03)


def test_everything_is_float64_whatever_comes():
    model = ExactGP().fit(torch.tensor([[0.0], [1.0]]), torch.tensor([[0.0], [1.0]]))
    assert model.train_inputs[0].dtype == model.train_targets.dtype == torch.float64


@pytest.mark.parametrize(
    "options", [{"kernel": "RBF"}, {"optimizer": "sgd"}, {"learning_rate": 0.0}, {"steps": 0}], ids=str
)
def test_bad_options_are_refused(options):
    with pytest.raises(InputError, match=r"Expected .* Got .* Try"):
        ExactGP(**options)


@pytest.mark.parametrize(
    ("x", "y", "bounds"),
    [
        (np.zeros((0, 2)), [], None),
        ([[0.0], [1.0]], [1.0], None),
        ([0.0, 1.0], [1.0, 2.0], None),
        ([[0.0], [1.0]], [1.0, np.nan], None),
        ([[0.0], [1.0]], [1.0, 2.0], [0, 1]),
    ],
)
def test_bad_data_are_refused(x, y, bounds):
    with pytest.raises(InputError, match=r"Expected .* Got .* Try"):
        ExactGP().fit(x, y, bounds)


class TestExactAroundATrend(SurrogateContract):
    def surrogate(self):
        return ExactGP(degree=2)


def test_a_trend_goes_on_beyond_the_data():
    x = np.linspace(0, 1, 12)[:, None]
    y = 7 - 3 * x[:, 0] + 2 * x[:, 0] ** 2
    quadratic = ExactGP(degree=2).fit(x, y, bounds=[(0, 2)])
    np.testing.assert_allclose(quadratic.predict([[2.0]]), 9.0, atol=0.3)
    constant = ExactGP().fit(x, y, bounds=[(0, 2)])
    assert abs(constant.predict([[2.0]])[0] - 9.0) > 0.5


def test_universal_kriging_is_generalized_least_squares():
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(30, 2))
    y = 5 + x @ [4.0, -1.0] + 0.3 * rng.normal(size=30)
    model = ExactGP(degree=1, priors=False).fit(x, y, bounds=[(0, 1), (0, 1)])
    covariance = model.likelihood(model.forward(model.train_inputs[0])).covariance_matrix.detach()
    design = np.column_stack([np.ones(30), 2 * x - 1])
    inverse = np.linalg.inv(covariance.numpy())
    standard = (y - y.mean()) / y.std(ddof=1)
    expected = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ standard)
    np.testing.assert_allclose(model.mean_module.coefficients.detach(), expected, atol=2e-3)


def test_known_noise_is_taken_as_it_is():
    x = np.array([[0.0], [0.5], [1.0]])
    model = ExactGP().fit(x, [0.0, 3.0, 0.0], noise=[1e-3, 2.0, 1e-3])
    mean, std = model.predict(x, return_std=True)
    assert abs(mean[0]) < 0.01
    assert std[1] > 50 * std[0]
    point = torch.tensor([[0.5]], dtype=torch.float64)
    believed = model.condition_on_observations(point, model.posterior(point).mean)
    assert believed.posterior(point).variance.item() < std[1] ** 2


def test_priors_of_ones_own_hold_the_hyperparameters():
    x = np.linspace(0, 1, 10)[:, None]
    y = np.sin(6 * x[:, 0])
    tight = ExactGP(length_prior=LogNormalPrior(-3.0, 0.01), noise_prior=LogNormalPrior(-1.0, 0.01)).fit(x, y)
    assert tight.covar_module.lengthscale.item() == pytest.approx(np.exp(-3), rel=0.05)
    assert tight.likelihood.noise.item() == pytest.approx(np.exp(-1), rel=0.05)


@pytest.mark.parametrize("options", [{"degree": 4}, {"length_prior": "LogNormalPrior"}], ids=str)
def test_bad_means_and_priors_are_refused(options):
    with pytest.raises(InputError, match=r"Expected .* Got .* Try"):
        ExactGP(**options)


@pytest.mark.parametrize("noise", [[0.1, 0.2], 0.0, -1.0, np.nan])
def test_bad_noise_is_refused(noise):
    with pytest.raises(InputError, match=r"Expected one positive noise, or 3"):
        ExactGP().fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0], noise=noise)


def test_a_sum_over_groups_of_inputs_is_the_sum_of_their_kernels():
    generator = np.random.default_rng(7)
    x = generator.uniform(size=(30, 3))
    y = np.sin(4 * x[:, 0]) + x[:, 2]
    model = ExactGP(groups=((0, 1), (2,))).fit(x, y, [(0, 1)] * 3)
    first, second = model.covar_module.kernels
    points = torch.from_numpy(x[:6])
    with torch.no_grad():
        both = first(points).to_dense() + second(points).to_dense()
        np.testing.assert_allclose(model.covar_module(points).to_dense(), both)
        length, scale = second.base_kernel.lengthscale.item(), second.outputscale.item()
    away = x[:6, 2, None] - x[None, :6, 2]
    np.testing.assert_allclose(
        both - first(points).to_dense().detach(), scale * np.exp(-(away**2) / length**2 / 2), rtol=1e-6
    )


def test_a_sum_of_kernels_foretells_a_sum_of_functions_better_than_one_kernel():
    generator = np.random.default_rng(8)
    x = generator.uniform(size=(440, 4))
    y = np.sin(9 * x[:, 0]) + np.cos(9 * x[:, 1]) + np.sin(9 * x[:, 2]) + np.cos(9 * x[:, 3])
    errors = []
    for groups in (None, ((0,), (1,), (2,), (3,))):
        model = ExactGP(groups=groups).fit(x[:40], y[:40], [(0, 1)] * 4)
        errors.append(np.mean((predict(model, x[40:])[0] - y[40:]) ** 2))
    assert errors[1] < 0.3 * errors[0]


def test_a_group_that_says_nothing_is_left_with_next_to_no_variance():
    x = np.random.default_rng(10).uniform(size=(60, 2))
    model = ExactGP(groups=((0,), (1,)), noise="none").fit(x, x[:, 0], [(0, 1)] * 2)
    scales = [kernel.outputscale.item() for kernel in model.covar_module.kernels]
    assert scales[0] > 0.3
    assert 1e-4 < scales[1] < 0.1
    model = ExactGP(groups=((0,), (1,)), priors=False).fit(x, x[:, 0], [(0, 1)] * 2)
    assert np.isfinite(predict(model, x)[0]).all()


@pytest.mark.parametrize("groups", [(), ((),), ((0, 2),), ((-1,),)])
def test_groups_of_inputs_that_are_not_there_are_refused(groups):
    with pytest.raises(InputError, match="groups of inputs from 0 to 1"):
        ExactGP(groups=groups).fit([[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0])
