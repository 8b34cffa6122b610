"""A command for every kind of run, made of the options that its specification declares."""

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latscape.cli.output import say, write_json, write_rows
from latscape.cli.running import carry_out, run_name, typed_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from latscape.options import Declared, Listing
    from latscape.runs.kind import RunKind

Out = Annotated[
    Path | None, typer.Option(help="Folder of the run; by default a new one below $LATSCAPE_RUNS or ./runs.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of stdout.")]
Schema = Annotated[bool, typer.Option("--schema", help="Print the JSON schema of the options, and leave.")]


def command_of(kind: "RunKind", whole: bool = True) -> "Callable[..., None]":
    """The function that typer makes a command of; without its options where another command was asked for."""

    def command(**given: Any) -> None:
        begin_run(kind, given)

    command.__doc__ = _doc(kind)
    command.__name__ = kind.word.replace("-", "_")
    parameters = _parameters(kind) if whole else []
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    return command


def begin_run(kind: "RunKind", given: dict[str, Any]) -> None:
    """Make a run of what was typed, and carry it out."""
    from latscape.runs.run import Run

    spec, out, as_json = kind.spec, given.pop("out"), given.pop("as_json")
    if given.pop("schema"):
        write_json(spec.schema_of())
        return
    preset = given.pop("preset", "quick")
    changes = {name: value for name, value in given.items() if value is not None and value != []}
    chosen = spec.choose(preset, changes)
    if (listing := chosen.listing()) is not None:
        _show_listing(listing, as_json)
        return
    name = run_name(kind.word, chosen.subject)
    carry_out(Run.create(kind, chosen, out, name=name, command=typed_command()), as_json)


def _show_listing(listing: "Listing", as_json: bool) -> None:
    if as_json:
        write_json(listing.found)
        return
    write_rows(listing.head, listing.rows)
    if listing.note:
        say(listing.note)


def _doc(kind: "RunKind") -> str:
    lines = [f"{kind.about[:1].upper()}{kind.about[1:]}.", *(f"[dim]{one}[/]" for one in kind.examples)]
    return "\n\n".join(lines)


def _parameters(kind: "RunKind") -> list[inspect.Parameter]:
    spec = kind.spec
    declared = spec.declared()
    found = [_parameter(one) for one in sorted(declared, key=lambda one: not one.argument)]
    if spec.presets:
        words = " or ".join(spec.presets)
        preset = Annotated[str, typer.Option(help=f"Preset of sizes: {words}.", metavar="WORD")]
        found.append(_keyword("preset", preset, "quick"))
    common = (("out", Out, None), ("as_json", Json, False), ("schema", Schema, False))
    return [*found, *(_keyword(*one) for one in common)]


def _parameter(one: "Declared") -> inspect.Parameter:
    """Texts as they are typed: their specification says what they mean, and what is wrong with them."""
    text = one.help + (f" [{one.unit}]" if one.unit else "")
    if one.argument:
        argument = typer.Argument(metavar=one.argument, help=_plain(text))
        return _keyword(one.name, Annotated[str | None, argument], None)
    names = [f"{one.typed}/--no-{one.typed[2:]}"] if one.flag else [one.typed]
    if one.unset or one.default not in (None, "none"):
        text = f"{text} [default: {one.unset or one.default}]"
    look: dict[str, Any] = {"rich_help_panel": one.group or "Options", "show_default": False}
    option = typer.Option(*names, help=_plain(text), metavar=None if one.flag else _metavar(one), **look)
    kind: Any = bool | None if one.flag else list[str] | None if one.many else str | None
    return _keyword(one.name, Annotated[kind, option], None)


def _metavar(one: "Declared") -> str:
    if one.many or "text" in one.kind or " or " in one.kind.replace(" or none", ""):
        return "TEXT"
    return "N" if "whole" in one.kind else "NUMBER" if "number" in one.kind else "TEXT"


def _plain(text: str) -> str:
    """Brackets hold units here, not rich's markup."""
    return text.replace("[", r"\[")


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=annotation)
