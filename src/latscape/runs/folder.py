"""Where runs lie: `$LATSCAPE_RUNS` or `./runs`, each in a folder that holds `record.sqlite`."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from latscape.errors import InputError, RecordError

RECORD, OLD = "record.sqlite", "result.json"


def runs_folder() -> Path:
    """`$LATSCAPE_RUNS`, or `runs` below the current folder."""
    return Path(os.environ.get("LATSCAPE_RUNS") or "runs")


@contextmanager
def claimed_folder(name: str, out: Path | None = None, now: datetime | None = None) -> Iterator[Path]:
    """A folder that is this run's alone; what was made is taken back if the block ends in an error.

    Parameters
    ----------
    name
        Of the run, to which the time is added: `runs/zbo-mnist-20260131-093000`.
    out
        A new or empty folder instead.

    Raises
    ------
    InputError
        If the folder cannot be made, or holds something.
    """
    above = missing_folders(out)
    folder = _new_folder(name, now) if out is None else out.expanduser().absolute()
    made = [folder, *above] if out is None or not folder.exists() else []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = next(folder.iterdir(), None)
    except OSError as error:
        raise InputError("a folder that can be written", f"{folder} ({error.strerror})", "another --out") from error
    if taken is not None:
        run = (folder / RECORD).exists()
        got, hint = ("a run", f"latscape resume {folder}, or another --out") if run else (taken.name, "another --out")
        raise InputError("a new or empty folder for a run", f"{folder}, which holds {got}", hint)
    try:
        yield folder
    except BaseException:
        take_back(folder, made)
        raise


def missing_folders(out: Path | None) -> list[Path]:
    """Those above the folder of a new run that have to be made for it, the innermost first."""
    folder = runs_folder().absolute() / "run" if out is None else out.expanduser().absolute()
    return [path for path in folder.parents if not path.exists()]


def _new_folder(name: str, now: datetime | None) -> Path:
    """Made here and now, so that two commands of the same second have two folders."""
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", name)
    first = runs_folder().absolute() / f"{stem}-{now or datetime.now():%Y%m%d-%H%M%S}"
    try:
        first.parent.mkdir(parents=True, exist_ok=True)
        for number in range(1, 10_000):
            folder = first if number == 1 else first.with_name(f"{first.name}-{number}")
            with suppress(FileExistsError):
                folder.mkdir()
                return folder
    except OSError as error:
        hint = "another --out, or LATSCAPE_RUNS"
        raise InputError("a folder that can be written", f"{first} ({error.strerror})", hint) from error
    raise InputError("a folder for a new run", f"{first}, taken ten thousand times", "another --out")


def take_back(folder: Path, made: list[Path]) -> None:
    """Empty the folder of a run that came to nothing, and remove the folders that were made for it."""
    for path in folder.iterdir() if folder.exists() else ():  # it was empty, so all of it is of this run
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    for path in made:
        with suppress(OSError):
            path.rmdir()


def find_run(run: str | Path) -> Path:
    """The folder of a run given by id or path, or an error that names the runs there are."""
    for place in (Path(run).expanduser().absolute(), (runs_folder() / run).absolute()):
        folder = place.parent if place.name in (RECORD, OLD) else place
        if (folder / RECORD).is_file():
            return folder
        if (folder / OLD).is_file():
            raise RecordError(
                "a run of this version", f"{folder}, made by latscape 0.1.0", "latscape 0.1.0, which reads it"
            )
    known = [path.name for path in run_folders()]
    hint = f"one of {', '.join(known[-3:])}" if known else "`latscape zbo mnist` to make one"
    raise InputError("the id or path of a run", f"{str(run)!r}, where there is no {RECORD}", hint)


def run_folders() -> list[Path]:
    """Folders of all runs below `runs_folder()`, also those of earlier versions, oldest first."""
    below = runs_folder().absolute()
    found = {path.parent: path.stat().st_mtime for name in (OLD, RECORD) for path in below.glob(f"*/{name}")}
    return sorted(found, key=lambda folder: found[folder])
