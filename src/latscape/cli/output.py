"""Where words go: results to stdout, everything else to stderr, and nothing at all into a pipe that was closed."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

#: Exit code of a command whose reader went away: 128 + SIGPIPE, as shells know it.
OUT_OF_PIPE = 141
NONE = "–"
#: Letters of a cell that is words rather than a number.
SENTENCE = 24
#: Letters of a line of words at least, and of a line in a file at most.
SHORTEST, WIDEST = 12, 1000


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        silence()
        raise typer.Exit(OUT_OF_PIPE)


def stdout() -> Console:
    """For results."""
    return _Console(file=sys.stdout, highlight=False)


def stderr() -> Console:
    """For progress, notes and errors."""
    return _Console(file=sys.stderr, highlight=False)


def silence() -> None:
    """Send what is still buffered to nowhere, so that the interpreter can leave without complaint."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


def write(text: str) -> None:
    """One line to stdout, as it is."""
    stdout().out(text)


def say(text: str) -> None:
    """One line to stderr, however long, without control characters, which an error or a file name may hold."""
    stderr().out("".join(letter for letter in " ".join(text.split()) if letter.isprintable()))


def write_json(found: Mapping[str, Any]) -> None:
    """One object on one line of stdout."""
    write(json.dumps(found, allow_nan=False))


def write_rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A compact table: the first column to the left, numbers to the right; into a file as wide as it is.

    On a terminal that is too narrow, words are broken, but numbers are kept whole.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, heading in enumerate(head):
        cells = [row[index] for row in rows]
        words = index == 0 or any(len(cell) > SENTENCE for cell in cells)
        justify = "left" if words or any(cell[:1].isalpha() for cell in cells) else "right"
        whole = max(map(len, (heading, *cells)))
        least = min(whole, SHORTEST) if words else whole
        table.add_column(Text(heading), justify=justify, min_width=least, no_wrap=not words, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))  # names of folders are no markup
    console = stdout()
    needed = console.measure(table, options=console.options.update(width=WIDEST))
    console.width = max(console.width, needed.minimum if console.is_terminal else needed.maximum)
    console.print(table)


def number(value: float | None, form: str = ".4g") -> str:
    """A number, or a dash where there is none.

    Examples
    --------
    >>> number(0.1234567), number(None)
    ('0.1235', '–')
    """
    return NONE if value is None else f"{value:{form}}"
