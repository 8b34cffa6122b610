"""A run does each stage once, keeps what it has when it is stopped, and goes on to what it would have been."""

import json

import numpy as np
import pytest

from latscape.errors import RecordError
from latscape.runs import Run, write_report
from latscape.runs.run import computed_once
from runs.conftest import SumSpec


class Stopped(Exception):
    pass


def stopping(after):
    def observe(stage, done, total, note):
        if (stage, done) == after:
            raise Stopped

    return observe


def test_stages_are_done_once_and_in_order(sums, tmp_path):
    run = Run.create(sums(), SumSpec(seed=3), tmp_path / "a", command="latscape sums")
    assert (run.state, run.finished, run.begun) == ("unfinished: nothing done yet", False, False)
    assert run.numbers("draw") == {}
    assert run.arrays("draw") == {}
    run.run()
    run.run()
    assert sums.calls == ["draw 0", "draw 1", "draw 2", "draw 3", "sum"]
    assert (run.state, run.finished) == ("finished", True)
    assert run.numbers("sum")["sum"] == pytest.approx(run.arrays("draw")["values"].sum())
    assert not (tmp_path / "a" / "partial").exists()
    assert run.seconds > 0
    numbers = run.numbers("draw")
    run.record.close()
    again = Run.open(tmp_path / "a")
    assert (again.spec, again.command, again.changed) == (SumSpec(seed=3), "latscape sums", "")
    assert again.numbers("draw") == numbers


@pytest.mark.parametrize("after", [("draw", 1), ("draw", 3), ("draw", 4)])
def test_a_run_that_was_stopped_goes_on_to_the_same_numbers(sums, tmp_path, after):
    whole = Run.create(sums(), SumSpec(), tmp_path / "whole")
    whole.run()
    sums.calls.clear()
    cut = Run.create(sums(), SumSpec(), tmp_path / "cut")
    with pytest.raises(Stopped):
        cut.run(stopping(after))
    assert cut.begun  # a part of a stage is something
    before = cut.seconds
    cut.record.close()
    again = Run.open(tmp_path / "cut", readonly=False)
    again.run()
    assert sums.calls == ["draw 0", "draw 1", "draw 2", "draw 3", "sum"]
    assert again.numbers("sum") == whole.numbers("sum")
    np.testing.assert_array_equal(again.arrays("draw")["values"], whole.arrays("draw")["values"])
    assert again.seconds > before > 0  # of all sittings


def test_a_stage_that_failed_is_said_until_it_succeeds(sums, tmp_path):
    run = Run.create(sums(stop="no\nmore"), SumSpec(), tmp_path / "a")
    with pytest.raises(RuntimeError):
        run.run()
    assert run.state == "failed: RuntimeError: no more"
    assert not run.finished
    run.record.close()
    sums()
    again = Run.open(tmp_path / "a", readonly=False)
    assert again.state == "failed: RuntimeError: no more"
    again.check_resumable()
    again.run()
    assert again.state == "finished"
    assert sums.calls.count("sum") == 2


def test_ctrl_c_is_no_failure(sums, tmp_path):
    run = Run.create(sums(), SumSpec(), tmp_path / "a")

    def interrupt(*given):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.run(interrupt)
    assert run.state == "unfinished: 0 of 2 stages, next draw"


def test_the_summary_is_json_and_has_the_numbers_of_all_stages(sums, tmp_path):
    run = Run.create(sums(), SumSpec(), tmp_path / "a")
    early = run.summary()
    assert (early["finished"], early["report"], early["kind"]) == (False, None, "sums")
    run.run()
    report = write_report(run)
    found = json.loads(json.dumps(run.summary(), allow_nan=False))
    assert found["run"] == str(tmp_path / "a")
    assert found["report"] == str(report)
    assert (found["sum"], found["mean"]) == (run.numbers("sum")["sum"], run.numbers("draw")["mean"])
    text = report.read_text(encoding="utf-8")
    assert "The sum is" in text
    assert f"latscape resume {tmp_path / 'a'}" in text


def test_bad_input_leaves_no_folder(sums, tmp_path, refused, monkeypatch):
    monkeypatch.setenv("LATSCAPE_RUNS", str(tmp_path / "runs"))
    for out in (None, tmp_path / "new" / "a"):
        with refused():
            Run.create(sums(), SumSpec(count=13), out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", [None, "new/a"])
def test_what_came_to_nothing_is_taken_back_and_what_came_to_something_is_not(sums, tmp_path, monkeypatch, out):
    monkeypatch.setenv("LATSCAPE_RUNS", str(tmp_path / "runs"))
    place = None if out is None else tmp_path / out
    nothing = Run.create(sums(), SumSpec(), place)
    assert nothing.discard()
    assert list(tmp_path.iterdir()) == []
    something = Run.create(sums(), SumSpec(), place)
    with pytest.raises(Stopped):
        something.run(stopping(("draw", 1)))
    assert not something.discard()
    assert something.folder.exists()


def test_a_run_that_was_opened_is_never_taken_back(sums, tmp_path):
    Run.create(sums(), SumSpec(), tmp_path / "a").record.close()
    assert not Run.open(tmp_path / "a", readonly=False).discard()
    assert (tmp_path / "a" / "record.sqlite").exists()


def test_settings_this_version_does_not_know_are_named_and_nothing_is_mixed(sums, tmp_path, refused, monkeypatch):
    monkeypatch.setattr(SumSpec, "stored", lambda self: {"seed": 2, "angle": "inf", "colour": "red"})
    Run.create(sums(), SumSpec(), tmp_path / "a").record.close()
    run = Run.open(tmp_path / "a", readonly=False)
    assert run.spec == SumSpec(seed=2)
    assert run.changed == (
        "Settings have changed since: this version does not know colour; "
        "the record says nothing of count, which are as by default."
    )
    with refused(RecordError) as error:
        run.check_resumable()
    assert "colour" in str(error.value)
    assert "colour" in write_report(run).read_text(encoding="utf-8")
    run.run()
    run.check_resumable()  # there is nothing to mix in a run that is finished


def test_a_kind_may_have_its_own_reason_not_to_go_on(sums, tmp_path, refused):
    run = Run.create(sums(stop="for good"), SumSpec(), tmp_path / "a")
    with refused(RecordError) as error:
        run.check_resumable()
    assert "It was told not to" in str(error.value)


def test_a_record_of_no_known_kind_is_refused(sums, tmp_path, refused, monkeypatch):
    Run.create(sums(), SumSpec(), tmp_path / "a").record.close()
    from latscape.parts import registry

    del registry._registered["run", "sums"]
    with refused(RecordError) as error:
        Run.open(tmp_path / "a")
    assert "'sums'" in str(error.value)


def test_once_is_once_for_each_run_until_a_stage_is_done(sums, tmp_path):
    asked = []

    @computed_once
    def costly(run):
        asked.append(run.folder.name)
        return run.numbers("sum")

    one, other = (Run.create(sums(), SumSpec(), tmp_path / name) for name in ("a", "b"))
    assert (costly(one), costly(one), costly(other)) == ({}, {}, {})
    assert asked == ["a", "b"]
    one.run()
    assert costly(one) == one.numbers("sum")
