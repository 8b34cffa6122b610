"""Words and the parts they stand for: what is written by one rule is read by the same."""

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

import latscape as ls
from latscape import parts
from latscape.campaign.acquire import UCB
from latscape.gp import ExactGP
from latscape.lab import Integral, LoopArea, Peak, Ratio, parse_scalarizer
from latscape.nets.warp import WarpDecoder
from latscape.parts.grammar import _parameters, convert, parse_number, type_words
from parts.helpers import examples, name_of


def written(value):
    """As somebody would type it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "+".join(map(written, value))
    return "none" if value is None else str(value)


@pytest.mark.parametrize("example", examples(), ids=name_of)
def test_every_class_is_made_from_its_own_words(example):
    entry, part = example
    parameters = _parameters(type(part))
    typed = {name: one for name, one in parameters.items() if "Python" not in type_words(one.annotation)}
    words = []
    for name, one in typed.items():
        value = getattr(part, name)
        pair = isinstance(value, tuple) and "..." not in str(one.annotation)
        words.append(f"{name}={','.join(map(written, value)) if pair else written(value)}")
    if any(getattr(part, name) != one.default for name, one in parameters.items() if name not in typed):
        pytest.skip("made in Python alone")
    assert parts.build_part(entry.kind, f"{entry.word}:{','.join(words)}") == part
    assert {field.name for field in fields(part) if field.init} == set(parameters)


NUMBERS = st.floats(-1e6, 1e6)


@given(NUMBERS, NUMBERS, st.booleans())
def test_an_integral(low, high, background):
    low, high = sorted((low, high + 1e-3 if high == low else high))
    text = f"integral:{low},{high},{'background' if background else 'no'}"
    assert parts.build_part("scalarizer", text) == Integral(low, high, background)


@given(st.tuples(NUMBERS, st.floats(0.1, 10)), st.tuples(NUMBERS, st.floats(0.1, 10)), st.permutations([0, 1]))
def test_pairs_take_two_numbers_each_in_order_or_by_name(first, second, order):
    pairs = [(low, low + width) for low, width in (first, second)]
    plain = ",".join(f"{low!r},{high!r}" for low, high in pairs)
    named = [f"{name}={low!r},{high!r}" for name, (low, high) in zip(("first", "second"), pairs, strict=True)]
    made = Ratio(*pairs)
    assert parts.build_part("scalarizer", f"ratio:{plain}") == made
    assert parts.build_part("scalarizer", f"ratio:{','.join(named[k] for k in order)}") == made


@given(st.lists(st.integers(1, 999), min_size=1, max_size=4), st.sampled_from(["tanh", "gelu"]))
def test_widths_are_joined_by_a_plus(hidden, activation):
    text = f"dense:{'+'.join(map(str, hidden))},{activation}"
    assert parts.build_part("encoder", text) == ls.DenseEncoder(tuple(hidden), activation)


@given(st.fractions(0, 10).filter(lambda share: share > 0))
def test_numbers_may_be_fractions(share):
    assert parts.build_part("acquisition", f"ucb:{share}") == UCB(float(share))
    assert parse_number(str(share)) == float(share)


@given(st.floats(allow_nan=False))
def test_a_number_is_read_as_it_is_written(value):
    if value >= 0 or math.isfinite(value):
        assert convert(float, repr(value), "x") == value


@pytest.mark.parametrize(
    ("kind", "text", "part"),
    [
        ("decoder", "warp", WarpDecoder()),
        ("decoder", "warp:rank=16", WarpDecoder(rank=16)),
        ("pose", "rotation:inf", ls.Rotation(math.inf)),
        ("surrogate", "exact:noise=broad", ExactGP(noise="broad")),
        ("scalarizer", " peak:400,600,center ", Peak(400.0, 600.0, "center")),
        ("scalarizer", "integral:1,2,yes", Integral(1.0, 2.0, True)),
        ("schedule", "cooldown:40,3,1/12,5/12", ls.cooldown(40, 3, 1 / 12, 5 / 12)),
    ],
)
def test_words_and_their_parts(kind, text, part):
    assert parts.build_part(kind, text) == part


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("scalarizer", "integral:1,2,nonsense", "background: yes or no"),
        ("scalarizer", "loop-area:7", "loop-area[:ROBUST]"),
        ("scalarizer", "loop-area:yes,yes", "loop-area[:ROBUST]"),
        ("scalarizer", "integral:1", "where high is given"),
        ("scalarizer", "integral:1,2,low=3", "integral:LOW,HIGH[,BACKGROUND]"),
        ("scalarizer", "integral:1,2,colour=red", "integral:LOW,HIGH[,BACKGROUND]"),
        ("scalarizer", "integral:one,2", "low: a number"),
        ("scalarizer", "ratio:1,2,3", "ratio:FIRST,FIRST,SECOND,SECOND"),
        ("scalarizer", "peak:1,2,depth", "what: height or"),
        ("encoder", "dense:64+wide", "hidden: whole numbers"),
        ("encoder", "dense:6.5", "hidden: whole numbers"),
        ("acquisition", "ei:3", "ei, which takes no parameters"),
        ("acquisition", "ucb:1/0", "k: a number"),
        ("likelihood", "gaussian:0", "sigma"),
        ("surrogate", "structured:mine", "given in Python"),
        ("decoder", "", "a decoder among"),
    ],
)
def test_words_that_do_not_fit_are_refused(refused, kind, text, said):
    with refused() as error:
        parts.build_part(kind, text)
    assert said in str(error.value)


def test_scalarizers_at_the_front_are_of_the_same_grammar(refused):
    assert parse_scalarizer("loop-area:robust") == LoopArea(robust=True)
    with refused():
        parse_scalarizer("integral:1,2,nonsense")
    with refused():
        parse_scalarizer("loop-area:7")
