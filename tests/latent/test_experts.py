"""The product of experts against a product of densities on a grid, and its algebra."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import distributions as D

from latscape.latent.blocks import NormalPosterior
from latscape.latent.space import product

EXPERT = st.tuples(st.floats(-3, 3), st.floats(0.1, 5))


def normal(mean: float, std: float) -> NormalPosterior:
    return NormalPosterior(torch.tensor([[mean]], dtype=torch.float64), torch.tensor([[std]], dtype=torch.float64))


@given(st.lists(EXPERT, min_size=1, max_size=3))
def test_the_product_is_the_normalised_product_of_densities_with_the_prior(experts):
    at = torch.linspace(-12, 12, 20001, dtype=torch.float64)
    log = D.Normal(0.0, 1.0).log_prob(at) + sum(D.Normal(mean, std).log_prob(at) for mean, std in experts)
    weight = torch.softmax(log, 0)
    mean = float((weight * at).sum())
    std = float((weight * (at - mean).square()).sum().sqrt())
    q = product([normal(*expert) for expert in experts])
    assert float(q.mean) == pytest.approx(mean, abs=1e-6)
    assert float(q.std) == pytest.approx(std, rel=1e-3, abs=1e-4)


@given(EXPERT, EXPERT)
def test_the_order_of_experts_does_not_matter_and_each_makes_surer(one, other):
    both, swapped, alone = (
        product([normal(*expert) for expert in experts]) for experts in ((one, other), (other, one), (one,))
    )
    torch.testing.assert_close(both.mean, swapped.mean)
    torch.testing.assert_close(both.std, swapped.std)
    assert float(both.std) < float(alone.std) < 1
    assert float(alone.std) < one[1]


def test_an_expert_who_knows_nothing_leaves_the_others_and_the_prior():
    q = product([normal(1.0, 0.5), normal(-7.0, 1e9)])
    alone = product([normal(1.0, 0.5)])
    torch.testing.assert_close(q.mean, alone.mean)
    torch.testing.assert_close(q.std, alone.std)
