"""The example plugin, seen by other processes as an installed package, and processes that run commands in it."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

from cli.helpers import ENVIRONMENT

HERE = Path(__file__).parents[1] / "examples" / "plugin"

DRIVER = """
import json, sys
import torch
import latscape.runs.panels
from latscape.cli import main

latscape.runs.panels.DPI = 40
if sys.argv[2] == "no pictures":
    latscape.runs.panels.Panel.png = lambda panel: b""

torch.set_num_threads(1)
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as leaving:
        print(json.dumps({"code": leaving.code}))
"""


def site(folder: Path) -> Path:
    """What an installer writes of a package: its files' place, its name, and its entry points."""
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = folder / "latscape_example-0.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = [
        "\n".join([f"[{group}]", *(f"{word} = {place}" for word, place in points.items())])
        for group, points in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n\n".join(groups))
    return folder


def python(code, *words, cwd, path):
    """What a new process prints, in which the plugin is installed."""
    environment = ENVIRONMENT | {"PYTHONPATH": f"{path}:{HERE / 'src'}"}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def commands(*each, cwd, path, pictures=False):
    """The JSON objects that commands print in one new process, and their exit codes."""
    words = json.dumps([[str(word) for word in words] for words in each])
    lines = python(DRIVER, words, "pictures" if pictures else "no pictures", cwd=cwd, path=path)
    found = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    objects, codes = (
        [one for one in found if set(one) != {"code"}],
        [one["code"] for one in found if set(one) == {"code"}],
    )
    return objects, codes
