"""A run's folder: `record.sqlite`, `models/`, `figures/`, `report.html`."""

import os
import re
from datetime import datetime
from pathlib import Path

from latscape.campaign.record import Record
from latscape.errors import InputError

RECORD = "record.sqlite"


def runs_folder() -> Path:
    """`$LATSCAPE_RUNS`, or `runs` below the current folder."""
    return Path(os.environ.get("LATSCAPE_RUNS") or "runs")


def new_run(name: str, now: datetime | None = None) -> Path:
    """A path for a new run, not made yet, such as `runs/zbo-mnist-20260131-093000`."""
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", name)
    path = runs_folder() / f"{stem}-{now or datetime.now():%Y%m%d-%H%M%S}"
    candidate, number = path, 2
    while candidate.exists():
        candidate, number = path.with_name(f"{path.name}-{number}"), number + 1
    return candidate


def find_run(run: str | Path) -> Path:
    """The folder of a run given by id or path, or an error that names the runs there are."""
    for place in (Path(run).absolute(), (runs_folder() / run).absolute()):
        folder = place.parent if place.name == RECORD else place
        if (folder / RECORD).is_file():
            return folder
    known = [path.name for path in list_runs()]
    hint = f"one of {', '.join(known[-3:])}" if known else "`latscape zbo mnist` to make one"
    raise InputError("the id or path of a run", f"{str(run)!r}, where there is no {RECORD}", hint)


def is_study(folder: Path) -> bool:
    """Whether the run is a study of this package, not a campaign somebody ran on their own."""
    with Record.open(folder / RECORD, readonly=True) as record:
        return "settings" in record.config


def list_runs() -> list[Path]:
    """Folders of all runs below `runs_folder()`, oldest first."""
    return sorted(
        (path.parent for path in runs_folder().glob(f"*/{RECORD}")), key=lambda path: (path / RECORD).stat().st_mtime
    )
