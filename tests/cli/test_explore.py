"""`latscape explore` and `rescalarize`: an experiment from the command line to its page, and one line for mistakes."""

import json
import sqlite3
import urllib.request

import numpy as np
import pytest

from cli.helpers import last_object, start
from cli.test_bad_input import one_error
from latscape.lab.synthetic import domains
from latscape.runs import Run
from latscape.studies.explore.view import steps

SMALL = ("--budget", "14", "--n-initial", "6", "--n-proposals", "4", "--descriptor", "components")


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    scan = domains(size=14)
    np.save(tmp_path / "image.npy", scan.image)
    np.save(tmp_path / "loops.npy", scan.measurements)
    np.save(tmp_path / "bias.npy", scan.measurements.axis("bias").positions)
    return tmp_path


FILES = ("--image", "image.npy", "--spectra", "loops.npy", "--axis", "bias.npy", "--axis-label", "bias [V]")
OWN = (*FILES, "--scalarizer", "loop-area", *SMALL)


def test_an_experiment_on_files_from_the_command_line_to_the_page_and_back(command, files):
    code, out, err = command("explore", *OWN, "--json", "--out", "mine")
    found = last_object(out)
    assert (code, len(out.splitlines())) == (0, 1)
    assert found["evaluations"] == 14
    assert found["stopped"] == "budget of 14 evaluations spent"
    assert 0 <= found["top_found"] <= 1
    assert "14 of 14" in err
    run = Run.open(files / "mine")
    best = max(run.record.evaluations(), key=lambda one: one.value)
    assert (found["best_value"], found["best_place"]) == (best.value, best.where.tolist())
    assert best.curves["axes"] == [{"name": "bias", "unit": "V", "values": np.load("bias.npy").tolist()}]
    assert steps(run) == [6, 10, 14]
    page = (files / "mine" / "report.html").read_text()
    for words in ("where the experiment measured", "Step by step", "After 10 measurements", "What was recorded there"):
        assert words in page
    assert command("resume", "mine", "--json")[0] == 0
    assert len(Run.open(files / "mine").record) == 14
    code, out, _ = command("show", "mine")
    assert (code, "The best of 14 measurements (7.1% of the places)" in out) == (0, True)
    assert command("report", "mine")[0] == 0


@pytest.mark.parametrize("surrogate", ["exact", "deep", "stacked"])
def test_every_surrogate_shows_a_plane_of_the_patches_at_every_step(command, files, surrogate):
    small = ("--budget", "8", "--n-initial", "4", "--n-proposals", "2")  # the last fit of stacked holds some out
    words = ("--scalarizer", "loop-area", *small, "--surrogate", surrogate, "--out", surrogate)
    assert command("explore", *FILES, *words)[0] == 0
    run = Run.open(files / surrogate)
    planes = [run.record.arrays(step)["embedding"] for step in steps(run)]
    assert len(planes) > 2
    assert {plane.shape for plane in planes} == {(196, 2)}
    assert min(np.ptp(plane, axis=0).min() for plane in planes) > 0
    page = (files / surrogate / "report.html").read_text()
    assert ("active subspace" in page) == (surrogate == "exact")


def test_the_measurements_of_a_run_are_scored_anew_in_a_run_of_their_own(command, files):
    command("explore", *OWN, "--out", "mine")
    before = (files / "mine" / "record.sqlite").read_bytes()
    code, out, _ = command("rescalarize", "mine", "--scalarizer", "loop-height", "--out", "other", "--json")
    assert code == 0
    first, other = Run.open(files / "mine"), Run.open(files / "other")
    assert last_object(out)["scalarizer"] == other.spec.scalarizer == "loop-height"
    assert first.spec.scalarizer == "loop-area"
    assert (files / "mine" / "record.sqlite").read_bytes() == before
    for one, new in zip(first.record.evaluations(), other.record.evaluations(), strict=True):
        assert np.array_equal(one.curves["values"], new.curves["values"])
        assert one.value != new.value
    assert steps(other) == [14]  # maps of the old score are gone
    page = (files / "other" / "report.html").read_text()
    assert "scored there by loop-area" in page
    assert "from measurement 15 on loop-height(robust=True)" in page
    with sqlite3.connect(files / "other" / "record.sqlite") as connection:
        assert connection.execute("PRAGMA application_id").fetchone() != (0,)


@pytest.mark.parametrize("policy", ["grid", "direct"])
def test_policies_from_the_command_line(command, policy):
    code, out, _ = command("explore", *OWN, "--policy", policy, "--json", "--out", policy)
    assert code == 0
    assert last_object(out)["evaluations"] in range(9, 15)


def test_a_share_of_the_area_is_a_budget(command):
    words = [word for word in OWN if word not in ("--budget", "14")]
    assert last_object(command("explore", *words, "--budget", "5%", "--json", "--out", "a")[1])["evaluations"] == 10


def test_scenes_are_listed(command, files):
    code, out, _ = command("explore")
    assert code == 0
    assert "calculated loops over ferroelectric domains" in out
    code, out, _ = command("explore", "--json")
    assert code == 0
    assert not (files / "runs").exists()
    assert {"switching", "charged", "pto-loops", "sio2-eds"} <= last_object(out)["scenes"].keys()


@pytest.mark.parametrize(
    "words",
    [
        ("explore", "nowhere"),
        ("explore", "switching", "--scalarizer", "gap"),
        ("explore", "switching", "--budget", "some"),
        *(("explore", "switching", "--budget", budget) for budget in ("0", "-3", "inf%", "nan%", "500%", "0%")),
        ("explore", "switching", "--instrument", "afm"),
        ("explore", "switching", "--descriptor", "pixels:3"),
        ("explore", "switching", "--surrogate", "deep", "--acquire", "thompson"),
        ("explore", "switching", "--policy", "spiral"),
        ("explore", "switching", "--acquire", "best"),
        ("explore", "switching", "--surrogate", "forest"),
        ("explore", "switching", "--image", "image.npy"),
        ("explore", "--image", "image.npy"),
        ("explore", "--image", "image.npy", "--scalarizer", "loop-area", "--serve", "65536"),
        ("explore", "--image", "image.npy", "--spectra", "loops.npy"),
        ("explore", "--image", "none.npy", "--spectra", "loops.npy", "--scalarizer", "loop-area"),
        ("explore", "--image", "loops.npy", "--spectra", "bias.npy", "--scalarizer", "loop-area"),
        ("explore", "--image", "image.npy", "--spectra", "loops.npy", "--axis", "image.npy", "--scalarizer", "com"),
        ("rescalarize", "nothing", "--scalarizer", "loop-area"),
    ],
)
def test_mistakes_are_one_line_and_leave_no_folder(command, files, words):
    one_error(command(*words))
    assert not (files / "runs").exists()


def test_somebody_else_measures_over_http(files):
    scan = domains(size=14)
    words = ("--image", "image.npy", "--scalarizer", "loop-area", "--serve", "0", "--step", "2", "--out", "live")
    process = start("explore", *words, "--budget", "6", "--n-initial", "3", "--json", cwd=files)
    try:
        line = next(line for line in process.stderr if line.startswith("serving "))
        _, address, _, _, token = line.split()

        def post(path, message):
            body = json.dumps(message).encode()
            sent = urllib.request.Request(address + path, body, {"Authorization": f"Bearer {token}"})
            return json.load(urllib.request.urlopen(sent, timeout=60))

        while points := post("/ask", {"n": 2})["points"]:
            for one in points:
                row, column = map(int, one["point"])
                values = scan.samples[14 * row + column].tolist()
                axes = [{"name": "bias", "unit": "V", "values": scan.measurements.axis("bias").positions.tolist()}]
                post("/tell", {"point": one["point"], "values": values, "axes": axes})
        out, _ = process.communicate(timeout=120)
    finally:
        process.kill()
    found = last_object(out)
    assert (process.returncode, found["evaluations"]) == (0, 6)
    assert (files / "live" / "report.html").exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [("describe", "descriptor"), ("travel", "travel-cost"), ("starts", "n-initial"), ("batch", "n-proposals")],
)
def test_options_of_earlier_versions_name_those_of_now(command, old, new):
    one_error(command("explore", "switching", f"--{old}", "1"), f"Try --{new}.")
