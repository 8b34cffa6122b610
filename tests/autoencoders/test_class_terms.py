"""What classes are asked to tell: the loss terms against the metric, and what they make of a training."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import latscape as ls
from latscape.autoencoders.output import CLASS, Output
from latscape.autoencoders.terms import Step, class_balance, mutual_information
from latscape.latent.blocks import CategoricalPosterior
from latscape.metrics import class_information


def output(logits, n_orientations):
    q = CategoricalPosterior(logits.log_softmax(dim=1), n_orientations)
    return Output({CLASS: q}, {}, q.probs, torch.zeros_like(logits), {}, lambda values: torch.empty(0), None, None)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 5), st.integers(1, 3))
def test_what_is_not_told_is_the_rest_of_the_class_information(seed, classes, n_orientations):
    logits = 3 * torch.randn(
        40, classes * n_orientations, generator=torch.Generator().manual_seed(seed), dtype=torch.double
    )
    found = mutual_information(output(logits, n_orientations), None, Step(0, 1))
    probs = logits.softmax(dim=1).unflatten(1, (classes, n_orientations)).sum(dim=2)
    assert found.shape == (40,)
    np.testing.assert_allclose(found[0], np.log(classes) - class_information(probs), atol=1e-6)


def test_classes_that_part_the_samples_equally_leave_nothing_untold_and_all_are_in_use():
    logits = 50 * torch.eye(3).repeat(4, 1)
    assert abs(float(mutual_information(output(logits, 1), None, Step(0, 1))[0])) < 1e-6
    assert abs(float(class_balance(output(logits, 1), None, Step(0, 1))[0])) < 1e-6
    alone = torch.tensor([[50.0, 0.0, 0.0]]).repeat(12, 1)
    for term in (mutual_information, class_balance):
        np.testing.assert_allclose(float(term(output(alone, 1), None, Step(0, 1))[0]), np.log(3), atol=1e-6)


def test_the_gradient_is_finite_where_a_probability_vanishes():
    logits = torch.tensor([[900.0, 0.0], [0.0, 900.0]], requires_grad=True)
    mutual_information(output(logits, 1), None, Step(0, 1)).sum().backward()
    assert torch.isfinite(logits.grad).all()


def test_a_training_that_is_asked_for_it_has_classes_that_tell_more():
    generator = np.random.default_rng(0)
    bright = generator.integers(0, 2, size=120)
    images = np.clip(0.2 + 0.5 * bright[:, None, None] + 0.1 * generator.normal(size=(120, 6, 6)), 0, 1)
    options = {"epochs": 15, "batch": 30, "learning_rate": 3e-3, "seed": 1}
    told = [
        class_information(ls.jvae(2, terms=terms, **options).fit(images).predict_proba(images))
        for terms in (None, {"mutual_information": (mutual_information, 20.0)})
    ]
    assert told[1] > max(told[0], 0.6)
