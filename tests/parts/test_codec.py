"""Parts survive files and records: those of the package, those of a user, and those within others."""

import json
import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from gpytorch.priors import GammaPrior, NormalPrior
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import HalfNormal, LogNormal, Normal, Uniform

import latscape as ls
from latscape import parts
from latscape.campaign import UCB, Box, Campaign
from latscape.gp import BayesianGP, ExactGP, RefitOnGrowth, StructuredGP
from latscape.nets.dense import DenseDecoder
from latscape.parts import registry
from latscape.parts.codec import dump, restore
from latscape.parts.registry import registered_parts
from parts.helpers import examples, name_of


@pytest.fixture
def own(monkeypatch):
    """What is registered in a test is forgotten after it."""
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))


@pytest.mark.parametrize("example", examples(), ids=name_of)
def test_every_registered_class_returns(example):
    entry, part = example
    text = dump({"part within": [part], "plain": 1.5})
    assert restore(text) == {"part within": (part,), "plain": 1.5}
    assert json.loads(text)["part within"][0]["part"] == f"{entry.kind}:{entry.word}"


def test_every_registered_function_returns():
    for kind in ("model", "term", "acquisition", "descriptor", "objective"):
        for entry in registered_parts(kind).values():
            part = entry.load()
            if not isinstance(part, type):
                assert restore(dump(part)) is part


@given(st.floats(allow_nan=False), st.lists(st.floats(0, 1e9), min_size=3, max_size=5))
def test_numbers_return_to_the_last_digit(prior, values):
    one = {"angle": ls.Rotation(math.inf), "curve": ls.linear(prior if math.isfinite(prior) else 0.0, 1 / 3)}
    assert restore(dump(one)) == one
    assert restore(dump(np.array(values))) == tuple(values)


def test_parts_within_parts_return():
    one = RefitOnGrowth(ExactGP(kernel="rbf", noise="broad"))
    assert restore(dump(one)) == one
    assert restore(dump(one)).surrogate == ExactGP(kernel="rbf", noise="broad")


def test_what_nobody_registered_is_refused_both_ways(refused):
    @dataclass(frozen=True)
    class Mine:
        pass

    with refused() as error:
        dump(Mine())
    assert "register" in str(error.value)
    for text in ('{"part": "decoder:os.system"}', '{"part": "builtins:eval"}', '{"part": "warp"}'):
        with refused():
            restore(text)


@pytest.mark.parametrize(
    "prior",
    [
        Normal(0.1, 5.0),
        Normal(torch.tensor(0.1, dtype=torch.float64), torch.tensor(5.0, dtype=torch.float64)),
        LogNormal(torch.zeros(2), torch.tensor([0.3, 1.0])),
        HalfNormal(0.7),
        Uniform(-1.0, 2.0),
        NormalPrior(0.1, 1.0),
        GammaPrior(2.0, 0.15),
    ],
    ids=str,
)
def test_distributions_return_with_their_precision(prior):
    again = restore(dump({"prior": prior}))["prior"]
    assert type(again) is type(prior)
    for name in prior.arg_constraints:
        one, other = getattr(prior, name), getattr(again, name)
        assert one.dtype == other.dtype
        assert torch.equal(one, other)
    at = torch.full(prior.batch_shape, 0.6)
    assert torch.equal(prior.log_prob(at), again.log_prob(at))


def decay(x, p):
    """Falls with the first input."""
    return p["height"] * torch.exp(-p["rate"] * x[:, 0])


PRIORS = {"height": Normal(1.0, 0.5), "rate": LogNormal(0.0, 1.0)}


def value(x):
    return float(np.exp(-2.0 * x[0]) + 0.1 * np.sin(9 * x[0]))


@pytest.mark.parametrize(
    ("surrogate", "acquire"),
    [
        (lambda: StructuredGP(decay, PRIORS, n_restarts=1), UCB(3.0)),
        (
            lambda: StructuredGP(decay, {"height": NormalPrior(1.0, 0.5), "rate": GammaPrior(2.0, 1.0)}, n_restarts=1),
            "ei",
        ),
        (lambda: BayesianGP(samples=2, warmup=4, thinning=1, kernel="rbf"), "log_ei"),
    ],
    ids=["structured", "structured-gpytorch", "bayesian"],
)
def test_a_campaign_goes_on_with_the_surrogate_of_its_record(own, tmp_path, surrogate, acquire):
    parts.register("mean", "test-decay")(decay)
    space, ends = Box([(0, 1)], grid=12), {"n_initial": 3, "evaluate_optimum": False}
    whole = Campaign(space, surrogate(), acquire, seed=1).run(value, budget=5, **ends)
    cut = Campaign(space, surrogate(), acquire, seed=1, record=tmp_path / "cut")
    cut.run(value, budget=4, **ends)
    cut.record.close()
    again = Campaign.resume(tmp_path / "cut", space)
    assert type(again.surrogate) is type(surrogate())
    assert again.acquire == acquire
    if isinstance(again.surrogate, StructuredGP):
        assert again.surrogate.mean is decay
    else:
        assert again.surrogate == surrogate()
    found = again.run(value, budget=5, **ends)
    np.testing.assert_array_equal(found.points, whole.points)


def test_a_mean_that_nobody_registered_must_be_given_again(tmp_path, refused):
    space = Box([(0, 1)], grid=8)
    campaign = Campaign(space, StructuredGP(decay, PRIORS), record=tmp_path / "mine")
    campaign.ask(1)
    campaign.record.close()
    with refused() as error:
        Campaign.resume(tmp_path / "mine", space)
    assert "only its name, StructuredGP" in str(error.value)
    assert Campaign.resume(tmp_path / "mine", space, surrogate=StructuredGP(decay, PRIORS)).surrogate.mean is decay


@dataclass(frozen=True)
class Softer(ls.Gaussian):
    """A likelihood of one's own."""

    slack: float = 0.1


def test_a_model_with_parts_of_ones_own_is_saved_and_loaded(own, tmp_path, refused):
    images = np.random.default_rng(0).uniform(size=(20, 6, 6)).astype(np.float32)

    model = ls.vae(
        likelihood=Softer(0.4, slack=0.2),
        decoder=replace(DenseDecoder(), hidden=(8,)),
        encoder=ls.DenseEncoder((8,)),
        epochs=1,
    ).fit(images)
    with refused():
        model.save(tmp_path / "model.safetensors")
    parts.register("likelihood", "test-softer")(Softer)
    again = ls.load(model.save(tmp_path / "model.safetensors"))
    assert again.likelihood == Softer(0.4, slack=0.2)
    np.testing.assert_array_equal(again.transform(images), model.transform(images))
    assert parts.build_part("likelihood", "test-softer:0.4,slack=0.2") == again.likelihood
