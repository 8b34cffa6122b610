"""Layers in fewer passes: the values and gradients of the plain ones."""

import pytest
import torch
from torch.nn import functional as F

from latscape.nets.tanh import dense_tanh, tanh


def numbers(*shape: int, seed: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    draw = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return draw.to(dtype).requires_grad_()


def in_double(tensors) -> list[torch.Tensor]:
    return [tensor.detach().double().requires_grad_() for tensor in tensors]


# The unit of the last place of a number near one: 6e-8 in float32, 4e-3 in bfloat16; sums of 50 products.
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5), (torch.bfloat16, 3e-2)]
)
def test_a_dense_layer_with_tanh_has_the_values_and_gradients_of_the_plain_one(dtype, tolerance):
    given = numbers(50, 7, seed=0, dtype=dtype), numbers(5, 7, seed=1, dtype=dtype), numbers(5, seed=2, dtype=dtype)
    weight = numbers(50, 5, seed=3, dtype=dtype).detach()
    x, w, b = in_double(given)
    expected = F.linear(x, w, b).tanh()
    (expected * weight.double()).sum().backward()
    got = dense_tanh(*given)
    (got * weight).sum().backward()
    torch.testing.assert_close(got.double(), expected, atol=tolerance, rtol=0)
    for tensor, reference in zip(given, (x, w, b), strict=True):
        scale = float(reference.grad.abs().max())
        torch.testing.assert_close(tensor.grad.double(), reference.grad, atol=tolerance * scale, rtol=0)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_tanh_and_its_gradient_are_within_1e_6_everywhere(dtype):
    x = torch.linspace(-100, 100, 4001, dtype=dtype).requires_grad_()
    y = x.detach().double().requires_grad_()
    tanh(x).sum().backward()
    y.tanh().sum().backward()
    torch.testing.assert_close(tanh(x).double(), y.tanh(), atol=1e-6, rtol=0)
    torch.testing.assert_close(x.grad.double(), y.grad, atol=1e-6, rtol=0)


def test_gradients_agree_with_finite_differences_twice():
    given = [numbers(3, 4, seed=0, dtype=torch.float64), numbers(2, 4, seed=1, dtype=torch.float64)]
    given.append(numbers(2, seed=2, dtype=torch.float64))
    assert torch.autograd.gradcheck(dense_tanh, given)
    assert torch.autograd.gradgradcheck(dense_tanh, given)
    assert torch.autograd.gradcheck(tanh, given[2])
