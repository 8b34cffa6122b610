"""A word means the same in every command, and the page of all options is what the specifications declare."""

import importlib.util
import re
from pathlib import Path

import pytest

from latscape.runs.kind import run_kinds

DOCS = Path(__file__).parents[1] / "docs"


def declared():
    return {word: {one.name: one for one in kind.spec.declared()} for word, kind in run_kinds().items()}


def meaning(one):
    """Its unit, whether it is a word of parts, and what it is: the help up to its first stop."""
    return one.unit, one.many, re.split(r"[.,:;(]", one.help)[0].strip()


@pytest.mark.parametrize("name", sorted({name for options in declared().values() for name in options}))
def test_a_word_means_the_same_in_every_command(name):
    found = {word: meaning(options[name]) for word, options in declared().items() if name in options}
    assert len(set(found.values())) == 1, found


def test_every_option_says_what_it_is_in_a_phrase():
    for word, options in declared().items():
        for one in options.values():
            assert re.match(r"[A-Z0-9].{7,}[.\]]?$", one.help, re.DOTALL), (word, one.name, one.help)
            assert not re.match(r"Of |The same", one.help), (word, one.name, one.help)


def test_an_option_that_may_be_none_says_what_holds_then():
    for word, kind in run_kinds().items():
        for one in kind.spec.declared():
            default = kind.spec.model_fields[one.name].default
            assert (default is None) == bool(one.unset) or one.argument, (word, one.name)


def test_renamed_options_point_to_ones_that_there_are():
    for word, kind in run_kinds().items():
        for base in kind.spec.__mro__:
            for old, new in vars(base).get("renamed", {}).items():
                names = re.findall(r"--([a-z-]+)", new)
                assert all(name.replace("-", "_") in kind.spec.model_fields for name in names[:1]), (word, old, new)


def test_the_page_of_options_is_what_is_declared():
    spec = importlib.util.spec_from_file_location("make_options", DOCS / "make_options.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "options.md").read_text(encoding="utf-8") == module.page(), "python docs/make_options.py"
