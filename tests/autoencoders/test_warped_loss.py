"""Fused warp and loss equal their two-step definition, in value and in every gradient."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from numba.core import caching

import latscape as ls
from latscape.autoencoders.cpu import dispatch, warped
from latscape.autoencoders.cpu.warped import supported, warped_loss
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian, Loss, Poisson
from latscape.compilation import CONTRACT, compiled_loop
from latscape.geometry.grid import pixel_grid, sample, transform

LIKELIHOODS = [Bernoulli(), Gaussian(0.2), Gaussian(0.3, bounded=True), Poisson(4.0)]
every_likelihood = pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=lambda one: one.loss.name)


def problem(classes, batch, shape, seed, spread=0.4):
    draw = torch.Generator().manual_seed(seed)
    canonical = 3 * torch.randn(classes, batch, shape[0] * shape[1], generator=draw)
    inverse = torch.eye(2, 3) + spread * torch.randn(batch, 2, 3, generator=draw)
    return canonical, inverse, torch.rand(batch, shape[0] * shape[1], generator=draw)


def two_steps(canonical, inverse, x, shape, likelihood=LIKELIHOODS[0]):
    classes, batch, _ = canonical.shape
    stack = canonical.transpose(0, 1).reshape(batch, classes, *shape)
    posed = sample(stack, transform(inverse, pixel_grid(*shape).to(inverse)))
    return likelihood.nll(posed.reshape(batch, classes, -1), x)


def in_one(canonical, inverse, x, shape, likelihood=LIKELIHOODS[0]):
    total = warped_loss(likelihood.loss, canonical, inverse, x / likelihood.scale, shape)
    return likelihood.from_loss(total, x)


def gradients(function, canonical, inverse, x, shape, above, *likelihood):
    canonical, inverse = canonical.clone().requires_grad_(), inverse.clone().requires_grad_()
    value = function(canonical, inverse, x, shape, *likelihood)
    (value * above).sum().backward()
    return value.detach(), canonical.grad, inverse.grad


@every_likelihood
@settings(max_examples=25)
@given(
    st.integers(1, 17), st.integers(1, 20), st.tuples(st.integers(2, 13), st.integers(2, 13)), st.integers(0, 10_000)
)
def test_value_and_gradients_are_those_of_sampling_and_scoring(likelihood, classes, batch, shape, seed):
    parts = problem(classes, batch, shape, seed)
    above = torch.rand(batch, classes, generator=torch.Generator().manual_seed(seed))
    # float64 as the judge: what is left is the rounding of single precision, and pixels that fall on a cell's edge,
    # where the slope jumps and single precision may stand on the other side.
    judge = gradients(two_steps, *(part.double() for part in parts), shape, above.double(), likelihood)
    ours = gradients(in_one, *parts, shape, above, likelihood)
    # A logistic slope is at most 1; rounding of other losses is in units of their largest.
    unit = 1.0 if likelihood.loss is Loss.LOGISTIC else max(float(judge[1].abs().max()), 1.0)
    torch.testing.assert_close(ours[0].double(), judge[0], rtol=2e-6, atol=2e-5 * unit)
    torch.testing.assert_close(ours[1].double(), judge[1], rtol=0, atol=2e-4 * unit)
    scale = float(judge[2].abs().max())
    torch.testing.assert_close(ours[2].double(), judge[2], rtol=0, atol=2e-4 * max(scale, 1.0))


def test_logits_of_any_size_give_finite_values_that_double_precision_agrees_with():
    canonical = torch.tensor([-1e4, -90, -20, -1e-3, 0, 1e-3, 20, 90, 1e4]).repeat(4, 1).T[:, None].contiguous()
    x = torch.tensor([[0.0, 0.3, 0.7, 1.0]])
    ours = in_one(canonical, torch.eye(2, 3)[None], x, (2, 2))
    exact = two_steps(canonical.double(), torch.eye(2, 3)[None].double(), x.double(), (2, 2))
    torch.testing.assert_close(ours.double(), exact, rtol=1e-6, atol=1e-6)


def test_threads_share_a_batch_without_changing_a_bit():
    parts = problem(10, 37, (9, 8), seed=3)
    before = torch.get_num_threads()
    try:
        results = []
        for threads in (1, 2, 4):
            torch.set_num_threads(threads)
            results.append(gradients(in_one, *parts, (9, 8), torch.ones(37, 10)))
    finally:
        torch.set_num_threads(before)
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


@every_likelihood
def test_nan_is_passed_on(likelihood):
    canonical, inverse, x = problem(3, 2, (4, 4), seed=0, spread=0)
    canonical[1, 0, 5] = float("nan")
    value = in_one(canonical, inverse, x, (4, 4), likelihood)
    assert value[0, 1].isnan()
    assert value.isnan().sum() == 1
    inverse[1, 0, 0] = float("nan")
    assert in_one(canonical, inverse, x, (4, 4), likelihood)[1].isnan().all()


def test_a_population_in_front_is_the_same_as_one_model_after_the_other():
    canonical, inverse, x = (
        torch.stack(parts) for parts in zip(*(problem(3, 9, (6, 5), s) for s in range(4)), strict=True)
    )
    canonical.requires_grad_()
    inverse.requires_grad_()
    together = torch.vmap(lambda c, a, v: in_one(c, a, v, (6, 5)))(canonical, inverse, x)
    found = torch.autograd.grad(together.square().sum(), (canonical, inverse))
    apart = torch.stack([in_one(c, a, v, (6, 5)) for c, a, v in zip(canonical, inverse, x, strict=True)])
    for ours, theirs in zip(found, torch.autograd.grad(apart.square().sum(), (canonical, inverse)), strict=True):
        torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(together, apart)


@pytest.mark.parametrize("shape", [(1, 8), (8, 1), (8,)])
def test_lines_of_pixels_are_left_to_the_general_path(shape):
    assert not supported(torch.zeros(2, 3, 8), torch.eye(2, 3).expand(3, 2, 3), torch.zeros(3, 8), shape)


@pytest.mark.parametrize("likelihood", [*LIKELIHOODS, Gaussian(0.2, learned=True)], ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("class_samples", [0, 2])
@pytest.mark.parametrize(("channels", "n_orientations"), [(1, 1), (3, 1), (2, 3)])
def test_a_model_scores_and_learns_the_same_with_and_without_it(
    channels, n_orientations, class_samples, likelihood, monkeypatch
):
    images = np.random.default_rng(0).uniform(size=(24, 8, 7, channels))
    parts = {"n_orientations": n_orientations, "class_samples": class_samples, "likelihood": likelihood}
    options = {"classes": 3, "shift": 0.1, "epochs": 3, "batch": 8, **parts}
    calls = []
    monkeypatch.setattr(dispatch, "warped_loss", lambda *parts: calls.append(1) or warped.warped_loss(*parts))
    fast = ls.jrvae(**options).fit(images)
    assert len(calls) == 9  # three steps in each of three epochs: the default model does take the short way
    scores = fast.score_samples(images)
    monkeypatch.setattr(dispatch, "supported", lambda *_: False)
    np.testing.assert_allclose(fast.score_samples(images), scores, rtol=1e-4)
    slow = ls.jrvae(**options).fit(images)
    np.testing.assert_allclose(fast.history_["loss"][:2], slow.history_["loss"][:2], rtol=1e-5)
    # Where the deviation is small, Adam makes much of the rounding of gradients near zero: the third epoch then differs
    # from processor to processor, by 0.4 % on one of them, so only the first two are compared closely.
    sharp = likelihood.loss is Loss.SQUARE
    np.testing.assert_allclose(fast.history_["loss"], slow.history_["loss"], rtol=2e-2 if sharp else 1e-5)
    if not sharp:
        np.testing.assert_allclose(fast.score_samples(images), slow.score_samples(images), rtol=1e-4)


class Doubled(Gaussian):
    """Scores in its own way, and says nothing of a loss."""

    def nll(self, parameters, x):
        return 2.0 * super().nll(parameters, x)


class Plain:
    """What is asked of a likelihood, without inheriting anything."""

    support, scale = (0.0, 1.0), 1.0

    def build(self):
        return self

    def nll(self, parameters, x):
        return 2.0 * Gaussian(0.3).nll(parameters, x)

    def mean(self, parameters):
        return parameters


@pytest.mark.parametrize("own", [Doubled(0.3), Plain()], ids=lambda one: type(one).__name__)
def test_a_likelihood_of_ones_own_is_asked_itself(own):
    images = np.random.default_rng(0).uniform(size=(10, 6, 6))
    fits = [ls.jrvae(2, likelihood=one, epochs=1, learning_rate=1e-12).fit(images) for one in (Gaussian(0.3), own)]
    single, double = (fit.history_["reconstruction"][0] for fit in fits)
    assert fits[0].model_.loss is not None
    assert fits[1].model_.loss is None
    assert double == pytest.approx(2 * single, rel=1e-4)


def test_where_nothing_can_be_written_it_compiles_without_keeping_the_result(monkeypatch):
    monkeypatch.setattr(caching.CompileResultCacheImpl, "_locator_classes", [])
    with pytest.raises(RuntimeError, match="cannot cache"):
        njit(cache=True)(lambda x: x)
    assert compiled_loop(CONTRACT)(lambda x: x + 1)(2) == 3
