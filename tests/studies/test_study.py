from dataclasses import dataclass

import numpy as np
import pytest

from latscape.errors import InputError
from latscape.studies.study import Definition, Found, NamedStudy, about, parse


@dataclass(frozen=True)
class Settings:
    seed: int = about("All randomness follows from it.", 0)
    sizes: tuple[int, ...] = about("How many.", (2, 3))
    limit: float | None = about("At most.", None)
    plain: bool = about("Without anything.", False)


class Stopped(Exception):
    pass


def definition(calls: list[str], stop: bool = False) -> Definition:
    def draw(study: NamedStudy, tell) -> Found:
        calls.append("draw")
        tell(1, 1, "drawn")
        return Found({"mean": 1.5}, {"values": np.arange(study.settings.seed)})

    def sum_up(study: NamedStudy, tell) -> Found:
        calls.append("sum")
        if stop:
            raise Stopped
        return Found({"sum": float(study.arrays("draw")["values"].sum())})

    return Definition(Settings, {"quick": {}, "paper": {"sizes": (7,)}}, {"draw": draw, "sum": sum_up})


def test_goes_on_after_the_stage_that_was_done(tmp_path, monkeypatch):
    calls: list[str] = []
    study = NamedStudy.create("sums", definition(calls, stop=True), Settings(seed=4), tmp_path)
    with pytest.raises(Stopped):
        study.run()
    assert not study.finished
    monkeypatch.setattr("latscape.studies.catalogue.definition_of", lambda name: definition(calls))
    again = NamedStudy.open(tmp_path)
    assert again.settings == Settings(seed=4)
    told = []
    again.run(lambda *words: told.append(words))
    assert calls == ["draw", "sum", "sum"]
    assert again.finished
    assert again.numbers("sum") == {"sum": 6.0}
    assert NamedStudy.open(tmp_path).numbers("draw") == {"mean": 1.5}


def test_choose_takes_the_preset_and_then_the_changes():
    chosen = definition([]).choose("paper", {"seed": 3})
    assert chosen == Settings(seed=3, sizes=(7,))


@pytest.mark.parametrize(("preset", "changes"), [("fast", {}), ("quick", {"sede": 1})])
def test_choose_refuses_what_there_is_not(preset, changes):
    with pytest.raises(InputError, match="among"):
        definition([]).choose(preset, changes)


def test_parse_reads_every_type():
    words = {"seed": "3", "sizes": "1, 2,", "limit": "0.5", "plain": "yes"}
    assert parse(Settings, words) == {"seed": 3, "sizes": (1, 2), "limit": 0.5, "plain": True}
    assert parse(Settings, {"limit": "none", "plain": "no"}) == {"limit": None, "plain": False}


@pytest.mark.parametrize(
    "words", [{"seed": "x"}, {"sizes": "1,b"}, {"plain": "maybe"}, {"other": "1"}, {"seed": "none"}]
)
def test_parse_says_what_it_expected(words):
    with pytest.raises(InputError, match="Expected"):
        parse(Settings, words)
