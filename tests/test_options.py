"""Options are declared once: what is typed, what is refused, what a record keeps and what a form is told."""

import json
import math
from typing import ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latscape.options import Options, default, flag, option, table, unknown


class Base(Options):
    epochs: int | None = option(None, "Passes over the samples.", ge=1, group="Training")
    angle: float = option(math.inf, "Prior deviation.", unit="rad", gt=0)

    renamed: ClassVar = {"cycles": "--epochs"}


class Search(Base):
    """One option of every type."""

    file: str = option(..., "What is read.", argument="FILE")
    budget: int = option(20, "Evaluations in all.", ge=1, le=1000)
    share: float = option(0.1, "A share.", ge=0, lt=1)
    low: float | None = option(None, "Lowest value.", unset="no limit")
    sizes: tuple[int, ...] = option((2, 3), "Sizes | that are tried.")
    plain: bool = option(False, "Without anything.")
    family: Literal["cooldown", "periodic"] = option("cooldown", "Family.")
    scalarizer: str = option("loop-area", "What is interesting.", part="scalarizer")
    term: tuple[str, ...] = option((), "Further term; may be repeated.", part="term")
    epochs: int | None = default(Base, "epochs", 7)

    presets: ClassVar = {"quick": {}, "paper": {"budget": 140, "sizes": (7,)}}
    renamed: ClassVar = {"starts": "--budget", "checkpoint": "latscape resume RUN"}


def search(**values):
    return Search(file="a.npy", **values)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("budget", "7", 7),
        ("budget", "1e2", 100),
        ("share", "1/4", 0.25),
        ("share", "0", 0.0),
        ("angle", "inf", math.inf),
        ("angle", "5/12", 5 / 12),
        ("low", "-0.5", -0.5),
        ("low", "none", None),
        ("epochs", "None", None),
        ("sizes", "4,5", (4, 5)),
        ("sizes", " 4 , 5, ", (4, 5)),
        ("sizes", ["4", "5"], (4, 5)),
        ("sizes", "", ()),
        ("plain", "yes", True),
        ("plain", "plain", True),
        ("plain", "no", False),
        ("family", "periodic", "periodic"),
        ("scalarizer", "integral:1,2", "integral:1,2"),
        ("term", ["mutual-information=1", "class-balance"], ("mutual-information=1", "class-balance")),
    ],
)
def test_texts_become_values(name, text, value):
    assert getattr(search(**{name: text}), name) == value


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"budget": 0}, "Expected --budget of at least 1. Got 0. Try --budget 20."),
        ({"budget": "1001"}, "Expected --budget of at most 1000. Got 1001."),
        ({"budget": "2.5"}, "Expected --budget to be a whole number. Got '2.5'."),
        ({"budget": "many"}, "Expected --budget to be a whole number. Got 'many'. Try --budget 20."),
        ({"budget": "inf"}, "--budget to be a whole number"),
        ({"epochs": "0"}, "Expected --epochs of at least 1. Got 0. Try --epochs 7."),
        ({"epochs": "x"}, "Expected --epochs to be a whole number. Got 'x'."),
        ({"share": 1}, "Expected --share below 1"),
        ({"angle": "0"}, "Expected --angle above 0"),
        ({"low": "1/0"}, "Expected --low to be a number. Got '1/0'."),
        ({"sizes": "1,b"}, "Expected --sizes to be whole numbers. Got '1,b'. Try --sizes 2,3."),
        ({"plain": "maybe"}, "Expected --plain to be yes or no. Got 'maybe'."),
        ({"family": "spiral"}, "Expected --family to be cooldown or periodic. Got 'spiral'. Try --family cooldown."),
        ({"scalarizer": "integrl:1,2"}, "Try --scalarizer integral."),
        ({"term": ["untold=2"]}, "Got 'untold=2'. Try --term mutual-information."),
        ({"term": ["mine=2"]}, "Expected --term among class-balance, consistency, mutual-information. Got 'mine=2'."),
        ({"budgte": 3}, "Got --budgte. Try --budget."),
        ({"starts": 3}, "Expected --budget, as --starts is called now. Got --starts. Try --budget."),
        ({"cycles": 3}, "Expected --epochs, as --cycles is called now."),  # of a class it is made of
        ({"cyclez": 3}, "Expected --epochs, as --cycles is called now. Got --cyclez. Try --epochs."),
        ({"checkpoint": "x"}, "Try latscape resume RUN."),
    ],
)
def test_what_is_wrong_is_said_in_one_line(refused, values, said):
    with refused() as error:
        search(**values)
    assert said in str(error.value)


def test_what_must_be_given_is_asked_for(refused):
    with refused() as error:
        Search()
    assert "a value for FILE" in str(error.value)


def test_options_are_frozen_and_changed_ones_are_checked(refused):
    one = search()
    with pytest.raises(ValueError, match="frozen"):
        one.budget = 3
    assert (one.changed(budget=3).budget, one.budget) == (3, 20)
    with refused():
        one.changed(budget=0)
    with refused():
        one.changed(budgte=1)


def test_a_preset_and_then_the_changes():
    assert Search.choose("paper", {"file": "a", "budget": "3"}) == Search(file="a", budget=3, sizes=(7,))
    assert Search.choose("quick", {"file": "a"}) == Search(file="a")


def test_a_preset_that_there_is_not(refused):
    with refused() as error:
        Search.choose("fast", {"file": "a"})
    assert "--preset among quick, paper" in str(error.value)
    with refused():
        Base.choose("paper", {})


VALUES = st.fixed_dictionaries(
    {
        "file": st.text(),
        "budget": st.integers(1, 1000),
        "share": st.floats(0, 1, exclude_max=True),
        "low": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "angle": st.just(math.inf) | st.floats(0, exclude_min=True, allow_infinity=False),
        "sizes": st.lists(st.integers(), max_size=4).map(tuple),
        "plain": st.booleans(),
        "family": st.sampled_from(["cooldown", "periodic"]),
        "epochs": st.none() | st.integers(1, 10**9),
    }
)


@given(VALUES)
def test_a_record_gives_back_what_was_chosen(values):
    one = Search(**values)
    text = json.dumps(one.stored(), allow_nan=False)
    assert Search.restored(json.loads(text)) == (one, "")


@given(VALUES)
def test_what_is_typed_is_what_is_meant(values):
    typed = {
        name: ",".join(map(str, value)) if isinstance(value, tuple) else "none" if value is None else str(value)
        for name, value in values.items()
        if name not in ("file", "plain")
    }
    typed |= {"file": values["file"], "plain": "yes" if values["plain"] else "no"}
    assert Search(**typed) == Search(**values)


def test_settings_that_have_changed_since_are_named_in_one_line():
    stored = search(budget=5).stored()
    del stored["share"]
    found, changed = Search.restored(stored | {"colour": "red", "age": 3})
    assert found == search(budget=5)
    assert changed == (
        "Settings have changed since: this version does not know age, colour; "
        "the record says nothing of share, which are as by default."
    )


def test_the_default_of_another_class_keeps_all_else():
    epochs = next(one for one in Search.declared() if one.name == "epochs")
    assert (epochs.help, epochs.default, epochs.group) == ("Passes over the samples.", "7", "Training")
    assert Base().epochs is None


def test_the_schema_has_units_bounds_and_words():
    properties = json.loads(json.dumps(Search.schema_of()))["properties"]
    assert properties["angle"]["unit"] == "rad"
    assert (properties["budget"]["minimum"], properties["budget"]["maximum"]) == (1, 1000)
    assert properties["share"]["exclusiveMaximum"] == 1
    assert properties["family"]["enum"] == ["cooldown", "periodic"]
    assert "loop-height" in properties["scalarizer"]["words"]
    assert properties["budget"]["description"] == "Evaluations in all."
    assert Search.schema_of()["required"] == ["file"]


def test_the_table_for_the_documentation():
    lines = table(Search).splitlines()
    assert len(lines) == 2 + len(Search.model_fields)
    assert "| `--angle` | Prior deviation. [rad] | `inf` |" in lines
    assert "| `FILE` | What is read. | required |" in lines
    assert "| `--low` | Lowest value. | `none`: no limit |" in lines
    assert r"| `--sizes` | Sizes \| that are tried. | `2,3` |" in lines
    assert "| `--family` | Family. One of cooldown, periodic. | `cooldown` |" in lines


def test_the_nearest_option_is_proposed():
    assert unknown(Search, "budge").hint == "--budget"
    assert unknown(Search, "famili").hint == "--family"
    assert unknown(Search, "fil").hint != "--file"  # no option, but a word behind the command
    assert flag("n_initial") == "--n-initial"
