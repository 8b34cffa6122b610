"""A run's folder: `record.sqlite` of a campaign or `result.json` of others, models, `figures/`, `report.html`."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from latscape.campaign.record import Record
from latscape.errors import InputError, RecordError

RECORD, RESULT, MODEL = "record.sqlite", "result.json", "model.safetensors"


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


@contextmanager
def claim(folder: Path) -> Iterator[Path]:
    """Make the folder of a run; where nothing was written into it in the end, it is taken back."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = next(folder.iterdir(), None)
    except OSError as error:
        raise InputError("a folder that can be written", f"{folder} ({error.strerror})", "another --out") from error
    if taken is not None:
        raise InputError("a new or empty folder for a run", f"{folder}, which holds {taken.name}", "another --out")
    try:
        yield folder
    except BaseException:
        for path in made:
            with suppress(OSError):  # a folder that holds something stays
                path.rmdir()
        raise


def find_run(run: str | Path) -> Path:
    """The folder of a run given by id or path, or an error that names the runs there are."""
    for place in (Path(run).absolute(), (runs_folder() / run).absolute()):
        folder = place.parent if place.name in (RECORD, RESULT) else place
        if _holds_run(folder):
            return folder
    known = [path.name for path in list_runs()]
    hint = f"one of {', '.join(known[-3:])}" if known else "`latscape zbo mnist` to make one"
    raise InputError("the id or path of a run", f"{str(run)!r}, where there is no {RECORD} or {RESULT}", hint)


def kind_of(folder: Path) -> str:
    """What made the run: "zbo"; "fit", "classes" or "study"; or "campaign" for one somebody ran on their own."""
    if (folder / RESULT).is_file():
        return read_result(folder)["kind"]
    with Record.open(folder / RECORD, readonly=True) as record:
        config = record.config
        return "explore" if "explore" in config else "zbo" if "settings" in config else "campaign"


def list_runs() -> list[Path]:
    """Folders of all runs below `runs_folder()`, oldest first."""
    found = {path.parent: path.stat().st_mtime for name in (RECORD, RESULT) for path in runs_folder().glob(f"*/{name}")}
    return sorted(found, key=lambda folder: found[folder])


def read_result(folder: Path) -> dict[str, Any]:
    """What `write_result` wrote."""
    try:
        found = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        if found["kind"] not in ("fit", "classes", "study"):
            raise ValueError("another kind")
        return found
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordError(
            "a result of latscape", f"{folder / RESULT}, which is something else", "`latscape runs`"
        ) from error


def write_result(folder: Path, result: Mapping[str, Any]) -> None:
    """Write `result.json` whole or not at all."""
    write_whole(folder / RESULT, json.dumps(result, indent=1, allow_nan=False).encode())


def write_whole(path: Path, content: bytes) -> None:
    """A reader sees the old file or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    os.replace(partial, path)


def _holds_run(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (RECORD, RESULT))
