"""A process that runs the command line, and what it printed."""

import json
import os
import signal
import subprocess
import sys

SIZES = "--epochs 4 --images 60 --n-initial 3 --budget 5 --space-epochs 3 --space-draws 20 --grid 3 --pairs 5"
TINY = [*SIZES.split(), "--final-images", "80", "--validation", "60"]
SMALL_PICTURES = "from latscape.runs import panels; panels.DPI = 40"
COMMAND = [sys.executable, "-c", f"{SMALL_PICTURES}; from latscape.cli import main; main()"]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", "LATSCAPE_DEBUG": ""}


def start(*words, cwd, **options):
    """A process of its own, in which Ctrl-C works even where the test run itself is in the background."""
    return subprocess.Popen(
        [*COMMAND, *map(str, words)],
        cwd=cwd,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        **options,
    )


def last_object(stdout):
    return json.loads(stdout.splitlines()[-1])
