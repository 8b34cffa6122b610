"""`latscape study`: one of the catalogue's studies, start to report."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latscape.cli import options as o
from latscape.cli.commands import Json
from latscape.cli.live import stages
from latscape.cli.output import say, stdout, write_json, write_rows
from latscape.errors import InputError, LatscapeError

if TYPE_CHECKING:
    from latscape.studies.study import NamedStudy


def study(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Of the study; none lists them all.")] = None,
    preset: Annotated[str, typer.Option(help="quick (minutes) or paper (as in the seed papers).")] = "quick",
    seed: o.Seed = 0,
    out: o.Out = None,
    as_json: Json = False,
    input: Annotated[str | None, typer.Option(help="A file of your own instead of the study's data.")] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting; may be repeated.")
    ] = None,
    settings: Annotated[bool, typer.Option("--settings", help="List the settings of a study, and leave.")] = False,
) -> None:
    """Carry out a study: its data, models and figures, with a report.

    [dim]latscape study[/]
    """
    if name is None:
        _list(as_json)
        return
    from latscape.studies.catalogue import definition_of
    from latscape.studies.run import RESULT, claim, new_run
    from latscape.studies.study import NamedStudy, parse

    definition = definition_of(name)
    words = _pairs(changes or [])
    if settings:
        _list_settings(definition.choose(preset, parse(definition.settings, words)), as_json)
        return
    given: dict[str, Any] = parse(definition.settings, words) | {"seed": seed}
    if input is not None:
        if "input" not in definition.settings.__dataclass_fields__:
            raise InputError("a study that takes files", f"{name}, which makes its own data", "it without --input")
        given["input"] = _absolute(input)
    chosen = definition.choose(preset, given)
    with claim((out or new_run(name)).absolute()) as folder:
        begun = NamedStudy.create(name, definition, chosen, folder, preset=preset, command=o.words())
        try:
            carry_out_study(begun, as_json)
        except LatscapeError:  # of a file that does not fit, say: nothing is left of a study that found nothing
            if not begun.result["stages"]:
                (folder / RESULT).unlink()
            raise


def carry_out_study(study: "NamedStudy", as_json: bool) -> None:
    """Do what is still to do; when stopped, say how to go on and leave with 130."""
    from latscape.report.study import write_study_report

    say(f"run {study.folder}")
    try:
        with stages(list(study.definition.stages)) as tell:
            study.run(tell)
        write_study_report(study)
    except KeyboardInterrupt:
        again = shlex.join(["latscape", "resume", str(study.folder)])
        say(f"Interrupted; the stages that are done are kept. Go on with: {again}")
        raise typer.Exit(130) from None
    show_named_study(study, as_json)


def show_named_study(study: "NamedStudy", as_json: bool) -> None:
    """One JSON object, or the headline, the tables and where the report is."""
    from latscape.report.study import content_of, study_state, study_summary

    found = study_summary(study)
    if as_json:
        write_json(found)
        return
    content = content_of(study)
    stdout().print(f"{study.folder.name}, {study_state(study)}", markup=False, style="bold")
    for sentence in content.headline:
        stdout().print(sentence, markup=False)
    for section in content.sections:
        if section.table is not None:
            stdout().print(f"\n{section.title}", markup=False, style="bold")
            write_rows(section.table.head, section.table.rows)
    if found["report"]:
        stdout().print(f"report {found['report']}", markup=False, soft_wrap=True)


def _list(as_json: bool) -> None:
    from latscape.studies.catalogue import CATALOGUE

    if as_json:
        write_json({"studies": {name: entry.about for name, entry in CATALOGUE.items()}})
        return
    for name, entry in CATALOGUE.items():
        stdout().print(f"{name:24s} {entry.about}", markup=False, soft_wrap=True)


def _list_settings(chosen: Any, as_json: bool) -> None:
    from dataclasses import fields

    values = {one.name: getattr(chosen, one.name) for one in fields(chosen)}
    if as_json:
        write_json({"settings": values})
        return
    for one in fields(chosen):
        value = str(values[one.name])
        stdout().print(f"{one.name} = {value:12s} {one.metadata.get('about', '')}", markup=False, soft_wrap=True)


def _pairs(changes: list[str]) -> dict[str, str]:
    wrong = [text for text in changes if "=" not in text]
    if wrong:
        raise InputError("--set NAME=VALUE", repr(wrong[0]), "--set seed=1")
    return dict(text.split("=", 1) for text in changes)


def _absolute(file: str) -> str:
    """A run is resumed from anywhere; `file.h5:/path/inside` keeps its inner path."""
    path, colon, inside = file.partition(":/")
    return f"{Path(path).expanduser().absolute()}{colon}{inside}"
