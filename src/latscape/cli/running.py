"""Carry a run out to its end, or say how to go on: what every command that runs something shares."""

import shlex
from contextlib import closing
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from latscape.cli.output import say, stdout, write_json, write_rows
from latscape.errors import LatscapeError

if TYPE_CHECKING:
    from latscape.runs.run import Run

#: Words after `latscape` of the command that is carried out.
typed_words: ContextVar[list[str]] = ContextVar("typed_words")


def carry_out(run: "Run[Any]", as_json: bool) -> None:
    """Do what is still to do, write the page, and say what came out; when stopped, say how to go on and leave with 130.

    The record is closed at the end. Of a run that failed before it found anything, nothing is left.
    """
    from latscape.cli.live import watching
    from latscape.runs.page import write_report

    say(f"run {run.folder}")
    with closing(run.record):
        try:
            with watching(run) as observer:
                run.run(observer)
            for sentence in run.kind.story.notes(run):
                say(f"Note: {sentence}")
            write_report(run)
        except KeyboardInterrupt:
            say(f"Interrupted; all that is done is kept. Go on with: {run.resume_command}")
            raise typer.Exit(130) from None
        except LatscapeError:
            run.discard()
            raise
        show(run, as_json)


def show(run: "Run[Any]", as_json: bool) -> None:
    """One JSON object, or what was found in words and tables, and where the page is."""
    found = run.summary()
    if as_json:
        write_json(found)
        return
    story = run.kind.story
    stdout().print(f"{run.folder.name}, {run.state}", markup=False, style="bold")
    for sentence in story.headline(run):
        stdout().print(sentence, markup=False)
    for title, table in story.tables(run):
        stdout().print(f"\n{title}" if title else "", markup=False, style="bold")
        write_rows(table.head, table.rows)
    if found["report"]:
        stdout().print(f"\nreport {found['report']}", markup=False, soft_wrap=True)


def opened(word: str, *, readonly: bool = True) -> "Run[Any]":
    """The run of an id or a path; what has changed since it was begun is said in one line."""
    from latscape.runs.folder import find_run
    from latscape.runs.run import Run

    run: Run[Any] = Run.open(find_run(word), readonly=readonly)
    if run.changed:
        say(f"Note: {run.changed}")
    return run


def typed_command() -> str:
    """The command as it was typed."""
    return shlex.join(["latscape", *typed_words.get()])


def run_name(kind: str, argument: Any) -> str:
    """What the folder of a new run is called, before the time.

    Examples
    --------
    >>> run_name("fit", "/data/patches.h5:images"), run_name("graphene", None)
    ('fit-patches', 'graphene')
    """
    return f"{kind}-{Path(str(argument).split(':')[0]).stem}" if argument else kind
