"""Likelihoods against torch.distributions."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import distributions as D

from latscape.autoencoders.likelihoods import Bernoulli, Gaussian

GENERATOR = torch.Generator().manual_seed(0)
PARAMETERS = 5 * torch.randn(4, 3, 7, generator=GENERATOR, dtype=torch.float64)
X = torch.rand(4, 7, generator=GENERATOR, dtype=torch.float64)


def brute_force(distribution: D.Distribution) -> torch.Tensor:
    return -distribution.log_prob(X[:, None]).sum(2)


def test_the_bernoulli_likelihood_is_that_of_torch_for_binary_and_for_grey_values():
    torch.testing.assert_close(
        Bernoulli().nll(PARAMETERS, X), brute_force(D.Bernoulli(logits=PARAMETERS, validate_args=False))
    )
    binary = X.round()
    expected = -D.Bernoulli(logits=PARAMETERS).log_prob(binary[:, None].expand_as(PARAMETERS)).sum(2)
    torch.testing.assert_close(Bernoulli().nll(PARAMETERS, binary), expected)
    torch.testing.assert_close(Bernoulli().mean(PARAMETERS), D.Bernoulli(logits=PARAMETERS).mean)


@pytest.mark.parametrize("sigma", [0.05, 0.3, 2.0])
@pytest.mark.parametrize("bounded", [False, True])
def test_the_gaussian_likelihood_is_that_of_torch(sigma, bounded):
    likelihood = Gaussian(sigma, bounded)
    mean = torch.sigmoid(PARAMETERS) if bounded else PARAMETERS
    torch.testing.assert_close(likelihood.mean(PARAMETERS), mean)
    torch.testing.assert_close(likelihood.nll(PARAMETERS, X), brute_force(D.Normal(mean, sigma)))


@given(logit=st.floats(-1e4, 1e4), x=st.floats(0, 1, width=32))
def test_the_bernoulli_likelihood_stays_finite_and_non_negative_for_extreme_logits(logit, x):
    nll = Bernoulli().nll(torch.tensor([[[logit]]]), torch.tensor([[x]]))
    assert torch.isfinite(nll).all()
    assert float(nll) >= -1e-6 * (1 + abs(logit))


@pytest.mark.parametrize("likelihood", [Bernoulli(), Gaussian(), Gaussian(bounded=True)], ids=str)
def test_the_most_likely_parameter_is_the_one_whose_mean_is_the_sample(likelihood):
    x = torch.tensor([[0.3]], dtype=torch.float64)
    parameters = torch.linspace(-3, 3, 6001, dtype=torch.float64).view(1, -1, 1)
    best = likelihood.nll(parameters, x).argmin()
    assert float(likelihood.mean(parameters)[0, best, 0]) == pytest.approx(0.3, abs=1e-3)


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan")])
def test_a_sigma_that_is_not_positive_is_refused(sigma, refused):
    with refused():
        Gaussian(sigma)
