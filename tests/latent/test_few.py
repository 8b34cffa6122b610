"""The sum over few classes has the mean and the gradient of the sum over all."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from latscape.latent.sampled_enumeration import few, with_baseline


def problem(classes, seed=0):
    draw = torch.Generator().manual_seed(seed)
    logits = 1.5 * torch.randn(1, classes, generator=draw, dtype=torch.float64)
    return logits, 100 + 5 * torch.randn(1, classes, generator=draw, dtype=torch.float64)


def estimates(logits, f, count, draws):
    """The estimate for every draw, (draws,), with the gradient of its mean to logits and f."""
    noise = torch.randn(draws, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    weights, chosen = few(logits.softmax(1).expand(draws, -1), count, noise)
    return (weights * with_baseline(f.expand(draws, -1).gather(1, chosen), weights)).sum(1)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_value_and_gradient_have_no_bias(count):
    logits, f = (tensor.requires_grad_() for tensor in problem(7))
    found = estimates(logits, f, count, 200_000)
    exact = (logits.softmax(1) * f).sum()
    # Five standard errors of the mean.
    assert abs(found.mean() - exact) < 5 * found.std() / 200_000**0.5
    ours, theirs = (torch.autograd.grad(value, (logits, f)) for value in (found.mean(), exact))
    torch.testing.assert_close(ours[0], theirs[0], rtol=0, atol=0.05)  # of gradients near 1, f near 100
    torch.testing.assert_close(ours[1], theirs[1], rtol=0, atol=0.005)


def test_the_baseline_takes_the_noise_out_of_the_gradient():
    logits, f = problem(7)
    logits.requires_grad_()

    def spread(with_it):
        rows = []
        for seed in range(300):
            noise = torch.randn(1, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
            weights, chosen = few(logits.softmax(1), 3, noise)
            values = with_baseline(f.gather(1, chosen), weights)
            if not with_it:
                weights, values = torch.cat([weights[:, :-1], 0 * weights[:, -1:]], 1), values
            rows.append(torch.autograd.grad((weights * values).sum(), logits)[0][0])
        return torch.stack(rows).std(dim=0).norm()

    assert spread(True) < 0.2 * spread(False)


@given(st.integers(3, 12), st.integers(0, 10_000), st.floats(-9, 9))
def test_weights_sum_to_one_and_chosen_classes_differ(classes, seed, noise):
    logits, _ = problem(classes, seed)
    count = 2 + seed % (classes - 2)
    weights, chosen = few(logits.softmax(1), count, torch.tensor([noise], dtype=torch.float64))
    torch.testing.assert_close(weights.sum(1), torch.ones(1, dtype=torch.float64))
    assert len(set(chosen[0].tolist())) == count


def test_certainty_leaves_nothing_to_draw():
    probs = torch.tensor([[0.0, 1.0, 0.0, 0.0]], requires_grad=True)
    weights, chosen = few(probs, 2, torch.zeros(1))
    assert chosen[0, 0] == 1
    assert weights.tolist() == [[1.0, 0.0, 0.0]]
    (weights * with_baseline(torch.tensor([[3.0, 100.0]]), weights)).sum().backward()
    assert torch.isfinite(probs.grad).all()
