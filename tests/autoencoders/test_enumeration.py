"""The class is summed over exactly: every part of the ELBO against a loop over samples and classes."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import distributions as D

from latscape.autoencoders.batch import Batch
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian
from latscape.autoencoders.model import Autoencoder
from latscape.autoencoders.output import negative_elbo
from latscape.autoencoders.terms import Divergence, Step, reconstruction
from latscape.geometry.pose import Rotation, Scale, Translation
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.encoders import DenseEncoder
from latscape.nets.warp import WarpDecoder

BATCH, SHAPE, CHANNELS = 4, (5, 6), 2
STEP = Step(0, 1)
GENERATOR = torch.Generator().manual_seed(3)
X = torch.rand(BATCH, CHANNELS * 30, generator=GENERATOR, dtype=torch.float64)
BATCH_OF_X = Batch(X)
KL = Divergence(("rotation", "translation", "scale", "content"), np.zeros(1))
LIKELIHOODS = {
    Bernoulli(): lambda parameters: D.Bernoulli(logits=parameters, validate_args=False),
    Gaussian(0.4): lambda parameters: D.Normal(parameters, 0.4),
}


def build(likelihood=Bernoulli(), classes=3, decoder=WarpDecoder(hidden=(8,))) -> Autoencoder:  # noqa: B008
    return Autoencoder(
        shape=SHAPE,
        channels=CHANNELS,
        content=2,
        classes=classes,
        pose=(Rotation(0.5), Translation(0.1), Scale(0.2)),
        encoder=DenseEncoder(hidden=(8,)),
        decoder=decoder,
        likelihood=likelihood,
        generator=torch.Generator().manual_seed(0),
    ).double()


def noise_for(model: Autoencoder) -> torch.Tensor:
    return torch.randn(BATCH, model.latent.noise_width, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def loop_over_classes(model: Autoencoder, output, distribution) -> torch.Tensor:
    """sum_k q(k | x) (-log p(x | z, k)), each class of each sample decoded apart."""
    rows = []
    for index in range(BATCH):
        values = {name: value[index : index + 1] for name, value in output.sample.items()}
        log_likelihood = [
            distribution(model.decode(values)[0, label]).log_prob(X[index]).sum()
            for label in range(max(model.classes, 1))
        ]
        rows.append(-sum(output.class_probs[index, label] * value for label, value in enumerate(log_likelihood)))
    return torch.stack(rows)


@pytest.mark.parametrize(
    "decoder", [WarpDecoder(hidden=(8,)), CoordinateDecoder(hidden=(8,))], ids=lambda decoder: type(decoder).__name__
)
@pytest.mark.parametrize("classes", [0, 3])
@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=str)
def test_the_reconstruction_term_is_the_loop_over_classes(likelihood, classes, decoder):
    model = build(likelihood, classes, decoder)
    output = model(BATCH_OF_X, noise_for(model))
    torch.testing.assert_close(
        reconstruction(output, BATCH_OF_X, STEP), loop_over_classes(model, output, LIKELIHOODS[likelihood])
    )


@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=str)
def test_the_elbo_is_its_hand_computation(likelihood):
    model = build(likelihood)
    output = model(BATCH_OF_X, noise_for(model))
    divergence = torch.zeros(BATCH, dtype=torch.float64)
    for name, prior in (("rotation", 0.5), ("translation", 0.1), ("scale", 0.2), ("content", 1.0)):
        q = output.posterior[name]
        centre, width = torch.zeros_like(q.mean), torch.full_like(q.std, prior)
        divergence = divergence + D.kl_divergence(D.Normal(q.mean, q.std), D.Normal(centre, width)).sum(1)
    torch.testing.assert_close(KL(output, BATCH_OF_X, STEP), divergence)
    class_divergence = np.log(3) - D.Categorical(probs=output.class_probs).entropy()
    torch.testing.assert_close(Divergence(("class",), np.zeros(1))(output, BATCH_OF_X, STEP), class_divergence)
    expected = loop_over_classes(model, output, LIKELIHOODS[likelihood]) + divergence + class_divergence
    torch.testing.assert_close(negative_elbo(output), expected)


def test_the_sum_over_classes_is_the_mean_over_sampled_classes_within_five_standard_errors():
    model = build()
    output = model(BATCH_OF_X, noise_for(model))
    draws = torch.multinomial(
        output.class_probs.detach(), 100_000, replacement=True, generator=torch.Generator().manual_seed(0)
    )
    sampled = output.nll.detach().gather(1, draws)
    error = 5 * sampled.std(1) / draws.shape[1] ** 0.5
    assert ((sampled.mean(1) - reconstruction(output, BATCH_OF_X, STEP).detach()).abs() < error).all()


def test_the_gradient_reaches_the_class_logits_through_the_sum():
    model = build()
    output = model(BATCH_OF_X, noise_for(model))
    log_probs = output.posterior["class"].log_probs
    (gradient,) = torch.autograd.grad(reconstruction(output, BATCH_OF_X, STEP).sum(), log_probs)
    torch.testing.assert_close(gradient, output.class_probs * output.nll)


def test_a_sample_without_noise_is_decoded_at_the_posterior_means():
    model = build()
    output = model(BATCH_OF_X, torch.zeros(BATCH, model.latent.noise_width, dtype=torch.float64))
    for name, value in output.sample.items():
        torch.testing.assert_close(value, output.posterior[name].mean)
    torch.testing.assert_close(
        output.parameters, model.decode({name: q.mean for name, q in output.posterior.items() if name != "class"})
    )


@given(st.permutations(range(BATCH)))
def test_the_elbo_does_not_depend_on_the_order_of_a_batch(order):
    model = build()
    noise, index = noise_for(model), torch.tensor(order)
    whole = negative_elbo(model(BATCH_OF_X, noise))
    torch.testing.assert_close(negative_elbo(model(BATCH_OF_X.take(index), noise[index])), whole[index])
