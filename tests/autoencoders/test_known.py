"""What y tells is checked once, at the border."""

import numpy as np
import pytest

import latscape as ls
from latscape.autoencoders.statistics import Scaling
from latscape.nets.encoders import DenseEncoder

GOOD = np.random.default_rng(0).uniform(size=(6, 4, 5))
OPTIONS = {"epochs": 1, "encoder": DenseEncoder(hidden=(4,))}
CASES = {
    "a class above the last": (ls.cvae(classes=3), [0, 1, 2, 3, 0, 0]),
    "an unknown class for a condition": (ls.cvae(classes=3), [0, 1, 2, -1, 0, 0]),
    "too few labels": (ls.cvae(classes=3), [0, 1]),
    "labels one-hot": (ls.cvae(classes=2), np.eye(2)[[0, 1, 0, 1, 0, 1]]),
    "half a class": (ls.cvae(classes=2), [0, 0.5, 1, 1, 1, 1]),
    "text": (ls.cvae(classes=2), list("aabbab")),
    "no condition": (ls.cvae(classes=2), None),
    "a factor that is nan": (ls.cvae(factors=1), [0, 1, np.nan, 2, 3, 4]),
    "factors of another width": (ls.cvae(factors=2), np.zeros((6, 3))),
    "factors of text": (ls.cvae(factors=1), list("aabbab")),
    "too many factors": (ls.cvae(factors=1), np.zeros(7)),
    "a label below -1": (ls.ssvae(3), [0, 1, 2, -2, 0, 0]),
    "a label above the last": (ls.ssvae(3), [0, 1, 3, -1, 0, 0]),
    "no label at all": (ls.ssvae(3), [-1] * 6),
    "no labels": (ls.ssvae(3), None),
    "ragged labels": (ls.ssvae(3), [[0], [1, 2], 0, 0, 0, 0]),
    "more classes than samples": (ls.ssvae(7), [0, 1, 2, 3, 4, 5]),
    "labels without classes": (ls.VAE(supervision=ls.Labels()), [0, 1, 0, 1, 0, 1]),
    "factors all unknown": (ls.ssvae(factors=1), [np.nan] * 6),
    "an infinite factor": (ls.ssvae(factors=1), [np.inf, 1, 2, 3, 4, 5]),
    "no pair": (ls.ved(), None),
    "too few pairs": (ls.ved(), GOOD[:3]),
    "a pair with nan": (ls.ved(), np.where(GOOD > 0.9, np.nan, GOOD)),
    "one number a pair": (ls.ved(), np.zeros(6)),
    "no part": (ls.VAE(supervision="labels"), [0, 1, 0, 1, 0, 1]),
}


@pytest.mark.parametrize(("model", "y"), CASES.values(), ids=CASES)
def test_y_that_tells_nothing_usable_is_refused(model, y, refused):
    with refused():
        model.set_params(**OPTIONS).fit(GOOD, y)


@pytest.mark.parametrize(
    "options", [{}, {"classes": 1}, {"classes": 3, "factors": 1}, {"classes": "3"}, {"factors": -1}]
)
def test_a_condition_is_classes_or_factors(options, refused):
    with refused():
        ls.cvae(**options)


@pytest.mark.parametrize("options", [{}, {"classes": 1}, {"factors": -1}])
def test_a_semi_supervised_model_has_classes_or_factors(options, refused):
    with refused():
        ls.ssvae(**options)


@pytest.mark.parametrize("method", ["encode", "transform", "reconstruct", "score_samples", "score"])
def test_a_conditional_model_asks_for_its_condition(method, refused):
    model = ls.cvae(classes=2, **OPTIONS).fit(GOOD, [0, 1, 0, 1, 0, 1])
    with refused():
        getattr(model, method)(GOOD)
    with refused():
        getattr(model, method)(GOOD, [0, 1])
    with refused():
        getattr(model, method)(GOOD, [0, 1, 2, 0, 0, 0])
    with refused():
        model.decode([[0.0, 0.0]])


def test_predict_says_what_it_cannot(refused):
    with refused():
        ls.ssvae(2, **OPTIONS).fit(GOOD, [0, 1, -1, -1, -1, -1]).predict(GOOD, return_std=True)
    with refused():
        ls.ved(**OPTIONS).fit(GOOD, GOOD).predict(GOOD, draws=0)
    with refused():
        ls.ssvae(2, **OPTIONS).predict(GOOD)


def test_an_unsupervised_model_ignores_y_as_scikit_learn_does(weights):
    model = ls.jvae(2, **OPTIONS)
    assert (weights(model.fit(GOOD, "anything")) == weights(ls.jvae(2, **OPTIONS).fit(GOOD))).all()


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (1, 5), (4, 4, 2), (9,), (1,)])
@pytest.mark.parametrize("value", [None, 0.5, 0.0])
def test_one_pixel_odd_sizes_and_constant_images_work(shape, value):
    stack = GOOD.reshape(-1)[: 6 * int(np.prod(shape))] if value is None else np.full(6 * int(np.prod(shape)), value)
    stack = np.resize(stack, (6, *shape))
    labels, numbers = [0, 1, -1, -1, 0, 1], [0.0, 0.0, np.nan, 0.0, 0.0, 0.0]
    for model, y in (
        (ls.ae(**OPTIONS), None),
        (ls.cvae(classes=2, **OPTIONS), [0, 1, 0, 1, 0, 1]),
        (ls.ssvae(2, **OPTIONS), labels),
        (ls.ssvae(factors=1, **OPTIONS), numbers),
        (ls.ved(**OPTIONS), stack),
    ):
        assert np.isfinite(model.fit(stack, y).score(stack, y))


def test_integers_and_booleans_are_taken():
    ls.ssvae(2, **OPTIONS).fit((GOOD > 0.5).astype(int), np.array([0, 1, 0, 1, -1, -1], dtype=np.int8))
    ls.cvae(classes=2, **OPTIONS).fit(GOOD > 0.5, np.array([True, False] * 3))
    ls.cvae(factors=1, **OPTIONS).fit(GOOD, np.arange(6))


def test_scaling_is_undone_and_a_constant_keeps_its_unit():
    values = np.array([[1.0, 5.0], [3.0, 5.0], [np.nan, 5.0]])
    scaling = Scaling.of(values)
    assert scaling == Scaling((2.0, 5.0), (1.0, 1.0))
    np.testing.assert_allclose(scaling.undo(scaling.apply(values)), values)
