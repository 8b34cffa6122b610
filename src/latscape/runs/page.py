"""The page of a run, rendered to one file that needs nothing beside it."""

import base64
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from latscape import parts
from latscape.errors import InputError
from latscape.options import typed_value
from latscape.runs.files import write_whole
from latscape.runs.run import REPORT, Run
from latscape.runs.story import Section
from latscape.runs.words import duration


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


def page_of(run: Run[Any]) -> Page:
    """The page of a run, as far as it has come."""
    story, spec = run.kind.story, run.spec
    begun = f"begun {datetime.fromisoformat(run.record.meta('created')):%Y-%m-%d %H:%M} UTC"
    seed = f"seed {spec.seed}" if "seed" in type(spec).model_fields else ""  # type: ignore[attr-defined]
    about = [f"latscape {run.kind.word}", story.about(run), run.state, seed, begun]
    settings = {name: typed_value(value) for name, value in spec if value not in (None, ())}
    changed = [Section("Settings", warnings=[run.changed])] if run.changed else []
    return Page(
        about=[words for words in about if words],
        headline=story.headline(run),
        facts=[*story.facts(run), *([(duration(run.seconds), "wall time")] if run.seconds else [])],
        sections=[*changed, *story.sections(run), *_extra_panels(run)],
        command=run.command,
        again=_again(run),
        settings=settings,
        versions=run.record.meta("versions"),
    )


def write_report(run: Run[Any]) -> Path:
    """Draw the figures of a run and write its page, as far as it has come; what is there already is replaced.

    Everything is read from the folder: the user's files may be gone.

    Returns
    -------
    Path
        `report.html`, one file without any reference to others; the pictures lie also in `figures/`.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    return write_page(run.folder, page_of(run))


def _again(run: Run[Any]) -> tuple[str, str]:
    if run.kind.stages.resumable(run):
        return "To draw this page again:", shlex.join(["latscape", "report", str(run.folder)])
    return "To go on, or to draw this page again:", run.resume_command


def _extra_panels(run: Run[Any]) -> list[Section]:
    """What registered panels show of it; one that has nothing to show of a run returns None."""
    found = [parts.find_part("panel", word).load()(run) for word in parts.part_words("panel")]
    panels = [panel for panel in found if panel is not None]
    return [Section("More", panels=panels)] if panels else []


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
        write_whole(folder / REPORT, _render(folder.name or "run", page, pictures).encode())
    except OSError as error:
        raise InputError("a folder that can be written", f"{folder} ({error.strerror})", "another") from error
    return folder / REPORT


def _render(name: str, page: Page, pictures: Mapping[str, bytes]) -> str:
    loader = PackageLoader("latscape.runs", ".")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    encoded = {name: base64.b64encode(png).decode() for name, png in pictures.items()}
    return environment.get_template("page.html.j2").render(name=name, page=page, pictures=encoded)
