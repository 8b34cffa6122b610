"""The page: sections of text, panels and tables, rendered to one file that needs nothing beside it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from latscape.errors import InputError
from latscape.report.panels import Panel
from latscape.studies.run import write_whole


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


@dataclass(frozen=True)
class Page:
    """All that a page says.

    Attributes
    ----------
    about
        What it is, in a few words each.
    headline
        Sentences, the most important first.
    facts
        (number, what it is).
    sections
    command
        That made the run; empty if it was no command.
    again
        What the last command is for, and the command.
    settings
        By name.
    versions
        Of packages, by name.
    """

    about: Sequence[str]
    headline: Sequence[str]
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    command: str
    again: tuple[str, str]
    settings: Mapping[str, str]
    versions: Mapping[str, str | None]


def write_page(folder: Path, page: Page) -> Path:
    """Draw the pictures of a page into `figures/` and write `report.html`; what is there already is replaced.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    pictures = {panel.name: panel.png() for section in page.sections for panel in section.panels}
    try:
        for name, png in pictures.items():
            write_whole(folder / "figures" / f"{name}.png", png)
        write_whole(folder / "report.html", _render(folder.name or "run", page, pictures).encode())
    except OSError as error:
        raise InputError("a folder that can be written", f"{folder} ({error.strerror})", "another") from error
    return folder / "report.html"


def _render(name: str, page: Page, pictures: Mapping[str, bytes]) -> str:
    loader = PackageLoader("latscape.report", ".")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    encoded = {name: base64.b64encode(png).decode() for name, png in pictures.items()}
    return environment.get_template("page.html.j2").render(name=name, page=page, pictures=encoded)
