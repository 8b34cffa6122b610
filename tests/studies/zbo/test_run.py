"""A run ends with the same record however often it was cut, and evaluates feasible trajectories only."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from latscape.errors import RecordError
from latscape.metrics.clustering import accuracy
from latscape.runs import Run
from latscape.studies.zbo.contenders import DIGITS
from latscape.studies.zbo.results import comparison, evaluations, landscape, optimum, trained

from .helpers import TINY, create

RUN = """
import json, os, signal, sys
from pathlib import Path
from latscape.runs import run_kind
from latscape.runs import Run

folder, stage, count = Path(sys.argv[1]), sys.argv[3], int(sys.argv[4])
kind, seen = run_kind("zbo"), 0

def kill(now, done, total, note):
    global seen
    seen += now == stage
    if seen == count:
        os.kill(os.getpid(), signal.SIGKILL)

Run.create(kind, kind.spec(**json.loads(sys.argv[2])), folder).run(kill)
"""


def findings(run):
    """Everything a run holds but timings."""
    rows = [
        (e.index, e.role, e.status, e.point.tolist(), e.decoded.tolist(), e.seed, e.value, e.acquisition, e.metrics)
        for e in run.record.evaluations()
    ]
    table = {
        key: [{name: value for name, value in row.items() if name != "seconds"} for row in rows]
        for key, rows in comparison(run).items()
    }
    kept = {stage: run.numbers(stage) for stage in run.kind.stages.order}
    arrays = {name: values.tolist() for name, values in landscape(run).items()}
    return rows, table, kept, arrays


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    run = create(tmp_path_factory.mktemp("runs") / "whole", **TINY)
    run.run()
    return run


@pytest.mark.parametrize(("stage", "count"), [("plane", 2), ("campaign", 2), ("campaign", 4), ("comparison", 6)])
def test_a_killed_run_goes_on_to_the_same_record(finished, tmp_path, stage, count):
    folder = tmp_path / "cut"
    spec = json.dumps(finished.spec.stored())
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-c", RUN, folder, spec, stage, str(count)]
    cut = subprocess.run(words, capture_output=True, env=one_thread)
    assert cut.returncode == -9, cut.stderr.decode()
    resumed = Run.open(folder, readonly=False)
    assert not resumed.finished
    resumed.run()
    assert findings(resumed) == findings(finished)


def test_every_evaluated_trajectory_is_feasible(finished):
    decoded = np.stack([e.decoded for e in evaluations(finished)])
    assert (decoded > 0).all()
    assert (decoded <= finished.spec.high).all()


def test_the_optimum_is_the_maximum_of_the_gp_mean_and_was_evaluated(finished):
    found = landscape(finished)
    best = found["candidates"][int(np.argmax(found["mean"]))]
    np.testing.assert_array_equal(optimum(finished).point, best)
    assert optimum(finished).value is not None
    assert len(evaluations(finished)) == finished.spec.budget + 1


def test_the_comparison_trains_along_the_optimum_and_keeps_its_models(finished):
    assert tuple(comparison(finished)) == DIGITS
    model = trained(finished, "zbo")
    np.testing.assert_allclose(model.beta_c, optimum(finished).decoded)
    predicted = model.predict(finished.prepared.validation)
    share = comparison(finished)["zbo"][0]["accuracy"]
    assert accuracy(finished.prepared.labels, predicted) == pytest.approx(share)


def test_training_and_held_out_images_have_nothing_in_common(finished):
    images = finished.prepared
    flat = {one.tobytes() for one in images.training}
    assert not flat & {one.tobytes() for one in images.validation}
    assert {one.tobytes() for one in images.subset} <= flat


def test_running_a_finished_run_again_changes_nothing(finished):
    before = findings(finished)
    finished.run()
    assert findings(finished) == before


def test_a_stopped_training_of_the_comparison_is_gone_on_with(finished, tmp_path):
    seen = []

    def stop(stage, done, total, note):
        if stage == "comparison":
            seen.append(note)
            if note.endswith("β = 1 throughout: 3 of 4"):
                raise KeyboardInterrupt

    run = create(tmp_path / "cut", **TINY)
    with pytest.raises(KeyboardInterrupt):
        run.run(stop)
    run.record.close()
    resumed = Run.open(tmp_path / "cut", readonly=False)
    seen.clear()
    resumed.run(stop)
    assert seen[:2] == ["jrVAE, β = 1 throughout: 4 of 4", "jrVAE, β = 1 throughout"]  # neither model begins anew
    assert findings(resumed) == findings(finished)
    assert not (tmp_path / "cut" / "partial").exists()


def test_other_images_than_before_are_refused(tmp_path):
    np.save(tmp_path / "own.npy", np.random.default_rng(0).uniform(size=(80, 12, 12)))

    def stop(stage, done, total, note):
        if stage == "campaign":
            raise KeyboardInterrupt

    run = create(tmp_path / "run", data=str(tmp_path / "own.npy"), classes=2, **TINY)
    with pytest.raises(KeyboardInterrupt):
        run.run(stop)
    run.record.close()
    np.save(tmp_path / "own.npy", np.random.default_rng(1).uniform(size=(80, 12, 12)))
    with pytest.raises(RecordError, match="sha256"):
        Run.open(tmp_path / "run", readonly=False).run()
