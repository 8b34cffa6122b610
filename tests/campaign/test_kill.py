"""kill -9 at many instants, then resume: the record equals that of the run nobody touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from campaign.helpers import contents

# One process loads torch; each campaign runs in a fork of it, which may die.
SCRIPT = """
import os, signal, sys
import torch
torch.set_num_threads(1)
from campaign.helpers import disc, noisy_bump
from latscape.campaign import Campaign, CampaignRecord, storage
from latscape.campaign.events import EvaluationEnded

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def campaign(path, **options):
    return Campaign(disc(), seed=1, record=path).run(noisy_bump, n_initial=4, budget=7, batch=2, **options)

def in_evaluator(path, k):
    def deadly(x, trial):
        if trial.index == k:
            die()
        return noisy_bump(x, trial)
    Campaign(disc(), seed=1, record=path).run(deadly, n_initial=4, budget=7, batch=2)

def after_evaluation(path, k):
    campaign(path, observers=[lambda e: die() if isinstance(e, EvaluationEnded) and e.evaluation.index == k else None])

def at_statement(path, k):
    left = [k]
    def count(sql):
        if sql.lstrip().upper().startswith(("BEGIN", "INSERT", "UPDATE", "COMMIT", "CREATE", "PRAGMA")):
            left[0] -= 1
            if left[0] < 0:
                die()
    import sqlite3
    connect = sqlite3.connect
    def traced(*args, **kwargs):
        connection = connect(*args, **kwargs)
        connection.set_trace_callback(count)
        return connection
    storage.sqlite3.connect = traced
    campaign(path)

KINDS = {"evaluator": in_evaluator, "after": after_evaluation, "statement": at_statement}

def fork(work):
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1]

folder, killed = sys.argv[1], 0
assert fork(lambda: campaign(f"{folder}/untouched")) == 0
for case in sys.argv[2:]:
    kind, k = case.split(":")
    status = fork(lambda: KINDS[kind](f"{folder}/{case}", int(k)))
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (case, status)
    assert fork(lambda: campaign(f"{folder}/{case}")) == 0, case
"""

CASES = [
    *(f"evaluator:{k}" for k in (0, 4, 7)),  # the first, the first acquired, the optimum
    *(f"after:{k}" for k in (2, 7)),
    *(f"statement:{k}" for k in (0, 9, 17, 22, 27, 40, 53)),
]


@pytest.mark.slow
def test_a_killed_campaign_resumes_to_the_untouched_one(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), *CASES]
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    expected = contents(tmp_path / "untouched" / "record.sqlite")
    assert len(expected["evaluations"]) == 8
    assert {one[2] for one in expected["evaluations"]} == {"done", "failed"}
    for case in CASES:
        assert contents(tmp_path / case / "record.sqlite") == expected, case
        assert not list((tmp_path / case).glob("*.draft"))
