"""Every run has a folder of its own, and no folder is left of what did not become a run."""

import threading
from datetime import datetime

import pytest

from latscape.errors import RecordError
from latscape.runs.folder import claimed_folder, find_run, run_folders

NOW = datetime(2026, 1, 31, 9, 30)


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LATSCAPE_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


def claimed(*given):
    with claimed_folder(*given) as folder:
        (folder / "record.sqlite").touch()
    return folder


def test_two_runs_of_the_same_second_have_two_folders(runs):
    names = [claimed("fit of a/b", None, NOW).name for _ in range(3)]
    assert names == [f"fit-of-a-b-20260131-093000{end}" for end in ("", "-2", "-3")]


def test_many_that_begin_at_once_have_a_folder_each(runs):
    found, ready = [], threading.Barrier(8)

    def begin():
        ready.wait()
        found.append(claimed("fit", None, NOW))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 8
    assert sorted(runs.iterdir()) == sorted(found)


@pytest.mark.parametrize("out", [None, "a/b/c"])
def test_a_folder_is_taken_back_with_all_that_was_made_for_it(tmp_path, out):
    with pytest.raises(ZeroDivisionError), claimed_folder("fit", out and tmp_path / out) as folder:
        fill(folder)
    assert list(tmp_path.iterdir()) == []


def fill(folder):
    (folder / "figures").mkdir()
    (folder / "figures" / "one.png").touch()
    (folder / "record.sqlite").touch()
    raise ZeroDivisionError


def test_an_empty_folder_that_was_there_stays(tmp_path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(ZeroDivisionError), claimed_folder("fit", tmp_path / "mine") as folder:
        fill(folder)
    assert list(tmp_path.rglob("*")) == [tmp_path / "mine"]


def test_a_folder_that_holds_something_is_left_alone(tmp_path, refused):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")
    with refused() as error, claimed_folder("fit", tmp_path / "mine"):
        pass
    assert "thesis.tex" in str(error.value)
    with refused(), claimed_folder("fit", tmp_path / "mine" / "thesis.tex" / "run"):
        pass
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "years of work"


def test_a_run_is_found_by_its_name_its_folder_and_its_record(tmp_path, runs):
    folder = claimed("fit", None, NOW)
    for word in (folder.name, str(folder), folder / "record.sqlite", folder.relative_to(tmp_path)):
        assert find_run(word) == folder
    assert run_folders() == [folder]


def test_one_that_is_not_there_is_answered_with_those_there_are(runs, refused):
    with refused() as error:
        find_run("nowhere")
    assert "latscape zbo mnist" in str(error.value)
    folder = claimed("fit", None, NOW)
    with refused() as error:
        find_run("nowhere")
    assert folder.name in str(error.value)


def test_one_of_an_earlier_version_is_left_to_it(runs, refused):
    (runs / "old").mkdir(parents=True)
    (runs / "old" / "result.json").write_text('{"kind": "fit"}')
    with refused(RecordError) as error:
        find_run("old")
    assert "0.1.0" in str(error.value)
