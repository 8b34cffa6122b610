"""What a kind of run says and shows: sentences, tables and pictures, from its folder alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from latscape.runs.panels import Panel


@dataclass(frozen=True)
class Table:
    """Texts in rows; `best` holds the (row, column) that stand out."""

    head: list[str]
    rows: list[list[str]]
    best: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True)
class Section:
    """A heading, paragraphs, pictures and at most one table.

    Attributes
    ----------
    title
    text
        Paragraphs.
    panels
    table
    warnings
        Paragraphs that stand out.
    """

    title: str
    text: list[str] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    table: Table | None = None
    warnings: list[str] = field(default_factory=list)


def _numbers(run: Any) -> Mapping[str, Any]:
    return {name: value for stage in run.kind.stages.order for name, value in run.numbers(stage).items()}


def _tables(run: Any) -> list[tuple[str, Table]]:
    return [(one.title, one.table) for one in run.kind.story.sections(run) if one.table is not None]


@dataclass(frozen=True)
class Story:
    """What a kind of run says and shows: functions of a run, finished or not, that read its folder alone.

    Attributes
    ----------
    headline : callable
        Sentences, the most important first.
    sections : callable
        Of the page.
    facts : callable
        (number, what it is), for the top of the page.
    numbers : callable
        By name, for JSON; by default those of all stages.
    line : callable
        Of these best_value, elbo, accuracy, for the list of runs.
    tables : callable
        (title, table) for the command line; by default those of the sections.
    notes : callable
        What should make one doubt it, for the command line.
    about : callable
        A few words on what it is about.
    display : callable, optional
        `(run, update) -> observer` of a campaign's events, which shows on a terminal what it passes to `update`.
    """

    headline: Callable[[Any], list[str]]
    sections: Callable[[Any], list[Section]]
    facts: Callable[[Any], Sequence[tuple[str, str]]] = lambda run: []
    numbers: Callable[[Any], Mapping[str, Any]] = _numbers
    line: Callable[[Any], Mapping[str, Any]] = lambda run: {}
    tables: Callable[[Any], list[tuple[str, Table]]] = _tables
    notes: Callable[[Any], list[str]] = lambda run: []
    about: Callable[[Any], str] = lambda run: ""
    display: Callable[[Any, Callable[[Any], None]], Callable[[Any], object]] | None = None
