"""Progress on stderr: bars on a terminal, plain lines anywhere else, alike for every kind of run."""

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Column

from latscape.cli.output import say, stderr

if TYPE_CHECKING:
    from latscape.runs.run import Run

Observer = Callable[[str, int, int, str], None]
FEW = 25  # steps of a stage that are worth a line each
LINES = 10  # of a stage, where there is no terminal


@contextmanager
def watching(run: "Run[Any]") -> Iterator[Observer]:
    """A function of (stage, done, total, note) that suits stderr, while a run goes on."""
    with quiet_libraries():
        display = run.kind.story.display
        if not sys.stderr.isatty():
            yield plainly()
        elif display is not None:
            with Live(console=stderr(), refresh_per_second=4, transient=True) as live:
                run.observers = (display(run, live.update),)
                yield messages
        else:
            with progress_bars([name for name in run.kind.stages.order if not run.done(name)]) as observer:
                yield observer


def messages(stage: str, done: int, total: int, note: str) -> None:
    """Messages alone, for what is shown otherwise."""
    if total == 0:
        say(note)


def plainly() -> Observer:
    """Lines: every one of a stage of few steps, about ten of one of many; failures and messages always."""
    told: dict[str, int] = {}

    def observe(stage: str, done: int, total: int, note: str) -> None:
        messages(stage, done, total, note)
        if total == 0:
            return
        part = done if total <= FEW else done * LINES // total
        if part > told.get(stage, 0):
            told[stage] = part
            say(f"{stage} {done} of {total}: {note}" if note else f"{stage} {done} of {total}")

    return observe


@contextmanager
def progress_bars(stages: Sequence[str]) -> Iterator[Observer]:
    """A bar for each stage on a terminal."""
    width = max(map(len, stages), default=1)
    columns = (TextColumn(f"{{task.description:<{width}}}"), BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())
    # Notes may hold the text of an error, which is no markup.
    note = TextColumn("{task.fields[note]}", style="dim", markup=False, table_column=Column(no_wrap=True))
    with Bars(*columns, note, console=stderr()) as shown:
        tasks = {name: shown.add_task(name, total=None, start=False, note="") for name in stages}

        def observe(stage: str, done: int, total: int, note: str) -> None:
            if total == 0:
                shown.console.out(note)
                return
            shown.start_task(tasks[stage])
            shown.update(tasks[stage], completed=done, total=total, note=note)

        yield observe


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
