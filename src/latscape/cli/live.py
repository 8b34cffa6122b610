"""Progress on stderr: bars on a terminal, plain lines anywhere else."""

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, Self

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Column

from latscape.cli.output import say, stderr

if TYPE_CHECKING:
    from latscape.studies.zbo import Study

STAGES = ("latent plane", "campaign", "comparison")


class Reporter(Protocol):
    """What a study calls when something moved on."""

    def __call__(self, stage: str, done: int, total: int, note: str) -> None:
        """At `done` of `total` steps of a stage."""
        ...


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """A function of (done, total, note): one bar on a terminal, five lines in all anywhere else."""
    with quiet_libraries():
        if not sys.stderr.isatty():
            yield lambda done, total, note: _count_plainly(what, done, total, note)
            return
        columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())
        with Bars(*columns, TextColumn("{task.fields[note]}", style="dim", markup=False), console=stderr()) as bars:
            task = bars.add_task(what, total=None, note="")
            yield lambda done, total, note: bars.update(task, completed=done, total=total, note=note)


@contextmanager
def stages(names: Sequence[str]) -> Iterator[Reporter]:
    """A function of (stage, done, total, note): a bar for each stage on a terminal, a few lines anywhere else."""
    with quiet_libraries():
        if not sys.stderr.isatty():
            yield _count_plainly
            return
        width = max(map(len, names))
        columns = (
            TextColumn(f"{{task.description:<{width}}}"),
            BarColumn(24),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Bars(*columns, TextColumn("{task.fields[note]}", style="dim", markup=False), console=stderr()) as bars:
            tasks = {name: bars.add_task(name, total=None, start=False, note="") for name in names}

            def tell(stage: str, done: int, total: int, note: str) -> None:
                bars.start_task(tasks[stage])
                bars.update(tasks[stage], completed=done, total=total, note=note)

            yield tell


def _count_plainly(stage: str, done: int, total: int, note: str) -> None:
    if done * 5 // total > (done - 1) * 5 // total:
        say(f"{stage} {done} of {total}: {note}")


@contextmanager
def reporting(study: "Study") -> Iterator[Reporter]:
    """The reporter that suits stderr, while a study runs."""
    with quiet_libraries():
        if sys.stderr.isatty():
            with _LiveReporter(study) as live:
                yield live
        else:
            yield _report_plainly


def _report_plainly(stage: str, done: int, total: int, note: str) -> None:
    if stage == "campaign" or done == total:
        say(f"{stage} {done} of {total}: {note}")


class _LiveReporter:
    def __init__(self, study: "Study") -> None:
        columns = (TextColumn("{task.description:<12}"), BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())
        # Notes may hold the text of an error, which is no markup.
        note = TextColumn("{task.fields[note]}", style="dim", markup=False, table_column=Column(no_wrap=True))
        self.bars = Bars(*columns, note, console=stderr())
        self.note = ""
        s, done = study.settings, sum(len(rows) for rows in study.comparison().values())
        evaluated = sum(e.status != "asked" for e in study.evaluations)
        fitted = study.record.get("r2") is not None
        self.before = done * s.cycles  # cycles of the models that are trained already
        sizes = {
            "latent plane": (s.space_cycles if fitted else 0, s.space_cycles),
            "campaign": (evaluated, s.budget + 1),
            "comparison": (self.before, 4 * s.repeats * s.cycles),
        }
        self.tasks = {
            stage: self.bars.add_task(stage, start=False, completed=done, total=total, note="")
            for stage, (done, total) in sizes.items()
        }

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.bars.stop()

    def __call__(self, stage: str, done: int, total: int, note: str) -> None:
        for earlier in STAGES[: STAGES.index(stage)]:  # a search may end before its budget is spent
            self.bars.update(self.tasks[earlier], total=self.bars.tasks[self.tasks[earlier]].completed)
        if stage == "comparison":  # one bar for all models, each of which counts from one
            if self.note not in ("", note):
                self.before += total
            self.note = note
            done += self.before
        self.bars.start_task(self.tasks[stage])
        self.bars.update(self.tasks[stage], completed=done, note=note)


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Warnings of ours become one line each; those of libraries say nothing to somebody who typed a command."""

    def show(message: Warning | str, category: type[Warning], filename: str, lineno: int, *rest: Any) -> None:
        say(f"Note: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("default", category=UserWarning, module=r"latscape\.")
        warnings.showwarning = show
        yield
