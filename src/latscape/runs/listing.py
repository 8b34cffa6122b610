"""The list of runs: one line for each folder, read by SQL alone, so that many are listed at once and none is opened."""

from contextlib import closing
from pathlib import Path
from typing import Any

from latscape.campaign.record import CampaignRecord
from latscape.campaign.storage import connect, identify_file
from latscape.errors import LatscapeError
from latscape.runs.folder import OLD, RECORD, run_folders

FINISHED = "finished"


def lines() -> list[dict[str, Any]]:
    """A line for every run, oldest first: name, run (path), kind, state, evaluations, best_value, elbo, accuracy."""
    return [line(folder) for folder in run_folders()]


def line(folder: Path) -> dict[str, Any]:
    """That of the run in a folder; of one that cannot be read, what is wrong with it."""
    found: dict[str, Any] = {"name": folder.name, "run": str(folder), "kind": None, "state": "unreadable"}
    found |= {"finished": False, "evaluations": 0, "failed": 0, "best_value": None, "elbo": None, "accuracy": None}
    try:
        return found | _read(folder)
    except Exception as error:  # a damaged or foreign run must not hide the others
        text = str(error) if isinstance(error, LatscapeError) else f"{type(error).__name__}: {error}"
        return found | {"error": " ".join(text.split())}


def _read(folder: Path) -> dict[str, Any]:
    if not (folder / RECORD).exists() and (folder / OLD).exists():
        return {"state": "made by latscape 0.1.0, which reads it"}
    identify_file(folder / RECORD)
    with closing(connect(folder / RECORD, readonly=True)) as connection:
        record = CampaignRecord(None, connection, None)
        chosen = record.config.get("run") or {}
        state = _state(record, chosen.get("stages", []))
        best, done, failed = connection.execute(
            "SELECT MAX(value), SUM(status = 'done'), SUM(status = 'failed') FROM evaluations"
        ).fetchone()
        counts = {"evaluations": done or 0, "failed": failed or 0, "best_value": best}
        found = {"kind": chosen.get("kind", "campaign"), "state": state, "finished": state == FINISHED}
        return found | counts | (record.get("line") or {})


def state_of(record: CampaignRecord) -> str:
    """How far a run has come.

    Examples
    --------
    >>> record = CampaignRecord.create(":memory:", {"run": {"kind": "fit", "stages": ["training", "samples"]}})
    >>> state_of(record)
    'unfinished: nothing done yet'
    >>> record.put("stage/training", {})
    >>> state_of(record)
    'unfinished: 1 of 2 stages, next samples'
    """
    return _state(record, (record.config.get("run") or {}).get("stages", []))


def _state(record: CampaignRecord, stages: list[str]) -> str:
    evaluations, names = len(record), record.names()
    if not stages:
        return f"campaign, {evaluations} evaluations"
    left = [name for name in stages if f"stage/{name}" not in names]
    if not left:
        return FINISHED
    if failed := record.get("failed"):
        return f"failed: {failed}"
    counted = f", {evaluations} evaluations" if evaluations else ""
    if len(left) == len(stages) and not counted and not any(name.startswith("partial/") for name in names):
        return "unfinished: nothing done yet"
    return f"unfinished: {len(stages) - len(left)} of {len(stages)} stages, next {left[0]}{counted}"
