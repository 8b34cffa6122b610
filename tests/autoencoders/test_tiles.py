"""The tiled likelihood of a coordinate decoder equals decoding and scoring, in value and in every gradient."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.profiler import ProfilerActivity, profile

import latscape as ls
from latscape.autoencoders.cpu import tile_visit, tiles
from latscape.autoencoders.cpu.tiles import decoded_nll, supported
from latscape.autoencoders.likelihoods import Bernoulli
from latscape.geometry.grid import pixel_grid, sample, transform
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.decoder_frame import DecoderFrame


def problem(shape=(6, 5), hidden=(16, 24), classes=3, channels=2, batch=4, seed=0, **options):
    """A decoder; contents, poses and samples; and weights of what it is scored."""
    draw = torch.Generator().manual_seed(seed)
    grid = pixel_grid(*shape)
    frame = DecoderFrame(2, classes, channels, shape, grid, transform, sample)
    decoder = CoordinateDecoder(hidden=hidden, **options).build(frame, draw)
    content = torch.randn(batch, 2, generator=draw)
    inverse = torch.eye(2, 3) + 0.3 * torch.randn(batch, 2, 3, generator=draw)
    x = torch.rand(batch, channels * len(grid), generator=draw)
    return decoder, content, inverse, x, 0.1 + torch.rand(batch, classes, generator=draw)


def two_steps(decoder, content, inverse, x, label=None):
    return Bernoulli().nll(decoder(content, inverse, label).flatten(2), x)


def gradients(function, decoder, content, inverse, x, above):
    """The value, and the gradients of its weighed sum: of content, pose and all parameters."""
    content, inverse = content.clone().requires_grad_(), inverse.clone().requires_grad_()
    value = function(decoder, content, inverse, x)
    found = torch.autograd.grad((value * above).sum(), [content, inverse, *decoder.parameters()])
    return [value.detach(), *found]


def judged(parts):
    """The same by the general path in double precision."""
    decoder, *tensors = parts
    exact = copy.deepcopy(decoder).double()
    exact.narrow = None
    return gradients(two_steps, exact, *(tensor.double() for tensor in tensors))


def assert_close(found, expected, tolerance):
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.dtype == torch.float32
        torch.testing.assert_close(ours.double(), theirs, rtol=0, atol=tolerance * float(theirs.abs().max()))


def guessing(guess):
    return lambda decoder, content, inverse, x: decoded_nll(decoder, content, inverse, x, guess=guess)


@pytest.fixture
def visits(monkeypatch):
    """Whether each visit of all tiles was asked for the slopes."""
    calls = []
    monkeypatch.setattr(tiles, "visit", lambda p, w: calls.append(w is not None) or tile_visit.visit(p, w))
    return calls


@settings(max_examples=25)
@given(
    shape=st.one_of(st.tuples(st.integers(1, 7)), st.tuples(st.integers(1, 7), st.integers(1, 7))),
    hidden=st.lists(st.integers(1, 40), min_size=1, max_size=3),
    classes=st.integers(1, 5),
    channels=st.integers(1, 3),
    batch=st.integers(1, 4),
    pixels=st.integers(1, 20),
    seed=st.integers(0, 10_000),
)
def test_value_and_gradients_are_those_of_decoding_and_scoring(shape, hidden, classes, channels, batch, pixels, seed):
    parts = problem(shape, tuple(hidden), classes, channels, batch, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tile_visit, "TILE", {torch.float32: 4 * max(hidden) * classes * pixels})  # so many pixels each
        found = gradients(guessing(parts[-1]), *parts)
    assert_close(found, judged(parts), 2e-5)


@pytest.mark.parametrize("guess", ["none", "right", "another factor for each sample", "wrong", "zero"])
def test_whatever_is_guessed_the_gradient_is_right_and_a_right_guess_needs_one_visit(guess, visits):
    parts = problem()
    above = parts[-1]
    guesses = {
        "none": None,
        "right": above,
        "another factor for each sample": above * torch.tensor([[2.0], [0.3], [1e-4], [1e4]]),
        "wrong": above + torch.eye(4, 3),
        "zero": torch.zeros(4, 3),
    }
    assert_close(gradients(guessing(guesses[guess]), *parts), judged(parts), 2e-5)
    expected = {"none": [False, True], "wrong": [True, True], "zero": [True, True]}
    assert visits == expected.get(guess, [True])


def test_a_single_class_needs_no_guess_and_without_gradients_there_is_no_way_back(visits):
    parts = problem(classes=1)
    assert_close(gradients(decoded_nll, *parts), judged(parts), 2e-5)
    with torch.no_grad():
        decoded_nll(*parts[:-1], guess=parts[-1])
    assert visits == [True, False]


def test_with_a_label_each_row_is_scored_for_its_own_class():
    decoder, content, inverse, x, _ = problem()
    label = torch.tensor([2, 0, 1, 1])
    every, own = decoded_nll(decoder, content, inverse, x), decoded_nll(decoder, content, inverse, x, label)
    torch.testing.assert_close(own[:, 0], every[torch.arange(4), label])
    torch.testing.assert_close(own, two_steps(decoder, content, inverse, x, label))


@pytest.mark.parametrize("narrow", [True, False], ids=["the model's", "the decoder's"])
def test_in_bfloat16_values_and_gradients_are_near(narrow):
    parts = problem((12, 12), (128, 128), 10, 1, precision="float32" if narrow else "bfloat16")

    def ours(*given):
        return decoded_nll(*given, guess=parts[-1], narrow=narrow)

    # A number has 8 bits; the rounding of many averages out.
    found, exact = gradients(ours, *parts), judged(parts)
    assert_close(found[:1], exact[:1], 1e-3)
    assert_close(found, exact, 3e-2)


def test_threads_share_a_batch_without_changing_a_bit():
    parts, before = problem(batch=7), torch.get_num_threads()
    try:
        results = []
        for threads in (1, 2, 4):
            torch.set_num_threads(threads)
            results.append(gradients(guessing(parts[-1]), *parts))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_nan_is_passed_on_to_its_sample_alone():
    decoder, content, inverse, x, above = problem()
    inverse[1, 0, 2] = float("nan")
    value, *found = gradients(guessing(above), decoder, content, inverse, x, above)
    assert value[1].isnan().all()
    assert value.isnan().sum() == 3
    assert all(gradient.isnan().any() for gradient in found)


def test_a_population_in_front_is_the_same_as_one_model_after_the_other():
    members = [problem(seed=seed) for seed in range(3)]
    decoders = [member[0] for member in members]
    content, inverse, x, above = (torch.stack(parts) for parts in list(zip(*members, strict=True))[1:])
    state = torch.func.stack_module_state(decoders)
    content.requires_grad_()

    class Scored(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.decoder = decoders[0]

        def forward(self, content, inverse, x, above):
            return decoded_nll(self.decoder, content, inverse, x, guess=above)

    def score(parameters, buffers, *inputs):
        named = {f"decoder.{name}": value for name, value in (parameters | buffers).items()}
        return torch.func.functional_call(Scored(), named, inputs)

    together = torch.vmap(score)(*state, content, inverse, x, above)
    found = torch.autograd.grad((together * above).sum(), [content, *state[0].values()])
    for k, parts in enumerate(members):
        value, of_content, _, *of_parameters = gradients(guessing(above[k]), *parts)
        for ours, theirs in zip([together, *found], [value, of_content, *of_parameters], strict=True):
            torch.testing.assert_close(ours[k].detach(), theirs)


def test_what_is_held_for_the_gradient_is_less_than_one_layer_of_activations():
    parts = problem((28, 28), (64, 64), classes=10, channels=1, batch=4)
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # the record is of one thread
    try:
        with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as record:
            gradients(guessing(parts[-1]), *parts)
    finally:
        torch.set_num_threads(before)
    assert record.profiler is not None
    changes = [event.nbytes() for event in record.profiler.kineto_results.events() if event.name() == "[memory]"]
    assert np.cumsum(changes).max() < 4 * 10 * 28 * 28 * 64 * 4


@pytest.mark.parametrize(
    ("options", "likelihood"),
    [({"skip": True, "hidden": (8, 8)}, Bernoulli()), ({"activation": "gelu"}, Bernoulli()), ({}, ls.Gaussian())],
    ids=["skip", "gelu", "Gaussian"],
)
def test_everything_else_takes_the_general_path(options, likelihood, visits):
    decoder, content, _, x, _ = problem(**{"hidden": (8,), **options})
    assert supported(decoder, content, x) == (options == {})
    assert not supported(decoder.double(), content.double(), x.double())
    images = np.random.default_rng(0).uniform(size=(4, 6, 5))
    ls.jrvae(2, decoder=CoordinateDecoder(**{"hidden": (8,), **options}), likelihood=likelihood, epochs=1).fit(images)
    assert visits == []


@pytest.mark.parametrize("class_samples", [0, 2])
@pytest.mark.parametrize(("channels", "n_orientations"), [(1, 1), (3, 1), (2, 3)])
def test_a_model_scores_and_learns_the_same_with_and_without_it(
    channels, n_orientations, class_samples, visits, monkeypatch
):
    images = np.random.default_rng(0).uniform(size=(12, 6, 5, channels))
    parts = {
        "n_orientations": n_orientations,
        "class_samples": class_samples,
        "decoder": CoordinateDecoder(hidden=(16, 16), chunk=4),
    }
    options = {"classes": 3, "shift": 0.1, "epochs": 2, "batch": 8, **parts}
    fast = ls.jrvae(**options).fit(images)
    assert visits == 6 * [True]  # three chunks in each of two epochs: every guess was right
    scores = fast.score_samples(images)
    monkeypatch.setattr(tiles, "supported", lambda *_: False)
    slow = ls.jrvae(**options).fit(images)
    np.testing.assert_allclose(fast.history_["loss"], slow.history_["loss"], rtol=1e-5)
    np.testing.assert_allclose(scores, slow.score_samples(images), rtol=1e-4)
