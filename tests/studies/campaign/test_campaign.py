"""A campaign that somebody ran in Python is listed, shown and drawn like any run."""

import pytest

from latscape.campaign import Box, Campaign
from latscape.errors import RecordError
from latscape.runs import Run, run_kind, write_report
from latscape.runs.listing import lines
from latscape.studies.campaign.spec import SPEC
from pages import Page


def value(x):
    if x[0] > 0.8:
        raise ValueError("the stage left its range")
    return float(-((x[0] - 0.3) ** 2) - x[1])


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A record of eight evaluations, two of which failed."""
    monkeypatch.setenv("LATSCAPE_RUNS", str(tmp_path))
    campaign = Campaign(Box([(0, 1), (0, 2)], grid=8), seed=2, record=tmp_path / "mine")
    points = [[0.3, 1.0], [0.9, 0.0], [0.0, 2.0], [0.3, 0.5], [0.5, 1.5], [0.6, 0.25], [1.0, 1.0], [0.1, 0.9]]
    campaign.evaluate(value, points)
    campaign.record.close()
    return tmp_path / "mine"


def test_its_numbers_are_those_of_the_record(mine):
    run = Run.open(mine)
    summary = run.summary()
    assert (run.kind.word, summary["evaluations"], summary["failed"]) == ("campaign", 6, 2)
    done = {one.value: one.point for one in run.record.evaluations() if one.value is not None}
    assert summary["best_value"] == max(done)
    assert summary["best_point"] == done[max(done)].tolist()
    assert summary["finished"] is False
    (line,) = lines()
    assert (line["kind"], line["evaluations"], line["best_value"]) == ("campaign", 6, max(done))
    assert line["state"] == "campaign, 8 evaluations"


def test_it_has_a_page(mine):
    run = Run.open(mine)
    page = Page(write_report(run).read_text(encoding="utf-8"))
    assert page.headings[:2] == ["Convergence", "What failed"]
    assert len(page.images) == 1
    assert page.text.count("the stage left its range") == 2
    assert f"Best value {run.summary()['best_value']:.5g} at (" in page.text
    assert f"latscape report {mine}" in page.text  # and not that it could be resumed from here
    best, failed = (table for _, table in run.kind.story.tables(run))
    assert len(best.rows) == 5
    assert [float(row[2]) for row in best.rows] == sorted((float(row[2]) for row in best.rows), reverse=True)
    assert [row[0] for row in failed.rows] == ["2", "7"]


def test_one_without_a_value_has_a_page(tmp_path):
    campaign = Campaign(Box([(0, 1)], grid=8), record=tmp_path / "none")
    campaign.ask(1)
    campaign.record.close()
    page = Page(write_report(Run.open(tmp_path / "none")).read_text(encoding="utf-8"))
    assert "No evaluation has a value yet" in page.text
    assert page.images == []


def test_it_goes_on_from_python_alone(mine, refused):
    with refused(RecordError) as error:
        Run.open(mine).check_resumable()
    assert f"Campaign.resume('{mine}', space)" in str(error.value)
    with refused():
        Run.create(run_kind("campaign"), SPEC(), mine.parent / "new")
    assert not (mine.parent / "new").exists()
