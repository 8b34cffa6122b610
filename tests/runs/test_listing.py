"""The list of runs: a line for each, whatever is wrong with another."""

import sqlite3

import pytest

from latscape.campaign import Box, Campaign
from latscape.campaign.record import CampaignRecord
from latscape.runs import Run
from latscape.runs.listing import lines
from runs.conftest import SumSpec


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    monkeypatch.setenv("LATSCAPE_RUNS", str(tmp_path))
    return tmp_path


def by_name():
    return {line["name"]: line for line in lines()}


def test_nothing_is_listed_where_there_is_nothing(runs, monkeypatch):
    assert lines() == []
    monkeypatch.setenv("LATSCAPE_RUNS", str(runs / "not there"))
    assert lines() == []


def test_states_are_said_in_words(sums, runs):
    for name in ("begun", "cut", "whole", "failed"):
        run = Run.create(sums(stop="no more" if name == "failed" else ""), SumSpec(), runs / name)
        if name == "cut":
            with pytest.raises(KeyboardInterrupt):
                run.run(stop)
        elif name == "failed":
            with pytest.raises(RuntimeError):
                run.run()
        elif name == "whole":
            run.run()
            value = run.numbers("sum")["sum"]
        run.record.close()
    found = by_name()
    assert {name: line["state"] for name, line in found.items()} == {
        "begun": "unfinished: nothing done yet",
        "cut": "unfinished: 0 of 2 stages, next draw",
        "whole": "finished",
        "failed": "failed: RuntimeError: no more",
    }
    assert {name for name, line in found.items() if line["finished"]} == {"whole"}
    assert {line["kind"] for line in found.values()} == {"sums"}
    assert found["whole"]["best_value"] == value  # as the kind says
    assert list(found) == ["begun", "cut", "whole", "failed"]  # oldest first


def stop(*given):
    raise KeyboardInterrupt


def test_a_campaign_is_counted(runs):
    campaign = Campaign(Box([(0, 1)], grid=8), record=runs / "mine")
    campaign.tell([[0.0], [0.5], [1.0]], [1.0, float("nan"), 2.0])
    campaign.record.close()
    (line,) = lines()
    assert (line["kind"], line["state"]) == ("campaign", "campaign, 3 evaluations")
    assert (line["evaluations"], line["failed"], line["best_value"]) == (2, 1, 2.0)


def test_whatever_is_wrong_with_a_run_the_others_are_listed(sums, runs):
    Run.create(sums(), SumSpec(), runs / "good").record.close()
    broken = {
        "text": b"this is no record",
        "empty": b"",
        "torn": (runs / "good" / "record.sqlite").read_bytes()[:5000] + b"\xff" * 3000,
    }
    for name, content in broken.items():
        (runs / name).mkdir()
        (runs / name / "record.sqlite").write_bytes(content)
    (runs / "foreign").mkdir()
    with sqlite3.connect(runs / "foreign" / "record.sqlite") as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    for name, content in (("old", '{"kind": "fit"}'), ("cake", '{"kind": "cake"}'), ("json", "[")):
        (runs / name).mkdir()
        (runs / name / "result.json").write_text(content)
    CampaignRecord.create(runs / "odd", {"run": {"kind": 3, "stages": 4}}).close()
    (runs / "gone").symlink_to(runs / "nowhere")
    (runs / "file").touch()
    found = by_name()
    assert found["good"]["state"] == "unfinished: nothing done yet"
    assert {name for name, line in found.items() if line["state"] == "unreadable"} == {*broken, "foreign", "odd"}
    assert all("\n" not in line["error"] for line in found.values() if "error" in line)
    for name in ("old", "cake", "json"):
        assert "0.1.0" in found[name]["state"]


def test_listing_changes_nothing(sums, runs):
    Run.create(sums(), SumSpec(), runs / "good").record.close()
    before = (runs / "good" / "record.sqlite").read_bytes()
    lines()
    assert (runs / "good" / "record.sqlite").read_bytes() == before
