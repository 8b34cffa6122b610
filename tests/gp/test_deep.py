import numpy as np
import pytest
import torch

import latscape as ls
from gp.contracts import SurrogateContract
from latscape.errors import InputError
from latscape.gp import DeepKernel, WarmSurrogate, predict
from latscape.gp.likelihood import log_marginal
from latscape.gp.mixture import Mixture
from latscape.gp.surrogate import refit


class TestDeepKernel(SurrogateContract):
    def surrogate(self):
        return DeepKernel(steps=100)


class TestDeepKernelOfPixels(SurrogateContract):
    def surrogate(self):
        return DeepKernel(components=0, steps=150, kernel="matern", patience=30)


class TestDeepEnsemble(SurrogateContract):
    def surrogate(self):
        return DeepKernel(members=2, steps=60)


def bright_spots(n, size=12, seed=0):
    """Patches with one spot each, anywhere, bright or dark; the target is its contrast."""
    rng = np.random.default_rng(seed)
    bright, at = rng.uniform(0.5, 2.0, n), rng.uniform(2, size - 3, (n, 2))
    y, x = np.mgrid[:size, :size]
    spots = np.exp(-((x - at[:, 0, None, None]) ** 2 + (y - at[:, 1, None, None]) ** 2) / 1.5)
    sign = rng.choice([-1.0, 1.0], n)
    return ((sign * bright)[:, None, None] * spots).reshape(n, -1), bright


def r2(true, found):
    return 1 - np.mean((true - found) ** 2) / np.var(true)


def test_the_marginal_likelihood_and_its_gradient_are_those_of_torch():
    generator = torch.Generator().manual_seed(0)
    root, residual = (torch.randn(s, generator=generator, dtype=torch.float64) for s in ((6, 6), (6,)))
    covariance = root @ root.T + torch.eye(6)
    covariance.requires_grad_(), residual.requires_grad_()
    plain = torch.distributions.MultivariateNormal(torch.zeros(6).double(), covariance).log_prob(residual)
    expected = torch.autograd.grad(plain, (covariance, residual))
    found = torch.autograd.grad(log_marginal(covariance, residual), (covariance, residual))
    torch.testing.assert_close(log_marginal(covariance, residual), plain)
    torch.testing.assert_close(found[0], (expected[0] + expected[0].T) / 2)
    torch.testing.assert_close(found[1], expected[1])


def test_the_posterior_is_that_of_an_exact_gp_on_the_map():
    x, y = bright_spots(40)
    model = DeepKernel(steps=40).fit(x[:30], y[:30])
    mean, std = predict(model, x[30:])
    z, new = model.embed(x[:30]), model.embed(x[30:])
    kernel = model.covar_module

    def cov(a, b):
        squared = ((a[:, None] - b[None]) ** 2).sum(-1) / kernel.base_kernel.lengthscale.item() ** 2
        return kernel.outputscale.item() * np.exp(-0.5 * squared)

    constant, scale = model.mean_module.constant.item(), y[:30].std(ddof=1)
    inverse = np.linalg.inv(cov(z, z) + model.likelihood.noise.item() * np.eye(30))
    weights = inverse @ ((y[:30] - y[:30].mean()) / scale - constant)
    np.testing.assert_allclose(mean, y[:30].mean() + scale * (constant + cov(new, z) @ weights), rtol=1e-6)
    variance = kernel.outputscale.item() - np.einsum("ij,jk,ik->i", cov(new, z), inverse, cov(new, z))
    np.testing.assert_allclose(std, scale * np.sqrt(variance), rtol=1e-3, atol=1e-5)


def test_a_map_of_what_is_there_generalizes_where_pixels_do_not():
    x, y = bright_spots(400)
    conv = DeepKernel(extractor="conv").refit(x[:60], y[:60], field=x)
    pixels = ls.gp.ExactGP().fit(x[:60], y[:60])
    assert r2(y, predict(conv, x)[0]) > 0.9 > r2(y, predict(pixels, x)[0]) + 0.3


def test_one_posterior_whether_asked_together_or_point_by_point():
    x, y = bright_spots(30)
    model = DeepKernel(steps=20).fit(x[:20], y[:20])
    points = torch.from_numpy(x[20:])
    together, apart = model.posterior(points), model.posterior(points[:, None])
    torch.testing.assert_close(together.mean[:, 0], apart.mean[:, 0, 0])
    torch.testing.assert_close(together.variance[:, 0], apart.variance[:, 0, 0], rtol=1e-4, atol=1e-7)


def test_a_fit_goes_on_from_the_model_before_and_leaves_it_alone():
    x, y = bright_spots(120)
    options = DeepKernel(steps=120, warm_steps=3, settled=0.0)
    first = options.refit(x[:40], y[:40], field=x)
    before = {name: value.clone() for name, value in first.state_dict().items()}
    second = options.refit(x[:60], y[:60], field=x, previous=first)
    assert second.training_.steps <= 3
    assert all(torch.equal(value, before[name]) for name, value in first.state_dict().items())
    assert r2(y, predict(second, x)[0]) > r2(y, predict(first, x)[0]) - 0.02
    again = options.refit(x[:60], y[:60], field=x, previous=first)
    assert np.array_equal(predict(again, x)[0], predict(second, x)[0])
    same = options.refit(x[:60], 3 * y[:60] + 7, field=x, previous=second)  # nothing new but the unit
    np.testing.assert_allclose(predict(same, x)[0], 3 * predict(second, x)[0] + 7)


def test_a_training_ends_when_the_likelihood_stops_improving():
    x, y = bright_spots(50)
    model = DeepKernel(steps=2000, tolerance=0.01).fit(x, y)
    assert model.training_.steps < 1000


def test_the_extractor_is_frozen_once_predictions_have_settled():
    x, y = bright_spots(400)
    options = DeepKernel(extractor="conv", settled=0.05)
    model, frozen_at = None, None
    for n in range(40, 200, 10):
        model = options.refit(x[:n], y[:n], field=x, previous=model)
        if model.training_.frozen and frozen_at is None:
            frozen_at, map_then = n, model.embed(x)
            assert model.training_.change < 0.05
            assert model.training_.points == n
    assert frozen_at is not None
    assert np.array_equal(model.embed(x), map_then)
    assert len(model.train_targets) == 190  # conditioned on all, though the extractor knows fewer
    unsettled = DeepKernel(extractor="conv", settled=0.0, steps=3, warm_steps=1)
    for n in range(40, 200, 40):
        model = unsettled.refit(x[:n], y[:n], field=x, previous=None if n == 40 else model)
    assert not model.training_.frozen


def test_no_extractor_is_frozen_without_a_field_to_judge_it_by():
    x, y = bright_spots(100)
    options = DeepKernel(steps=3, warm_steps=1, settled=0.9)
    model = options.refit(x[:10], y[:10])
    for n in (20, 40, 80):
        model = options.refit(x[:n], y[:n], previous=model)
    assert not model.training_.frozen


def test_patches_of_several_channels_are_taken_apart():
    rng = np.random.default_rng(0)
    patches = rng.normal(size=(80, 6, 5, 2))
    target = patches[..., 1].std(axis=(1, 2))
    model = DeepKernel(extractor="conv", shape=(6, 5, 2), steps=5).fit(patches.reshape(80, -1), target)
    flat = torch.from_numpy(patches.reshape(80, -1))
    standard = model.embedding.scaling(flat).reshape(80, 2, 6, 5)
    expected = np.moveaxis((patches - patches.mean((0, 1, 2))) / patches.std((0, 1, 2)), -1, 1)
    np.testing.assert_allclose(standard, expected, atol=1e-10)


def test_conditioning_on_a_believed_point_shrinks_the_variance_there():
    x, y = bright_spots(30)
    for model in (DeepKernel(steps=30).fit(x[:20], y[:20]), DeepKernel(steps=30, members=2).fit(x[:20], y[:20])):
        new = torch.from_numpy(x[20:21])
        before = model.posterior(new)
        believed = model.condition_on_observations(new, before.mean)
        after = believed.posterior(new)
        torch.testing.assert_close(after.mean, before.mean, rtol=1e-3, atol=1e-3)
        assert after.variance.item() < before.variance.item()


def test_a_mixture_has_the_mean_and_covariance_of_its_parts():
    x, y = bright_spots(30)
    model = DeepKernel(members=3, steps=10).fit(x[:20], y[:20])
    assert isinstance(model, Mixture)
    new = torch.from_numpy(x[20:25])
    parts, whole = [part.posterior(new) for part in model.models], model.posterior(new)
    generator = torch.Generator().manual_seed(0)
    roots = [torch.linalg.cholesky(p.distribution.covariance_matrix + 1e-9 * torch.eye(5)) for p in parts]
    noise = torch.randn(len(parts), 40000, 5, generator=generator, dtype=torch.float64)
    draws = torch.cat([p.mean[:, 0] + one @ root.T for p, one, root in zip(parts, noise, roots, strict=True)])
    scale = whole.variance.max().item()
    torch.testing.assert_close(draws.mean(0), whole.mean[:, 0], atol=0.02 * scale**0.5, rtol=0)
    torch.testing.assert_close(torch.cov(draws.T), whole.distribution.covariance_matrix, atol=0.02 * scale, rtol=0)


def test_refit_falls_back_to_fit():
    x, y = bright_spots(12)
    exact = ls.gp.ExactGP()
    assert isinstance(DeepKernel(), WarmSurrogate)
    assert not isinstance(exact, WarmSurrogate)
    assert np.array_equal(predict(refit(exact, x, y, field=x), x), predict(exact.fit(x, y), x))


@pytest.mark.parametrize(
    "options",
    [{"extractor": "cnn"}, {"kernel": "rq"}, {"latent": 0}, {"steps": 0}, {"learning_rate": 0.0}, {"settled": 1.0}],
    ids=str,
)
def test_bad_options_are_refused(options):
    with pytest.raises(InputError, match=r"Expected .* Got .* Try"):
        DeepKernel(**options)


def test_patches_of_another_shape_are_refused():
    with pytest.raises(InputError, match="Got 16"):
        DeepKernel(shape=(5, 5)).fit(np.zeros((3, 16)), [0.0, 1.0, 2.0])
