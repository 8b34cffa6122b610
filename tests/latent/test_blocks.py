"""Divergences against Monte Carlo, torch.distributions and their sign."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import distributions as D

from latscape.latent.blocks import Categorical, CategoricalPosterior, Normal, NormalPosterior

DRAWS = 200_000


def column(*numbers: float) -> torch.Tensor:
    return torch.tensor([numbers], dtype=torch.float64)


@given(mean=st.floats(-5, 5), std=st.floats(1e-3, 20), prior=st.floats(0.05, 5))
def test_the_normal_divergence_is_that_of_torch_and_never_negative(mean, std, prior):
    q = NormalPosterior(column(mean, 0.5), column(std, 2.0))
    got = Normal(2, prior).kl(q)
    expected = D.kl_divergence(D.Normal(q.mean, q.std), D.Normal(column(0.0), column(prior))).sum(1)
    torch.testing.assert_close(got, expected, rtol=1e-9, atol=1e-12)
    assert float(got) >= -1e-12


@given(logits=st.lists(st.floats(-30, 30), min_size=2, max_size=6))
def test_the_categorical_divergence_is_that_of_torch_and_never_negative(logits):
    block = Categorical(len(logits))
    raw = column(*logits)
    got = block.kl(block.posterior(raw))
    expected = D.kl_divergence(D.Categorical(logits=raw), D.Categorical(logits=torch.zeros_like(raw)))
    torch.testing.assert_close(got, expected, rtol=1e-9, atol=1e-12)
    assert -1e-12 <= float(got) <= np.log(len(logits)) + 1e-12


@pytest.mark.parametrize(
    ("mean", "std", "prior"), [(0.0, 1.0, 1.0), (1.5, 0.3, 1.0), (-0.1, 0.05, 0.1), (0.4, 2.0, 0.7)]
)
def test_the_normal_divergence_is_its_monte_carlo_mean_within_five_standard_errors(mean, std, prior):
    q = NormalPosterior(column(mean), column(std))
    noise = torch.randn(DRAWS, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    z = q.sample(noise)
    ratio = D.Normal(mean, std).log_prob(z) - D.Normal(0.0, prior).log_prob(z)
    error = 5 * float(ratio.std()) / DRAWS**0.5 + 1e-12
    assert abs(float(Normal(1, prior).kl(q)) - float(ratio.mean())) < error


@pytest.mark.parametrize("logits", [[0.0, 0.0], [2.0, -1.0, 0.5], [5.0, 0.0, 0.0, -5.0]])
def test_the_categorical_divergence_is_its_monte_carlo_mean_within_five_standard_errors(logits):
    block = Categorical(len(logits))
    q = block.posterior(column(*logits))
    drawn = torch.multinomial(q.probs[0], DRAWS, replacement=True, generator=torch.Generator().manual_seed(0))
    ratio = q.log_probs[0, drawn] + np.log(len(logits))
    error = 5 * float(ratio.std()) / DRAWS**0.5 + 1e-12
    assert abs(float(block.kl(q)) - float(ratio.mean())) < error


def test_the_divergence_vanishes_at_the_prior_and_only_there():
    at_prior = NormalPosterior(column(0.0, 0.0), column(0.3, 0.3))
    assert float(Normal(2, 0.3).kl(at_prior)) == pytest.approx(0.0, abs=1e-12)
    assert float(Normal(2, 0.3).kl(NormalPosterior(column(0.01, 0.0), column(0.3, 0.3)))) > 0
    sure = CategoricalPosterior(torch.log_softmax(column(500.0, 0.0, 0.0), 1))
    assert float(Categorical(3).kl(sure)) == pytest.approx(np.log(3))


def test_a_reparameterised_sample_has_the_posteriors_moments_and_carries_gradient():
    mean, std = column(1.0, -2.0).requires_grad_(), column(0.5, 3.0).requires_grad_()
    noise = torch.randn(DRAWS, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    z = NormalPosterior(mean, std).sample(noise)
    torch.testing.assert_close(z.mean(0), mean[0], atol=0.04, rtol=0)
    torch.testing.assert_close(z.std(0), std[0], atol=0.03, rtol=0)
    z.sum().backward()
    torch.testing.assert_close(mean.grad, torch.full_like(mean, DRAWS))
    torch.testing.assert_close(std.grad[0], noise.sum(0))


@given(raw=st.lists(st.floats(-1e4, 1e4), min_size=4, max_size=4))
def test_every_raw_output_gives_a_positive_deviation_and_a_finite_divergence(raw):
    block = Normal(2, 0.1)
    q = block.posterior(torch.tensor([raw]))
    assert (q.std > 0).all()
    assert torch.isfinite(block.kl(q)).all()


@given(raw=st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=3))
def test_class_probabilities_sum_to_one_whatever_the_logits(raw):
    q = Categorical(3).posterior(torch.tensor([raw]))
    assert float(q.probs.sum()) == pytest.approx(1.0, abs=1e-5)
    assert torch.isfinite(Categorical(3).kl(q)).all()


@pytest.mark.parametrize("prior", [0.05, 1.0, 3.0])
def test_raw_outputs_are_in_units_of_the_prior(prior):
    raw = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    unit, block = Normal(2), Normal(2, prior)
    torch.testing.assert_close(block.posterior(raw).mean, prior * unit.posterior(raw).mean)
    torch.testing.assert_close(block.posterior(raw).std, prior * unit.posterior(raw).std)
    # So the divergence of the same raw outputs does not depend on the width of the prior.
    torch.testing.assert_close(block.kl(block.posterior(raw)), unit.kl(unit.posterior(raw)))
