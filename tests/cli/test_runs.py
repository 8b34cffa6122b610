import os
import signal
import subprocess
import sys

import pytest

from cli.helpers import COMMAND, ENVIRONMENT, TINY, last_object, start
from latscape.runs import Run
from latscape.studies.zbo.results import comparison, evaluations

pytestmark = pytest.mark.xdist_group("finished")  # by one worker, which makes the finished run once


def test_help_imports_nothing_heavy():
    heavy = {"torch", "botorch", "gpytorch", "matplotlib", "numpy", "scipy", "sklearn", "jinja2"}
    code = (
        "import sys\nfrom latscape.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit as end: assert end.code == 0\n"
        f"assert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in ("zbo", "resume", "runs", "show", "report"))


def test_a_whole_run_ends_with_one_json_object(finished):
    folder, stdout, _ = finished
    found, run = last_object(stdout), Run.open(folder)
    assert found["run"] == str(folder)
    assert found["evaluations"] == 6
    assert found["best_value"] == max(e.value for e in evaluations(run))
    assert found["initial_best_value"] == max(e.value for e in evaluations(run) if e.role == "start")
    assert found["constant_value"] == run.numbers("baseline")["metrics"]["l1"]
    assert found["stopped"] == "budget of 5 evaluations spent"
    assert found["report"] == str(folder / "report.html")
    assert os.path.getsize(found["report"]) > 100_000
    assert list(found["models"]) == ["vae", "constant", "hand_made", "zbo"]
    for key, scores in found["models"].items():
        assert set(scores) >= {"accuracy", "nmi", "purity", "used_classes", "extracted", "elbo", "seconds"}
        assert scores["accuracy"] == comparison(run)[key][0]["accuracy"]
    assert found["seconds"] >= sum(e.seconds or 0.0 for e in evaluations(run))


def test_progress_is_a_line_per_evaluation_and_per_model_on_stderr(finished):
    _, stdout, stderr = finished
    assert len(stdout.splitlines()) == 1
    lines = stderr.splitlines()
    assert [line.split(":")[0] for line in lines if line.startswith("campaign")] == [
        f"campaign {k} of 6" for k in range(1, 7)
    ]
    assert sum(line.startswith("comparison") for line in lines) == 4
    assert "plane 3 of 3" in stderr
    assert "Warning" not in stderr
    assert "Note: The plane keeps" in stderr  # three epochs teach the trajectory VAE little


def test_the_record_keeps_the_command(finished):
    folder, _, _ = finished
    assert Run.open(folder).command == " ".join(["latscape", "zbo", "mnist", *TINY, "--out", "whole", "--json"])


def test_show_runs_and_report_tell_the_same(finished, command, monkeypatch):
    folder, stdout, _ = finished
    told = last_object(stdout)
    monkeypatch.setenv("LATSCAPE_RUNS", str(folder.parent))
    code, out, _ = command("show", "whole", "--json")
    assert (code, last_object(out)) == (0, told)
    code, out, _ = command("runs", "--json")
    (one,) = last_object(out)["runs"]
    assert (code, one["name"], one["state"], one["best_value"]) == (0, "whole", "finished", told["best_value"])
    (folder / "report.html").unlink()
    code, out, _ = command("report", folder, "--json")
    assert (code, last_object(out)) == (0, told)
    assert (folder / "report.html").exists()


def test_show_prints_the_comparison_and_where_the_report_is(finished, command):
    folder, stdout, _ = finished
    code, out, _ = command("show", folder)
    accuracy = last_object(stdout)["models"]["zbo"]["accuracy"]
    assert code == 0
    assert f"{accuracy:.3f}" in out
    assert f"report {folder / 'report.html'}" in out


def interrupted(folder, number):
    """Stop a run by a signal once its second evaluation is in the record."""
    process = start("zbo", "mnist", *TINY, "--out", "cut", cwd=folder)
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if line.startswith("campaign 2"):
            process.send_signal(number)
            break
    rest, after = process.communicate()
    return process.returncode, rest, "".join(seen) + after


def test_ctrl_c_says_how_to_go_on_and_the_rest_comes_out_the_same(finished, command, tmp_path):
    whole, _, _ = finished
    code, _, stderr = interrupted(tmp_path, signal.SIGINT)
    folder = tmp_path / "cut"
    assert code == 130
    assert f"latscape resume {folder}" in stderr
    assert "Traceback" not in stderr
    cut = Run.open(folder)
    assert not cut.finished
    assert sum(e.status == "done" for e in evaluations(cut)) >= 2
    cut.record.close()

    code, stdout, stderr = command("resume", folder, "--json")
    assert code == 0, stderr
    assert "campaign 2 of 6" not in stderr  # was not done again
    there, here = Run.open(whole), Run.open(folder)
    assert here.finished
    assert [e.value for e in evaluations(here)] == [e.value for e in evaluations(there)]
    assert last_object(stdout)["models"]["zbo"]["accuracy"] == comparison(there)["zbo"][0]["accuracy"]


def test_sigterm_ends_as_ctrl_c_does(tmp_path):
    code, _, stderr = interrupted(tmp_path, signal.SIGTERM)
    assert code == 130
    assert f"latscape resume {tmp_path / 'cut'}" in stderr
    assert "Traceback" not in stderr


def test_a_closed_pipe_leaves_no_traceback(finished):
    folder, _, _ = finished
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*COMMAND, "show", str(folder)], stdout=writing, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
    finally:
        os.close(writing)
    assert done.stderr == ""
    assert done.returncode == 141


@pytest.mark.parametrize("words", [("--version",), ("zbo", "--help"), ("runs",), ()])
def test_questions_are_answered_with_code_0(command, words):
    code, out, err = command(*words)
    assert code == 0
    assert out
    assert err == ""
