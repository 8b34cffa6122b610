"""Angles of the full turn: the divergence against quadrature and Monte Carlo, samples against theirs, gradients."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from latscape.latent.blocks import NormalPosterior
from latscape.latent.circle import NARROW, Circular

DRAWS = 200_000
STDS = [0.05, 0.3, NARROW - 1e-6, NARROW + 1e-6, 0.8, 1.3, 2.0, 3.0]


def column(*numbers: float) -> torch.Tensor:
    return torch.tensor([numbers], dtype=torch.float64)


def wrapped(angle: np.ndarray, mean: float, std: float) -> np.ndarray:
    """Density of the wrapped normal: the normal summed over turns."""
    turns = 2 * np.pi * np.arange(-30, 31)
    return np.exp(-0.5 * ((angle[:, None] - mean + turns) / std) ** 2).sum(1) / (std * math.sqrt(2 * np.pi))


@pytest.mark.parametrize("mean", [0.0, 2.9, -1.0])
@pytest.mark.parametrize("std", STDS)
def test_the_divergence_is_the_integral_over_the_circle(std, mean):
    angle = np.linspace(-np.pi, np.pi, 4000, endpoint=False)
    relative = 2 * np.pi * wrapped(angle, mean, std)
    expected = np.mean(relative * np.log(np.maximum(relative, 1e-300)))
    assert float(Circular(1).kl(NormalPosterior(column(mean), column(std)))) == pytest.approx(expected, abs=2e-9)


@pytest.mark.parametrize("std", [0.1, 0.6, 1.5])
def test_the_divergence_is_its_monte_carlo_mean_within_five_standard_errors(std):
    q = NormalPosterior(column(2.5), column(std))
    noise = torch.randn(DRAWS, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    ratio = np.log(2 * np.pi * wrapped(q.sample(noise)[:, 0].numpy(), 2.5, std))
    assert abs(float(Circular(1).kl(q)) - ratio.mean()) < 5 * ratio.std() / DRAWS**0.5


@pytest.mark.parametrize("std", STDS)
def test_the_gradient_of_the_divergence_is_that_of_finite_differences_and_single_precision_keeps_it(std):
    wide = column(std).requires_grad_()
    (gradient,) = torch.autograd.grad(Circular(1).kl(NormalPosterior(column(0.0), wide)), wide)
    step = 1e-7
    low, high = (float(Circular(1).kl(NormalPosterior(column(0.0), column(std + d)))) for d in (-step, step))
    assert float(gradient) == pytest.approx((high - low) / (2 * step), rel=1e-5, abs=1e-6)
    single = wide.detach().float().requires_grad_()
    (rounded,) = torch.autograd.grad(Circular(1).kl(NormalPosterior(single * 0, single)), single)
    assert float(rounded) == pytest.approx(float(gradient), rel=1e-4, abs=1e-6)


@given(std=st.floats(1e-4, 1e3), mean=st.floats(-4, 4))
def test_the_divergence_is_never_negative_and_falls_with_the_deviation_whatever_the_mean(std, mean):
    here, there, wider = (
        float(Circular(1).kl(NormalPosterior(column(at), column(width))))
        for at, width in ((mean, std), (0.0, std), (mean, 1.1 * std))
    )
    assert here == there
    assert here >= -1e-12
    assert wider <= here + 1e-9


def test_the_divergence_of_several_angles_is_the_sum_of_theirs():
    together = Circular(2).kl(NormalPosterior(column(0.0, 1.0), column(0.2, 0.9)))
    apart = sum(Circular(1).kl(NormalPosterior(column(0.0), column(std))) for std in (0.2, 0.9))
    torch.testing.assert_close(together, apart)


def test_the_gradient_of_an_expectation_over_samples_is_that_of_the_circular_moment():
    # E cos(t - a) = exp(-std^2 / 2) cos(mean - a) for the wrapped normal.
    mean, std, a = column(2.8).requires_grad_(), column(0.7).requires_grad_(), -2.9
    noise = torch.randn(DRAWS, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    got = torch.autograd.grad((NormalPosterior(mean, std).sample(noise) - a).cos().mean(), (mean, std))
    expected = torch.autograd.grad((-0.5 * std.square()).exp() * (mean - a).cos(), (mean, std))
    torch.testing.assert_close(got, expected, atol=5 / DRAWS**0.5, rtol=0)


@given(raw=st.lists(st.floats(-1e4, 1e4), min_size=6, max_size=6))
def test_every_raw_output_gives_angles_of_one_turn_a_finite_divergence_and_finite_gradients(raw):
    output = torch.tensor([raw]).requires_grad_()
    block = Circular(2)
    assert len(raw) == block.raw_width
    q = block.posterior(output)
    assert (q.mean.abs() <= math.pi + 1e-6).all()
    assert (q.std > 0).all()
    (block.kl(q) + q.sample(torch.ones(1, 2)).cos().sum(1)).sum().backward()
    assert torch.isfinite(output.grad).all()


def test_the_mean_is_the_direction_that_the_encoder_points_in_and_no_direction_is_the_angle_zero():
    block = Circular(1)
    turn = torch.linspace(-3.1, 3.1, 50)
    raw = torch.stack([3 * turn.cos(), 3 * turn.sin(), torch.zeros(50)], dim=1)
    torch.testing.assert_close(block.posterior(raw).mean[:, 0], turn)
    origin = torch.tensor([[0.0, 0.0, 0.0], [-1e-30, 1e-30, 0.0]], requires_grad=True)
    q = block.posterior(origin)
    q.mean.sum().backward()
    torch.testing.assert_close(q.mean.detach(), torch.zeros(2, 1))
    assert torch.isfinite(origin.grad).all()
