"""A run: what was chosen, where it lies, what was done of it, and what it says."""

import shlex
import shutil
import time
from collections.abc import Callable, Mapping
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from latscape.campaign.events import Observer
from latscape.campaign.record import CampaignRecord
from latscape.errors import RecordError
from latscape.options import Options
from latscape.runs.files import read_arrays, write_arrays
from latscape.runs.folder import claimed_folder, missing_folders, take_back
from latscape.runs.kind import RunKind, run_kind
from latscape.runs.listing import state_of
from latscape.runs.stages import Progress

SpecT = TypeVar("SpecT", bound=Options)
R = TypeVar("R", bound="Run[Any]")
V = TypeVar("V")
#: Section of the record's settings that makes it a run, and what its results are called.
SECTION, STAGE, PARTIAL, TIME = "run", "stage/", "partial/", "time/"
REPORT = "report.html"


class Run(Generic[SpecT]):
    """A specification in a folder; make one with `Run.create`, find it again with `Run.open`, go on with `Run.run`.

    Numbers, states and evaluations are in its record, arrays and models in files beside it.

    Attributes
    ----------
    kind : RunKind
    spec : Options
    folder : Path
    record : CampaignRecord
    changed : str
        One line on settings that have changed since the run was begun; "" if none have.
    observers : tuple of callable
        Of the events of its campaign, where it has one.
    """

    def __init__(self, kind: RunKind, spec: SpecT, folder: Path, record: CampaignRecord, changed: str = "") -> None:
        self.kind, self.spec, self.folder, self.record, self.changed = kind, spec, folder, record, changed
        self.observers: tuple[Observer, ...] = ()
        self._kept: dict[Any, Any] = {}
        self._made: list[Path] = []  # folders, by this process

    @classmethod
    def create(cls, kind: RunKind, spec: SpecT, out: Path | None = None, *, name: str = "", command: str = "") -> Self:
        """Begin in a new folder; what is wrong with the input shows before there is one.

        Parameters
        ----------
        kind
        spec
        out
            The folder; default a new one below `runs_folder()`.
        name
            What that one is called, before the time; default the word of the kind.
        command
            That was typed.

        Raises
        ------
        InputError
            For bad input, or a folder that cannot be written or holds something.
        """
        prepared, above = kind.stages.prepare(spec), missing_folders(out)
        with claimed_folder(name or kind.word, out) as folder:
            chosen = {"kind": kind.word, "spec": spec.stored(), "stages": list(kind.stages.order)}
            record = CampaignRecord.create(folder, {SECTION: chosen})
            record.put("command", command)
        made = cls(kind, spec, folder, record)
        made.__dict__["prepared"] = prepared
        made._made = [folder, *above]
        return made

    @classmethod
    def open(cls, folder: Path, *, readonly: bool = True) -> Self:
        """A run that exists; of any campaign's record, a run of the kind "campaign"."""
        record = CampaignRecord.open(folder, readonly=readonly)
        try:
            chosen = record.config.get(SECTION) or {"kind": "campaign", "spec": {}}
            kind = run_kind(chosen["kind"])
            spec, changed = kind.spec.restored(chosen["spec"])
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            record.close()
            expected, got = "the record of a run", f"{folder} ({' '.join(str(error).split())})"
            raise RecordError(expected, got, "`latscape runs` for those there are") from error
        return cls(kind, spec, Path(folder), record, changed)  # type: ignore[arg-type]

    @cached_property
    def prepared(self) -> Any:
        """What the kind reads before it begins, such as the samples; read again when the run was opened."""
        return self.kind.stages.prepare(self.spec)

    # --- doing ---

    def run(self, observer: Callable[[str, int, int, str], None] | None = None) -> None:
        """Do what is still to do, stage after stage; each is kept as soon as it is done.

        Raises
        ------
        RecordError
            If it cannot go on.
        """
        progress = Progress() if observer is None else Progress(observer)
        for name, stage in self.kind.stages.order.items():
            if self.done(name):
                continue
            self.record.put("failed", None)
            begun, before = time.perf_counter(), float(self.record.get(TIME + name) or 0.0)
            try:
                found = stage(self, progress.of(name))
            except Exception as error:
                self.record.put("failed", f"{type(error).__name__}: {' '.join(str(error).split())}")
                raise
            finally:
                self.record.put(TIME + name, before + time.perf_counter() - begun)
            if found is not None and found.arrays:
                arrays = {key: np.asarray(value) for key, value in found.arrays.items()}
                write_arrays(self.file(f"{name}.npz"), arrays)
            self.record.put(STAGE + name, {} if found is None else dict(found.numbers))
            self._kept.clear()  # what was computed of an unfinished run holds no longer
            self.record.put("line", self.kind.story.line(self))
            shutil.rmtree(self.file(PARTIAL), ignore_errors=True)

    def check_resumable(self) -> None:
        """Refuse to go on where that would mix two settings, or where there is no way to.

        Raises
        ------
        RecordError
            With what has changed, or why.
        """
        why = self.changed or self.kind.stages.resumable(self)
        if why and not self.finished:
            raise RecordError("a run that can go on", f"{self.folder.name}. {why.rstrip('.')}", "a new run")

    def discard(self) -> bool:
        """Take the folder back if it was made here and nothing was found; whether it was."""
        if self.begun or not self._made:
            return False
        self.record.close()
        take_back(self.folder, self._made)
        return True

    # --- what was kept ---

    def file(self, name: str) -> Path:
        """A file of the run."""
        return self.folder / name

    def partial(self, name: str) -> Path:
        """A file for what a stage has so far, such as a checkpoint; all of them go when the stage is done."""
        path = self.file(PARTIAL) / name
        path.parent.mkdir(exist_ok=True)
        return path

    def partial_arrays(self, name: str, compute: Callable[[], Mapping[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
        """A part of a stage's work: computed once, and kept in a file until the stage is done."""
        path = self.partial(f"{name}.npz")
        if not path.exists():
            write_arrays(path, compute())
            self.record.put(PARTIAL + name, True)
        return read_arrays(path)

    def done(self, stage: str) -> bool:
        """Whether a stage is done."""
        return self.record.get(STAGE + stage) is not None

    def numbers(self, stage: str) -> dict[str, Any]:
        """What a stage found, in numbers; empty before it is done."""
        return self.record.get(STAGE + stage) or {}

    def arrays(self, stage: str) -> dict[str, NDArray[Any]]:
        """What a stage found, in arrays; empty before it is done, or where it found none."""
        path = self.file(f"{stage}.npz")
        return read_arrays(path) if self.done(stage) and path.exists() else {}

    @property
    def finished(self) -> bool:
        """Whether every stage is done."""
        stages = self.kind.stages.order
        return bool(stages) and all(self.done(name) for name in stages)

    @property
    def begun(self) -> bool:
        """Whether anything was found, if only a part of a stage."""
        kept = any(name.startswith((STAGE, PARTIAL)) for name in self.record.names())
        return kept or bool(len(self.record)) or any(self.file(PARTIAL).glob("*"))

    @property
    def seconds(self) -> float:
        """Time that the stages took in all sittings [s]."""
        return sum(float(self.record.get(TIME + name) or 0.0) for name in self.kind.stages.order)

    @property
    def state(self) -> str:
        """How far it has come."""
        return state_of(self.record)

    # --- what it says ---

    def summary(self) -> dict[str, Any]:
        """What `--json` prints: plain numbers, None where there is none.

        Returns
        -------
        dict
            run (path), kind, state, finished, seconds [s], report (path or None), and the numbers of the kind.
        """
        report = self.file(REPORT)
        common = {"run": str(self.folder), "kind": self.kind.word, "state": self.state, "finished": self.finished}
        found = common | {"seconds": self.seconds} | dict(self.kind.story.numbers(self))
        return found | {"report": str(report) if report.exists() else None}

    @property
    def command(self) -> str:
        """That made it; empty if it was no command."""
        return self.record.get("command") or ""

    @property
    def resume_command(self) -> str:
        """That goes on with it."""
        return shlex.join(["latscape", "resume", str(self.folder)])


def computed_once(function: Callable[[R], V]) -> Callable[[R], V]:
    """A function of a run that is computed when it is first asked for, and kept with the run."""

    @wraps(function)
    def kept(run: R) -> V:
        if function not in run._kept:
            run._kept[function] = function(run)
        return run._kept[function]

    return kept
