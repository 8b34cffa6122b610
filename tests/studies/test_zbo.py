"""A study ends with the same record however often it was cut, and evaluates feasible trajectories only."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from latscape.studies.contenders import CONTENDERS
from latscape.studies.settings import Settings
from latscape.studies.zbo import Study

RUN = """
import json, os, signal, sys
from pathlib import Path
from latscape.studies.settings import Settings
from latscape.studies.zbo import Study

folder, settings, stage, count = Path(sys.argv[1]), Settings(**json.loads(sys.argv[2])), sys.argv[3], int(sys.argv[4])
seen = 0

def kill(now, done, total, note):
    global seen
    seen += now == stage
    if seen == count:
        os.kill(os.getpid(), signal.SIGKILL)

Study.create(settings, folder).run(kill)
"""

TIMES = {"seconds"}


def findings(study):
    """Everything a record holds but timings."""
    rows = [
        (e.index, e.role, e.status, e.point.tolist(), e.decoded.tolist(), e.seed, e.value, e.acquisition, e.metrics)
        for e in study.evaluations
    ]
    table = {
        key: [{name: value for name, value in row.items() if name not in TIMES} for row in rows]
        for key, rows in study.comparison().items()
    }
    kept = {name: study.record.get(name) for name in ("r2", "landscape", "baseline", "finished")}
    return rows, table, kept


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    from .conftest import TINY

    folder = tmp_path_factory.mktemp("study") / "whole"
    study = Study.create(Settings(**TINY), folder)
    study.run()
    return study


@pytest.mark.parametrize(("stage", "count"), [("latent plane", 2), ("campaign", 2), ("campaign", 4), ("comparison", 6)])
def test_a_killed_study_goes_on_to_the_same_record(finished, tmp_path, stage, count):
    folder = tmp_path / "cut"
    settings = json.dumps(finished.settings.as_dict())
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-c", RUN, folder, settings, stage, str(count)]
    cut = subprocess.run(words, capture_output=True, env=one_thread)
    assert cut.returncode == -9, cut.stderr.decode()
    resumed = Study.open(folder, readonly=False)
    assert not resumed.finished
    resumed.run()
    assert findings(resumed) == findings(finished)


def test_every_evaluated_trajectory_is_feasible(finished):
    decoded = np.stack([e.decoded for e in finished.evaluations])
    assert (decoded > 0).all()
    assert (decoded <= finished.settings.high).all()


def test_the_optimum_is_the_maximum_of_the_gp_mean_and_was_evaluated(finished):
    landscape = finished.record.get("landscape")
    best = np.asarray(landscape["candidates"])[int(np.argmax(landscape["mean"]))]
    np.testing.assert_array_equal(finished.optimum.point, best)
    assert finished.optimum.value is not None
    assert len(finished.evaluations) == finished.settings.budget + 1


def test_the_comparison_trains_along_the_optimum_and_keeps_its_models(finished):
    assert tuple(finished.comparison()) == CONTENDERS
    model = finished.trained("zbo")
    np.testing.assert_allclose(model.beta_c, finished.optimum.decoded)
    predicted = model.predict(finished.images.held_out)
    share = finished.comparison()["zbo"][0]["accuracy"]
    from latscape.metrics.clustering import accuracy

    assert accuracy(finished.images.labels, predicted) == pytest.approx(share)


def test_training_and_held_out_images_have_nothing_in_common(finished):
    images = finished.images
    flat = {one.tobytes() for one in images.training}
    assert not flat & {one.tobytes() for one in images.held_out}
    assert {one.tobytes() for one in images.subset} <= flat


def test_running_a_finished_study_again_changes_nothing(finished):
    before = findings(finished)
    finished.run()
    assert findings(finished) == before
