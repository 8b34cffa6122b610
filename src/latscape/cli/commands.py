"""Commands on runs that exist, whatever their kind: go on, list, look, report; and the parts there are."""

from typing import Annotated, Any

import typer

from latscape.cli.output import number, say, stdout, write_json, write_rows
from latscape.cli.running import carry_out, opened
from latscape.cli.running import show as show_run
from latscape.cli.specs import Json

Run = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run below $LATSCAPE_RUNS or ./runs, or its folder.")]


def resume(run: Run, as_json: Json = False) -> None:
    """Go on with a run that was stopped; what is done already is not done again."""
    found = opened(run, readonly=False)
    try:
        found.check_resumable()
    except BaseException:
        found.record.close()
        raise
    carry_out(found, as_json)


def runs(as_json: Json = False) -> None:
    """List all runs, oldest first."""
    from latscape.runs.folder import runs_folder
    from latscape.runs.listing import lines

    listed = lines()
    if as_json:
        write_json({"folder": str(runs_folder()), "runs": listed})
    elif not listed:
        stdout().print(f"No runs below {runs_folder()}. `latscape zbo mnist` makes one.", markup=False)
    else:
        head = ("run", "kind", "state", "best value", "validation ELBO", "accuracy")
        write_rows(head, [_cells(one) for one in listed])
        for one in listed:
            if "error" in one:
                say(f"Note: {one['name']}: {one['error']}")


def _cells(one: dict[str, Any]) -> list[str]:
    numbers = number(one["best_value"]), number(one["elbo"]), number(one["accuracy"], ".3f")
    return [one["name"], one["kind"] or "–", one["state"], *numbers]


def show(run: Run, as_json: Json = False) -> None:
    """Say what a run found so far."""
    found = opened(run)
    show_run(found, as_json)
    found.record.close()


def report(run: Run, as_json: Json = False) -> None:
    """Draw the figures of a run anew and write its page."""
    from latscape.runs.page import write_report

    found = opened(run)
    page = write_report(found)
    if as_json:
        write_json(found.summary())
    else:
        stdout().print(f"report {page}", markup=False, soft_wrap=True)
    found.record.close()


def parts(
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="Kind of part; by default all.")] = None,
    as_json: Json = False,
) -> None:
    """List the parts that words stand for: decoders, likelihoods, scalarizers, ..., those of plugins among them.

    [dim]latscape parts scalarizer[/]
    """
    from latscape.errors import InputError, LatscapeError
    from latscape.parts import PART_KINDS
    from latscape.parts.grammar import part_description, part_syntax
    from latscape.parts.registry import registered_parts

    if kind is not None and kind not in PART_KINDS:
        raise InputError(f"a kind of part among {', '.join(PART_KINDS)}", repr(kind), "latscape parts decoder")
    found: list[dict[str, Any]] = []
    for of in PART_KINDS if kind is None else (kind,):
        for word, entry in registered_parts(of).items():
            one: dict[str, Any] = {"kind": of, "word": word, "source": entry.source}
            try:
                found.append(one | {"form": part_syntax(entry), "about": part_description(entry)})
            except LatscapeError as error:  # a broken plugin must not hide the others
                found.append(one | {"form": word, "about": str(error)})
    if as_json:
        write_json({"parts": found})
        return
    write_rows(("kind", "words", "what it is"), [[one["kind"], one["form"], one["about"]] for one in found])
