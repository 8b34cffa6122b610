"""Models trained together end where each would end alone."""

import numpy as np
import pytest
import torch

import latscape as ls
from latscape.autoencoders.batch import Batch
from latscape.autoencoders.population import fit_together, train_together
from latscape.autoencoders.train import Optimization, train
from latscape.errors import InputError, TrainingError
from latscape.random import torch_generator

DECODERS = {"warp": ls.WarpDecoder(rank=4), "coordinate": ls.CoordinateDecoder((8, 8), chunk=None)}


def images(n=20, seed=0):
    return np.random.default_rng(seed).uniform(size=(n, 6, 6)).astype(np.float32)


def jrvaes(betas, **options):
    return [ls.jrvae(3, beta_c=beta, seed=k, epochs=3, batch=7, **options) for k, beta in enumerate(betas)]


@pytest.mark.parametrize("decoder", DECODERS)
def test_in_double_precision_together_and_alone_are_the_same_to_rounding(decoder):
    # Single precision would not do: Adam divides by the gradient's size, so rounding of a tiny one grows at once.
    estimators = jrvaes([0.5, ls.cooldown(4, 1, start=0.1, end=0.6), 8.0], decoder=DECODERS[decoder])
    x = torch.from_numpy(images()).flatten(1).double()
    options = Optimization(3, 7, np.array([1e-2, 5e-3, 1e-3]))
    terms = [estimator._weighted(estimator._prepare(images(), None).terms) for estimator in estimators]

    def models():
        return [estimator._prepare(images(), None).model.double() for estimator in estimators]

    alone, together = models(), models()
    histories = [
        train(model, Batch(x), each, options, torch_generator(k, "train"))
        for k, (model, each) in enumerate(zip(alone, terms, strict=True))
    ]
    generators = [torch_generator(k, "train") for k in range(3)]
    found = train_together(together, x.expand(3, -1, -1), terms, options, generators)
    for ours, theirs in zip(found, histories, strict=True):
        assert not isinstance(ours, TrainingError)
        assert list(ours) == list(theirs)
        np.testing.assert_allclose(np.array(list(ours.values())), np.array(list(theirs.values())), rtol=1e-6)
    for ours, theirs in zip(together, alone, strict=True):
        for (name, a), (_, b) in zip(ours.state_dict().items(), theirs.state_dict().items(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-7, msg=name)


def test_estimators_are_fitted_as_by_their_own_fit(tmp_path):
    together, alone = jrvaes([1.0, 5.0]), jrvaes([1.0, 5.0])
    data = [images(seed=1), images(seed=2)]
    assert fit_together(together, data) == [None, None]
    for ours, theirs, x in zip(together, alone, data, strict=True):
        theirs.fit(x)
        np.testing.assert_allclose(ours.history_["loss"], theirs.history_["loss"], rtol=2e-3)
        assert ours.predict_proba(x).shape == (20, 3)
        loaded = ls.load(ours.save(tmp_path / "model.safetensors"))
        np.testing.assert_array_equal(loaded.transform(x), ours.transform(x))


@pytest.mark.parametrize(
    "schedules",
    [
        {"learning_rate": [ls.linear(1e-2, 1e-3), 3e-3]},
        {"beta_pose": [0.5, ls.linear(2.0, 1.0)]},
        {"learning_rate": [1e-2, 1e-4], "beta_pose": [1.0, 3.0]},
    ],
)
def test_any_schedule_may_differ(schedules):
    def models():
        each = [{name: values[k] for name, values in schedules.items()} for k in range(2)]
        return [ls.jrvae(3, seed=k, epochs=3, batch=7, **options) for k, options in enumerate(each)]

    together, alone = models(), models()
    assert fit_together(together, images()) == [None, None]
    for ours, theirs in zip(together, alone, strict=True):
        theirs.fit(images())
        np.testing.assert_allclose(ours.history_["loss"], theirs.history_["loss"], rtol=2e-3)


def test_one_that_diverges_is_named_and_leaves_the_others_alone():
    x = images()
    rates = ls.jrvae(3, epochs=3, beta_c=np.array([1.0, 1e39, 1.0]))  # beyond single precision
    fine = ls.jrvae(3, epochs=3, seed=1)
    error, none = fit_together([rates, fine], x)
    assert isinstance(error, TrainingError)
    assert "epoch 1" in str(error)
    assert none is None
    assert not hasattr(rates, "model_")
    alone = ls.jrvae(3, epochs=3, seed=1).fit(x)
    np.testing.assert_allclose(fine.history_["loss"], alone.history_["loss"], rtol=2e-3)


def own(output, batch, step):
    return output.expected_nll


@pytest.mark.parametrize(
    ("models", "data", "expected"),
    [
        ([], images(), "at least one estimator"),
        ([ls.jrvae(3), ls.jrvae(4)], images(), "classes=4 beside classes=3"),
        ([ls.jrvae(3), ls.jrvae(3, epochs=7)], images(), "epochs=7"),
        ([ls.jrvae(3), ls.jrvae(3, terms={"own": (own, 1.0)})], images(), "same terms"),
        ([ls.jrvae(3), ls.jrvae(3, beta_pose=1.0)], images(), "same terms"),
        ([ls.jrvae(3), ls.jrvae(3, capacity_c=1.0)], images(), "capacity_c=1.0"),
        ([ls.jrvae(3), ls.jrvae(3, seed=1)], [images()] * 3, "a list of 2"),
        ([ls.jrvae(3), ls.jrvae(3, seed=1)], [images(20), images(21)], "arrays of one shape"),
    ],
)
def test_what_cannot_be_trained_together_is_said(models, data, expected):
    with pytest.raises(InputError, match=expected):
        fit_together(models, data)
