"""Elementary functions of compiled loops against numpy in double precision."""

import numpy as np
import torch
from numba import njit

from latscape.autoencoders.cpu.elementary import dot, exp_minus, like, log1p, read, tanh, tanh_in_brief, tanh_like


def each(function, x):
    @njit
    def loop(x, found):
        for i in range(len(x)):
            found[i] = function(x[i])

    found = np.empty_like(x)
    loop(x, found)
    return found.astype(np.float64)


def test_tanh_is_within_1e_6_everywhere_and_keeps_nan():
    x = np.linspace(-30, 30, 200_001, dtype=np.float32)
    np.testing.assert_allclose(each(tanh, x), np.tanh(x.astype(np.float64)), rtol=0, atol=6e-7)
    far = each(tanh, np.array([-np.inf, np.inf, np.nan, -1e30], np.float32))
    np.testing.assert_allclose(far, [-1, 1, np.nan, -1], atol=6e-7)


def test_tanh_in_brief_is_within_what_bfloat16_rounds_by():
    x = np.linspace(-30, 30, 200_001, dtype=np.float32)
    exact = np.tanh(x.astype(np.float64))
    np.testing.assert_allclose(each(tanh_in_brief, x), exact, rtol=9e-4)
    kept = torch.empty(len(x), dtype=torch.bfloat16)

    @njit
    def loop(x, kept):
        for i in range(len(x)):
            kept[i] = tanh_like(kept[i], x[i])

    loop(x, kept.view(torch.int16).numpy())
    np.testing.assert_allclose(kept.double().numpy(), exact, rtol=5e-3)
    assert kept.abs().max() == 1
    alone = np.empty_like(x)
    loop(x, alone)
    np.testing.assert_allclose(alone, exact, atol=6e-7)


def test_exponential_and_logarithm_are_exact_to_single_precision():
    t = np.linspace(0, 86, 100_001, dtype=np.float32)
    np.testing.assert_allclose(each(exp_minus, t), np.exp(-t.astype(np.float64)), rtol=3e-7)
    e = np.linspace(0, 1, 100_001, dtype=np.float32)
    np.testing.assert_allclose(each(log1p, e), np.log1p(e.astype(np.float64)), rtol=5e-7)


def test_numbers_are_stored_as_torch_stores_them():
    numbers = torch.randn(10_000, generator=torch.Generator().manual_seed(0)) * torch.logspace(-20, 20, 10_000)
    kept = torch.empty(10_000, dtype=torch.bfloat16)

    @njit
    def loop(numbers, kept, back):
        for i in range(len(numbers)):
            kept[i] = like(kept[0], numbers[i])
            back[i] = read(kept[i])

    back = torch.empty(10_000)
    loop(numbers.numpy(), kept.view(torch.int16).numpy(), back.numpy())
    assert torch.equal(kept, numbers.bfloat16())
    assert torch.equal(back, numbers.bfloat16().float())
    loop(numbers.numpy(), back.numpy(), back.numpy())
    assert torch.equal(back, numbers)


def test_a_sum_of_products_is_that_of_double_precision():
    draw = np.random.default_rng(0)
    for width in (1, 7, 128, 200):
        a, b = (draw.standard_normal(width).astype(np.float32) for _ in range(2))
        assert abs(dot(a, b) - np.dot(a.astype(np.float64), b)) < 1e-5 * width**0.5
