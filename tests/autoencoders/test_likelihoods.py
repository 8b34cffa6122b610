"""What every likelihood promises, and each one against torch.distributions, quadrature and brute force."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import distributions as D

import latscape as ls
from latscape.autoencoders.continuous import ContinuousBernoulli
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian, Likelihood, Poisson

GENERATOR = torch.Generator().manual_seed(0)
PARAMETERS = 5 * torch.randn(4, 3, 7, generator=GENERATOR, dtype=torch.float64)
X = torch.rand(4, 7, generator=GENERATOR, dtype=torch.float64)
COUNTS = torch.poisson(torch.full((4, 7), 3.0, dtype=torch.float64), generator=GENERATOR)


def brute_force(distribution: D.Distribution, x: torch.Tensor = X) -> torch.Tensor:
    return -distribution.log_prob(x[:, None]).sum(2)


class LikelihoodContract:
    """Inherit, set `options` and `x`, and the whole contract is checked."""

    options: Bernoulli | ContinuousBernoulli | Gaussian | Poisson
    x: torch.Tensor = X

    def likelihood(self):
        built = self.options.build()
        return built.double() if isinstance(built, torch.nn.Module) else built

    def test_there_is_one_number_for_every_sample_and_class_and_a_mean_for_every_value(self):
        likelihood = self.likelihood()
        assert likelihood.nll(PARAMETERS, self.x).shape == (4, 3)
        assert likelihood.mean(PARAMETERS).shape == PARAMETERS.shape

    def test_the_numbers_of_a_sample_and_a_class_depend_on_no_other(self):
        likelihood = self.likelihood()
        alone = likelihood.nll(PARAMETERS[2:3, 1:2], self.x[2:3])
        torch.testing.assert_close(alone, likelihood.nll(PARAMETERS, self.x)[2:3, 1:2])

    def test_means_lie_in_the_support(self):
        low, high = self.likelihood().support
        mean = self.likelihood().mean(10 * PARAMETERS)
        assert ((mean >= low) & (mean <= high)).all()

    def test_the_gradient_is_that_of_finite_differences(self):
        parameters = (PARAMETERS / 5).clone().requires_grad_()
        likelihood = self.likelihood()
        owned = tuple(likelihood.parameters()) if isinstance(likelihood, torch.nn.Module) else ()
        assert torch.autograd.gradcheck(lambda p, *_: likelihood.nll(p, self.x), (parameters, *owned))

    def test_single_precision_agrees_with_double(self):
        likelihood, single = self.likelihood(), self.options.build()
        parameters = PARAMETERS.float().clone().requires_grad_()
        exact = parameters.detach().double().requires_grad_()
        nll = single.nll(parameters, self.x.float())
        expected = likelihood.nll(exact, self.x.float().double())
        torch.testing.assert_close(nll.double(), expected, rtol=1e-5, atol=1e-4)
        nll.sum().backward(), expected.sum().backward()
        torch.testing.assert_close(parameters.grad.double(), exact.grad, rtol=1e-5, atol=1e-5)
        mean = single.mean(parameters.detach()).double()
        torch.testing.assert_close(mean, likelihood.mean(exact.detach()), rtol=1e-5, atol=1e-5)

    def test_the_most_likely_parameter_is_the_one_whose_mean_is_the_sample(self):
        x = torch.tensor([[0.3]], dtype=torch.float64)
        parameters = torch.linspace(-3, 3, 6001, dtype=torch.float64).view(1, -1, 1)
        best = self.likelihood().nll(parameters, x).argmin()
        assert float(self.likelihood().mean(parameters)[0, best, 0]) == pytest.approx(0.3, abs=1e-3)

    def test_a_model_with_it_trains_and_returns_from_disk(self, small, tmp_path, weights):
        stack = np.random.default_rng(0).integers(0, 2, size=(12, 4, 5))
        model = ls.jrvae(2, likelihood=self.options, epochs=2, **small).fit(stack)
        again = ls.load(model.save(tmp_path / "model.safetensors"))
        assert again.likelihood == self.options
        np.testing.assert_array_equal(again.score_samples(stack), model.score_samples(stack))
        np.testing.assert_array_equal(again.reconstruct(stack), model.reconstruct(stack))
        assert torch.equal(weights(again.fit(stack)), weights(model))

    def test_samples_outside_the_support_are_refused(self, small, refused):
        stack = np.random.default_rng(0).integers(0, 2, size=(6, 4, 5)).astype(float)
        for least, beyond in zip(self.options.support, (-0.5, 1.5), strict=True):
            if np.isfinite(least):
                bad = stack.copy()
                bad[1, 2, 3] = beyond
                with refused():
                    ls.vae(likelihood=self.options, epochs=1, **small).fit(bad)
                with refused():
                    ls.vae(likelihood=self.options, epochs=1, **small).fit(stack).transform(bad)


class TestBernoulli(LikelihoodContract):
    options = Bernoulli()

    def test_it_is_that_of_torch_for_binary_and_for_grey_values(self):
        torch.testing.assert_close(
            Bernoulli().nll(PARAMETERS, X), brute_force(D.Bernoulli(logits=PARAMETERS, validate_args=False))
        )
        binary = X.round()
        expected = -D.Bernoulli(logits=PARAMETERS).log_prob(binary[:, None].expand_as(PARAMETERS)).sum(2)
        torch.testing.assert_close(Bernoulli().nll(PARAMETERS, binary), expected)
        torch.testing.assert_close(Bernoulli().mean(PARAMETERS), D.Bernoulli(logits=PARAMETERS).mean)


class TestContinuousBernoulli(LikelihoodContract):
    options = ContinuousBernoulli()

    def test_it_is_that_of_torch(self):
        # torch takes a Taylor series within 1e-3 of lambda = 1/2 and clamps lambda, so compare in between.
        logits = PARAMETERS.clamp(-10, 10)
        logits = torch.where(logits.abs() < 0.01, 0.5, logits)
        reference = D.ContinuousBernoulli(logits=logits)
        torch.testing.assert_close(ContinuousBernoulli().nll(logits, X), brute_force(reference), rtol=1e-8, atol=1e-8)
        torch.testing.assert_close(ContinuousBernoulli().mean(logits), reference.mean, rtol=1e-8, atol=1e-8)

    @pytest.mark.parametrize("logit", [-40.0, -3.0, -0.6000001, -0.5999999, -1e-3, 0.0, 1e-9, 0.3, 0.6, 2.0, 25.0])
    def test_the_density_integrates_to_one_and_its_mean_is_the_mean(self, logit):
        nodes, w = (torch.from_numpy(part) for part in np.polynomial.legendre.leggauss(200))
        x, parameters = (nodes + 1) / 2, torch.tensor([[[logit]]], dtype=torch.float64)
        density = (-ContinuousBernoulli().nll(parameters.expand(200, 1, 1), x[:, None])[:, 0]).exp() * w / 2
        assert float(density.sum()) == pytest.approx(1.0, rel=1e-10)
        assert float((density * x).sum()) == pytest.approx(float(ContinuousBernoulli().mean(parameters)), rel=1e-9)

    @given(logit=st.floats(-1e4, 1e4), x=st.floats(0, 1, width=32))
    def test_it_and_its_gradient_mean_minus_sample_stay_finite_for_every_logit(self, logit, x):
        parameters = torch.tensor([[[logit]]], requires_grad=True)
        nll = ContinuousBernoulli().nll(parameters, torch.tensor([[x]]))
        nll.sum().backward()
        assert torch.isfinite(nll).all()
        mean = ContinuousBernoulli().mean(parameters.detach())
        torch.testing.assert_close(parameters.grad, mean - x, atol=2e-6, rtol=0)

    @pytest.mark.parametrize("logit", [0.0, 1e-20, 1e-6, -1e-4, 1e-3, 0.05, 0.5999, 0.6001])
    def test_near_one_half_single_precision_keeps_all_its_digits(self, logit):
        single = torch.tensor([[[logit]]], requires_grad=True)
        double = torch.tensor([[[logit]]], dtype=torch.float64)
        double = single.detach().double().requires_grad_()
        ContinuousBernoulli().nll(single, torch.full((1, 1), 0.5)).sum().backward()
        ContinuousBernoulli().nll(double, torch.full((1, 1), 0.5, dtype=torch.float64)).sum().backward()
        assert float(single.grad) == pytest.approx(float(double.grad), rel=1e-5, abs=1e-12)


class TestGaussian(LikelihoodContract):
    options = Gaussian()

    @pytest.mark.parametrize("sigma", [0.05, 0.3, 2.0])
    @pytest.mark.parametrize("bounded", [False, True])
    @pytest.mark.parametrize("learned", [False, True])
    def test_it_is_that_of_torch(self, sigma, bounded, learned):
        likelihood = Gaussian(sigma, bounded, learned).build()
        likelihood = likelihood.double() if learned else likelihood
        mean = torch.sigmoid(PARAMETERS) if bounded else PARAMETERS
        torch.testing.assert_close(likelihood.mean(PARAMETERS), mean)
        got = likelihood.nll(PARAMETERS, X)
        torch.testing.assert_close(got.detach(), brute_force(D.Normal(mean, sigma)), rtol=1e-6, atol=1e-6)

    @pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan"), float("inf")])
    def test_a_sigma_that_is_not_positive_is_refused(self, sigma, refused):
        with refused():
            Gaussian(sigma)


class TestBoundedGaussian(LikelihoodContract):
    options = Gaussian(bounded=True)


class TestLearnedGaussian(LikelihoodContract):
    options = Gaussian(learned=True)

    def test_only_the_learned_deviation_is_a_weight_of_the_model(self, images, small):
        fixed, own = (ls.vae(likelihood=Gaussian(learned=learned), epochs=1, **small) for learned in (False, True))
        names = set(own.fit(images).model_.state_dict()) - set(fixed.fit(images).model_.state_dict())
        assert names == {"likelihood.log_sigma"}

    def test_the_gradient_vanishes_at_the_root_mean_square_error(self):
        error = (X[:, None] - PARAMETERS[:, :1]).square().mean().sqrt()
        likelihood = Gaussian(float(error), learned=True).build().double()
        likelihood.nll(PARAMETERS[:, :1], X).sum().backward()
        assert float(likelihood.log_sigma.grad) == pytest.approx(0.0, abs=1e-4)

    def test_the_noise_of_data_of_one_mean_is_learned(self, small):
        noise = 0.05 * np.random.default_rng(0).normal(size=(400, 6, 8))
        rate = ls.linear(2e-2, 1e-4)
        options = {**small, "decoder": ls.DenseDecoder(hidden=(8,)), "batch": 50, "epochs": 40, "learning_rate": rate}
        model = ls.vae(likelihood=Gaussian(learned=True), **options)
        assert model.fit(0.5 + noise).model_.likelihood.sigma == pytest.approx(0.05, rel=0.05)


class TestPoisson(LikelihoodContract):
    options = Poisson()

    x = COUNTS

    def test_it_is_that_of_torch_for_whole_and_for_broken_counts(self):
        for x in (COUNTS, COUNTS + 0.25):
            expected = brute_force(D.Poisson(PARAMETERS.exp(), validate_args=False), x)
            torch.testing.assert_close(Poisson().nll(PARAMETERS, x), expected)
        torch.testing.assert_close(Poisson().mean(PARAMETERS), D.Poisson(PARAMETERS.exp()).mean)

    def test_an_exposure_multiplies_the_rate_and_nothing_else(self):
        rates = Poisson(7.0).mean(PARAMETERS)
        torch.testing.assert_close(rates, 7.0 * PARAMETERS.exp())
        torch.testing.assert_close(Poisson(7.0).nll(PARAMETERS, COUNTS), brute_force(D.Poisson(rates), COUNTS))

    def test_the_encoder_sees_counts_in_units_of_the_exposure(self, images, small):
        counts = (images * 1000).round()
        model = ls.vae(likelihood=Poisson(1000.0), epochs=1, **small).fit(counts)
        flat = torch.from_numpy(counts.reshape(24, -1))
        with torch.no_grad():
            expected = model.model_.latent.posterior(model.model_.encoder(flat / 1000))["content"].mean
        np.testing.assert_allclose(model.transform(counts), expected.numpy(), rtol=1e-5, atol=1e-6)

    @pytest.mark.parametrize("exposure", [0.0, -1.0, float("nan"), float("inf")])
    def test_an_exposure_that_is_not_positive_is_refused(self, exposure, refused):
        with refused():
            Poisson(exposure)

    @pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32])
    def test_counts_of_every_type_are_taken_and_their_rates_learned(self, dtype, small):
        rates = np.geomspace(1, 60, 48).reshape(6, 8)
        counts = np.random.default_rng(0).poisson(rates, size=(200, 6, 8)).astype(dtype)
        options = {"likelihood": Poisson(), "epochs": 20, "learning_rate": 1e-2, **{**small, "batch": 25}}
        got = ls.vae(**options).fit(counts).reconstruct(counts).mean(axis=0)
        np.testing.assert_allclose(got, counts.mean(axis=0), rtol=0.25)


@given(logit=st.floats(-1e4, 1e4), x=st.floats(0, 1, width=32))
def test_the_bernoulli_likelihood_stays_finite_and_non_negative_for_extreme_logits(logit, x):
    nll = Bernoulli().nll(torch.tensor([[[logit]]]), torch.tensor([[x]]))
    assert torch.isfinite(nll).all()
    assert float(nll) >= -1e-6 * (1 + abs(logit))


class Laplace(Likelihood):
    """A likelihood of one's own says what it must and inherits the rest."""

    def nll(self, parameters, x):
        return (x[:, None] - parameters).abs().sum(2) + x.shape[1] * np.log(2)

    def mean(self, parameters):
        return parameters


def test_a_likelihood_of_ones_own_needs_only_its_two_formulas(images, small):
    model = ls.vae(likelihood=Laplace(), epochs=2, **small).fit(10 * images - 5)
    assert np.isfinite(model.score(10 * images - 5))
