"""Commands on runs that exist: go on, list, look, report."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from latscape.cli.kinds import kind
from latscape.cli.output import number, stdout, write_json, write_rows

if TYPE_CHECKING:
    from pathlib import Path

Run = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run below $LATSCAPE_RUNS or ./runs, or its folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of stdout.")]


def resume(run: Run, as_json: Json = False) -> None:
    """Go on with a run that was stopped; what is done already is not done again."""
    folder = _find(run)
    kind(folder).resume(folder, as_json)


def runs(as_json: Json = False) -> None:
    """List all runs, oldest first."""
    from latscape.studies.run import list_runs, runs_folder

    listed = [_line(folder) for folder in list_runs()]
    if as_json:
        write_json({"folder": str(runs_folder()), "runs": listed})
    elif not listed:
        stdout().print(f"No runs below {runs_folder()}. `latscape zbo mnist` makes one.", markup=False)
    else:
        rows = [
            [
                one["name"],
                one["state"],
                number(one["best_value"]),
                number(one.get("elbo")),
                number(one["accuracy"], ".3f"),
            ]
            for one in listed
        ]
        write_rows(("run", "state", "best objective", "held-out ELBO", "accuracy"), rows)


def show(run: Run, as_json: Json = False) -> None:
    """Say what a run found so far."""
    folder = _find(run)
    kind(folder).show(folder, as_json)


def report(run: Run, as_json: Json = False) -> None:
    """Draw the figures of a run anew and write its report."""
    folder = _find(run)
    kind(folder).report(folder, as_json)


def _find(run: str) -> "Path":
    from latscape.studies.run import find_run

    return find_run(run)


def _line(folder: "Path") -> dict[str, Any]:
    from latscape.errors import LatscapeError

    line: dict[str, Any] = {"name": folder.name, "run": str(folder)}
    try:
        return line | kind(folder).line(folder)
    except LatscapeError as error:  # one damaged record must not hide the others
        return line | {"state": "unreadable", "error": str(error), "best_value": None, "accuracy": None}
