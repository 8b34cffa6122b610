"""`latscape rescalarize`: the measurements of an experiment, scored by another scalarizer."""

from typing import Annotated

import typer

from latscape.cli.running import opened, show, typed_command
from latscape.cli.specs import Json, Out

Words = Annotated[str, typer.Option(help="Scalarizer from now on, such as integral:1.6,1.9 or loop-area.")]


def rescalarize(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Id or folder of a run of `latscape explore`.")],
    scalarizer: Words,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Score the kept measurements of an experiment by another scalarizer, in a new run that can go on from there.

    [dim]latscape rescalarize explore-switching-20260131-093000 --scalarizer loop-height[/]
    """
    from latscape.runs.page import write_report
    from latscape.studies.explore.rescored import rescored

    other = rescored(opened(run), scalarizer, out, typed_command())
    write_report(other)
    show(other, as_json)
    other.record.close()
