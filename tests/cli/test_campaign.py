"""The record of a campaign of one's own, at the commands that every run has."""

import pytest

from cli.helpers import last_object
from cli.test_bad_input import one_error
from latscape.campaign.loop import Campaign
from latscape.campaign.space import Box


@pytest.fixture
def mine(tmp_path, monkeypatch):
    campaign = Campaign(Box([(0, 1)], grid=16), record=tmp_path / "runs" / "mine")
    campaign.evaluate(lambda x: 1 / float(x[0]), [[0.5], [0.0], [0.25], [1.0]])
    campaign.record.close()
    return tmp_path / "runs" / "mine"


def test_it_is_shown_listed_and_drawn(command, mine):
    code, out, _ = command("show", "mine", "--json")
    found = last_object(out)
    assert (code, found["evaluations"], found["failed"], found["best_value"]) == (0, 3, 1, 4.0)
    assert found["best_point"] == [0.25]
    code, out, err = command("show", "mine")
    assert (code, err) == (0, "")
    assert "Best value 4 at (0.25)" in out
    assert "ZeroDivisionError" in out
    code, out, _ = command("runs")
    assert code == 0
    assert out.splitlines()[1].split()[:4] == ["mine", "campaign", "campaign,", "4"]
    code, out, _ = command("report", "mine", "--json")
    assert (code, last_object(out)["report"]) == (0, str(mine / "report.html"))
    assert {path.name for path in (mine / "figures").iterdir()} == {"convergence.png"}


def test_it_goes_on_from_python_alone(command, mine):
    before = (mine / "record.sqlite").read_bytes()
    one_error(command("resume", "mine"), f"Campaign.resume('{mine}', space)")
    assert (mine / "record.sqlite").read_bytes() == before


def test_none_is_begun_by_a_command(command, tmp_path):
    one_error(command("study", "campaign"), "No such command")
    assert list(tmp_path.iterdir()) == []
    code, out, _ = command("study")
    assert (code, "campaign" in out) == (0, False)
