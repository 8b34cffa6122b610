"""Commands on runs that exist: go on, list, look, report."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from latscape.cli.output import number, stdout, write_json, write_rows
from latscape.cli.work import carry_out, show_campaign, show_study

if TYPE_CHECKING:
    from pathlib import Path

    from latscape.studies.zbo import Study

Run = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run below $LATSCAPE_RUNS or ./runs, or its folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of stdout.")]


def resume(run: Run, as_json: Json = False) -> None:
    """Go on with a run that was stopped; what is done already is not done again."""
    carry_out(_open(run, readonly=False), as_json)


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
            [one["name"], one["state"], number(one["best_value"]), number(one["accuracy"], ".3f")] for one in listed
        ]
        write_rows(("run", "state", "best objective", "accuracy with zBO"), rows)


def show(run: Run, as_json: Json = False) -> None:
    """Say what a run found so far."""
    from latscape.report.findings import campaign_summary
    from latscape.studies.run import find_run, is_study

    folder = find_run(run)
    if is_study(folder):
        show_study(_open(folder), as_json)
    else:
        show_campaign(folder.name, campaign_summary(folder), as_json)


def report(run: Run, as_json: Json = False) -> None:
    """Draw the figures of a run anew and write its report."""
    from latscape.report import summary, write_report

    study = _open(run)
    page = write_report(study)
    if as_json:
        write_json(summary(study))
    else:
        stdout().print(f"report {page}", markup=False, soft_wrap=True)


def _open(run: "str | Path", readonly: bool = True) -> "Study":
    from latscape.studies.run import find_run
    from latscape.studies.zbo import Study

    return Study.open(find_run(run), readonly=readonly)


def _line(folder: "Path") -> dict[str, Any]:
    from latscape.errors import LatscapeError
    from latscape.report.findings import campaign_summary, summary
    from latscape.report.words import state
    from latscape.studies.run import is_study

    line: dict[str, Any] = {"name": folder.name, "run": str(folder)}
    try:
        if not is_study(folder):
            return line | campaign_summary(folder)
        study = _open(folder)
    except LatscapeError as error:  # one damaged record must not hide the others
        return line | {"state": "unreadable", "error": str(error), "best_value": None, "accuracy": None}
    found = summary(study)
    kept = {name: found[name] for name in ("finished", "seconds", "evaluations", "failed", "best_value", "report")}
    return line | {"state": state(study), "accuracy": found["models"].get("zbo", {}).get("accuracy")} | kept
