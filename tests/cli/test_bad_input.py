import json
import signal
import sqlite3

import numpy as np
import pytest

from cli.helpers import TINY
from latscape.campaign.loop import Campaign
from latscape.campaign.record import CampaignRecord
from latscape.campaign.space import Box
from latscape.cli import app as application

pytestmark = pytest.mark.xdist_group("finished")  # by one worker, which makes the finished run once


def one_error(result, *parts):
    """Exit code 2, nothing on stdout, and one line on stderr that has all the parts."""
    code, out, err = result
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("Error: ")
    assert "Traceback" not in err
    for part in parts:
        assert part in err


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--preset", "huge"], ["quick, paper", "'huge'"]),
        (["--families", "spiral"], ["cooldown, segments, periodic", "'spiral'"]),
        (["--objective", "beauty"], ["l1, l1-l2, elbo, agreement", "'beauty'"]),
        (["--acquire", "guess"], ["ei", "ucb", "'guess'"]),
        (["--epochs", "0"], ["epochs", "Got 0"]),
        (["--n-initial", "9", "--budget", "4"], ["budget", "Got 4"]),
        (["--high", "0.01"], ["low < high"]),
        (["--epochs", "many"], ["--epochs", "a whole number", "'many'"]),
        (["--epoch", "3"], ["--epoch"]),
        (["--acquire", "ucb", "--tolerance", "0.1"], ["'ucb'"]),
        (["--turns", "6"], ["--n-orientations, as --turns is called now"]),
        (["--surrogate", "exact:noise=loud"], ["small, broad, none", "'loud'"]),
    ],
)
def test_settings_nobody_can_run(command, tmp_path, words, parts):
    one_error(command("zbo", "mnist", *words), *parts)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["graphene", "spectrum-image", "movie"])
def test_a_study_of_a_file_that_does_not_fit_leaves_nothing(command, tmp_path, name):
    np.save(tmp_path / "one.npy", np.zeros(30))
    code, out, err = command("study", name, "--input", "one.npy", "--out", "new/run")
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("Error: Expected")
    assert [path.name for path in tmp_path.iterdir()] == ["one.npy"]


def test_a_missing_file(command):
    one_error(command("zbo", "nothing.npy", "--classes", "3"), "existing file", "nothing.npy")
    one_error(command("zbo", "minst"), "existing file", "minst")


@pytest.mark.parametrize(
    ("images", "parts"),
    [
        (np.full((60, 12, 12), np.nan), ["finite", "NaN"]),
        (np.random.default_rng(0).normal(size=(60, 12, 12)), ["[0, 1]"]),
        (np.empty((0, 12, 12)), ["empty"]),
        (np.ones((60, 12)), ["(60, 12)"]),
        (np.random.default_rng(0).uniform(size=(9, 12, 12)), ["20 images", "Got 9"]),
    ],
)
def test_images_nobody_can_learn_from(command, tmp_path, images, parts):
    np.save("own.npy", images)
    one_error(command("zbo", "own.npy", "--classes", "2"), *parts)
    assert [path.name for path in tmp_path.iterdir()] == ["own.npy"]  # no run was begun


def test_a_file_of_ones_own_needs_classes(command):
    np.save("own.npy", np.random.default_rng(0).uniform(size=(60, 12, 12)))
    one_error(command("zbo", "own.npy"), "--classes", "own.npy")


def test_a_place_that_cannot_be_written(command, tmp_path):
    (tmp_path / "file").write_text("in the way")
    one_error(command("zbo", "mnist", *TINY, "--out", "file/run"), "can be written")


def test_a_folder_that_holds_a_record_is_left_as_it_is(finished, command):
    folder, _, _ = finished
    before = (folder / "record.sqlite").read_bytes()
    one_error(command("zbo", "mnist", *TINY, "--out", folder), "which holds a run", "resume")
    assert (folder / "record.sqlite").read_bytes() == before


def made(path, content):
    path.mkdir()
    (path / "record.sqlite").write_bytes(content)
    return path


@pytest.mark.parametrize("word", ["show", "resume", "report"])
def test_records_that_are_none(finished, command, tmp_path, word):
    good = (finished[0] / "record.sqlite").read_bytes()
    half = len(good) // 2
    torn = made(tmp_path / "torn", good[:4096] + b"\xff" * (half - 4096) + good[half:])
    text = made(tmp_path / "text", b"this is no record")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    with sqlite3.connect(foreign / "record.sqlite") as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    for folder, part in ((torn, "damaged"), (text, "something else"), (foreign, "something else")):
        before = (folder / "record.sqlite").read_bytes()
        one_error(command(word, folder), part)
        assert (folder / "record.sqlite").read_bytes() == before


def test_a_record_of_another_campaign(command, tmp_path):
    CampaignRecord.create(tmp_path / "mine", {"study": "of something else"}).close()
    one_error(command("resume", "mine"), "run that can go on", "Campaign.resume")


def test_a_campaign_of_ones_own_is_shown_and_listed(command, tmp_path, monkeypatch):
    monkeypatch.setenv("LATSCAPE_RUNS", str(tmp_path))
    campaign = Campaign(Box([(0, 1)], grid=16), record=tmp_path / "mine")
    campaign.run(lambda x: float(-x[0]), n_initial=2, budget=3)
    campaign.record.close()
    code, out, _ = command("show", "mine", "--json")
    found = json.loads(out)
    assert (code, found["evaluations"], found["failed"]) == (0, 4, 0)
    assert found["best_value"] == -found["best_point"][0]
    code, out, _ = command("runs")
    assert code == 0
    assert "mine" in out
    assert "campaign" in out


@pytest.mark.parametrize(
    ("images", "parts"),
    [
        (np.random.default_rng(0).uniform(size=(60, 12, 12, 3)), ["one channel", "(60, 12, 12, 3)"]),
        (np.random.default_rng(0).uniform(size=(60, 6, 6)), ["7 x 7", "6 x 6"]),
        (np.random.default_rng(0).uniform(size=(60, 12, 12)) * 3, ["[0, 1]"]),
    ],
    ids=["channels", "small", "range"],
)
def test_images_the_objective_cannot_score_are_refused_before_a_run_is_made(command, tmp_path, images, parts):
    np.save(tmp_path / "stack.npy", images)
    one_error(command("zbo", "stack.npy", "--classes", "3", "--likelihood", "gaussian:0.3"), *parts)
    assert not (tmp_path / "runs").exists()


def test_a_run_that_is_not_there(command):
    one_error(command("show", "nowhere"), "nowhere", "latscape zbo mnist")
    one_error(command("show"), "RUN", "--help")


def test_a_damaged_run_does_not_hide_the_others(finished, command, tmp_path, monkeypatch):
    runs = tmp_path / "runs"
    runs.mkdir()
    made(runs / "[green]bad", b"this is no record")
    (runs / "whole").symlink_to(finished[0])
    code, out, err = command("runs")
    assert code == 0
    assert "Note: [green]bad: Expected a record of latscape" in err
    assert "[green]bad" in out  # a name is no markup
    assert "finished" in out


def test_a_fault_of_ours_is_one_line_and_code_1(finished, command, monkeypatch):
    def broken(study, as_json):
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr("latscape.cli.commands.show_run", broken)
    code, _, err = command("show", finished[0])
    assert code == 1
    assert err.count("\n") == 1
    assert "LATSCAPE_DEBUG=1" in err
    monkeypatch.setenv("LATSCAPE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        application.main(["show", str(finished[0])])


def test_the_terminator_is_as_it_was_after_a_command(command):

    before = signal.getsignal(signal.SIGTERM)
    command("runs")
    assert signal.getsignal(signal.SIGTERM) is before
