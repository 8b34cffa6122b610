"""A part is registered once, and then known by its word; what is taken, unknown or broken is said in one line."""

from dataclasses import dataclass

import pytest

import latscape as ls
from latscape import parts
from latscape.parts import registry
from latscape.parts.grammar import part_description, part_syntax
from latscape.parts.registry import identify_part, registered_parts


@pytest.fixture
def own(monkeypatch):
    """What is registered in a test is forgotten after it."""
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))


@dataclass(frozen=True)
class Top:
    """The largest value. Not more."""

    share: float = 0.9


def test_every_part_of_the_package_can_be_imported_and_says_what_it_is():
    for kind in parts.PART_KINDS:
        for entry in registered_parts(kind).values():
            assert entry.load() is not None
            assert part_description(entry), f"{kind} {entry.word}"
            assert part_syntax(entry).startswith(entry.word)


def test_a_part_can_be_found_by_its_word_and_its_word_by_the_part():
    for kind in parts.PART_KINDS:
        for word, entry in registered_parts(kind).items():
            part = entry.load()
            if hasattr(part, "__qualname__"):  # a class or a function, not something that is made already
                found = identify_part(part)
                assert (found.kind, found.word) == (kind, word)
    assert identify_part(ls.Gaussian(0.2)).word == "gaussian"
    assert identify_part(object()) is None


def test_what_is_registered_is_known(own):
    assert ls.register is parts.register
    ls.register("scalarizer", "test-top")(Top)
    assert "test-top" in parts.part_words("scalarizer")
    assert parts.build_part("scalarizer", "test-top:share=0.5") == Top(0.5)
    entry = parts.find_part("scalarizer", "test-top")
    assert part_syntax(entry) == "test-top[:SHARE]"
    assert part_description(entry) == "The largest value. Not more."
    assert entry.source == __name__
    assert identify_part(Top(0.3)) == entry
    parts.register("scalarizer", "test-top")(Top)  # a module that is imported again


@pytest.mark.parametrize("taken", ["loop-area", "test-top"])
def test_a_word_that_is_taken_is_refused(own, refused, taken):
    parts.register("scalarizer", "test-top")(Top)

    @dataclass(frozen=True)
    class Other:
        pass

    with refused() as error:
        parts.register("scalarizer", taken)(Other)
    assert repr(taken) in str(error.value)
    assert parts.find_part("scalarizer", taken).load() is not Other


@pytest.mark.parametrize(("kind", "word"), [("scaler", "top"), ("scalarizer", "a word"), ("scalarizer", "")])
def test_what_no_word_can_be_is_refused(own, refused, kind, word):
    with refused():
        parts.register(kind, word)


def test_a_word_that_is_none_is_answered_with_those_there_are(refused):
    with refused() as error:
        parts.find_part("decoder", "wrap")
    assert str(error.value).endswith("Try warp.")
    assert "warp, dense, conv" in str(error.value)
    with refused() as error:
        parts.find_part("instrument", "zeiss")
    assert "an instrument among" in str(error.value)


class Point:
    """An entry point of a distribution."""

    def __init__(self, name, value):
        self.name, self.value, self.module, self.dist = name, value, value.partition(":")[0], None


class Points(list):
    def select(self, group):
        return [point for of, point in self if of == group]


def test_plugins_bring_parts_but_take_no_words_of_ours(monkeypatch, refused):
    found = Points(
        [
            ("latscape.decoder", Point("mine", "latscape.nets.dense:DenseDecoder")),
            ("latscape.decoder", Point("warp", "somebody.elses:Warp")),
            ("latscape.decoder", Point("broken", "no_such_module:Part")),
        ]
    )
    monkeypatch.setattr(registry, "_found", lambda: found)
    registry._installed.cache_clear()
    try:
        assert parts.find_part("decoder", "mine").load() is ls.nets.DenseDecoder
        assert parts.find_part("decoder", "warp").source == "latscape"
        with refused() as error:
            parts.find_part("decoder", "broken").load()
        assert "no_such_module" in str(error.value)
    finally:
        registry._installed.cache_clear()
