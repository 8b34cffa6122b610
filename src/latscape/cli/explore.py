"""`latscape explore` and `latscape rescalarize`: an experiment on a scene, on files, or on somebody's instrument."""

import os
import shlex
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latscape.cli import options as o
from latscape.cli.commands import Json, Run
from latscape.cli.output import say, stdout, write_json, write_rows
from latscape.errors import InputError

if TYPE_CHECKING:
    from latscape.studies.explore import Exploration

SAMPLE, SEARCH, INSTRUMENT = "Sample", "Search", "Instrument"
Words = Annotated[str | None, o.option(SEARCH, "What is interesting: integral:LOW,HIGH, peak:..., loop-area, com, ...")]


def explore(
    context: typer.Context,
    scene: Annotated[str | None, typer.Argument(metavar="[SCENE]", help="Of the registry; none lists them.")] = None,
    scalarizer: Words = None,
    budget: Annotated[str, o.option(SEARCH, "Measurements in all, or a share of the places such as 5%.")] = "150",
    starts: Annotated[int | None, o.option(SEARCH, "Random places to begin with; default 20, at most a third.")] = None,
    batch: Annotated[int, o.option(SEARCH, "Places asked for at once.")] = 1,
    policy: Annotated[
        str, o.option(SEARCH, "inverse (learn where to look), direct (objects first) or grid.")
    ] = "inverse",
    acquire: Annotated[str, o.option(SEARCH, "ei, log_ei, pi, ucb, ucb:10, std or thompson.")] = "log_ei",
    surrogate: Annotated[str, o.option(SEARCH, "exact (Gaussian process), deep (kernel) or stacked (both).")] = "exact",
    describe: Annotated[str, o.option(SEARCH, "What it sees: pixels, components or invariants.")] = "invariants",
    position: Annotated[
        bool,
        typer.Option("--position/--no-position", help="Let it see where a patch is.", rich_help_panel=SEARCH),
    ] = True,
    travel: Annotated[float, o.option(SEARCH, "Cost of crossing the field, in the unit of the acquisition.")] = 0.0,
    converged: Annotated[float | None, o.option(SEARCH, "End when the prediction changes by less in 5 steps.")] = None,
    window: Annotated[int | None, o.option(SAMPLE, "Side of the patches [pixel].")] = None,
    image: Annotated[str | None, o.option(SAMPLE, "A file of an image, in place of SCENE.")] = None,
    spectra: Annotated[
        str | None, o.option(SAMPLE, "A file of measurements over it, which plays the instrument.")
    ] = None,
    coordinates: Annotated[str | None, o.option(SAMPLE, "A file of their rows and columns in the image.")] = None,
    axis: Annotated[str | None, o.option(SAMPLE, "A file of its values along the first axis.")] = None,
    axis_label: Annotated[str, o.option(SAMPLE, "Its name and unit, such as 'bias [V]'.")] = "channel",
    step: Annotated[int, o.option(SAMPLE, "Without spectra: a place every so many pixels.")] = 1,
    serve: Annotated[int | None, o.option(INSTRUMENT, "Let others measure, over HTTP on this port (0: any).")] = None,
    host: Annotated[str, o.option(INSTRUMENT, "Address to serve on; default this machine alone.")] = "127.0.0.1",
    noise: Annotated[float, o.option(INSTRUMENT, "Noise added to recorded spectra, in their unit.")] = 0.0,
    delay: Annotated[float, o.option(INSTRUMENT, "Seconds a recorded measurement takes.")] = 0.0,
    timeout: Annotated[float | None, o.option(INSTRUMENT, "Seconds after which a measurement has failed.")] = None,
    seed: o.Seed = 0,
    out: o.Out = None,
    as_json: Json = False,
) -> None:
    """Measure where it is worth it: a cheap image everywhere, a costly measurement at a few places.

    [dim]latscape explore switching --budget 100[/]
    [dim]latscape explore --image image.npy --spectra loops.npy --scalarizer loop-area --budget 5%[/]
    [dim]latscape explore --image image.npy --scalarizer integral:1.6,1.9 --serve 8765[/]
    """
    if scene is None and image is None:
        _list(as_json)
        return
    from latscape.lab.server import checked_port
    from latscape.studies.explore import Exploration, Settings
    from latscape.studies.run import claim, new_run
    from latscape.studies.sample import sample

    if image is not None and spectra is None and serve is None:
        raise InputError("--spectra FILE that plays the instrument, or --serve PORT", "neither", "--serve 8765")
    remote = None if serve is None else {"host": host, "port": checked_port(serve)}
    files = {name: _absolute(context.params[name]) for name in ("image", "spectra", "coordinates", "axis")}
    scan = sample(scene, axis_label=axis_label, step=step, **files)
    many = _budget(budget, len(scan))
    given = {name: value for name, value in context.params.items() if name in Settings.__dataclass_fields__}
    given |= files | {"budget": many, "starts": starts or max(min(20, many // 3), 1)}
    settings = Settings(**given).checked()
    with claim((out or new_run(f"explore-{scene or Path(image or '').stem}")).absolute()) as folder:
        run = Exploration.create(settings, scan, folder, o.words())
    if remote is not None:
        run.record.put("serve", remote)
    carry_out_exploration(run, as_json)


def carry_out_exploration(run: "Exploration", as_json: bool) -> None:
    """Do what is still to do; when stopped, say how to go on and leave with 130. The record is closed at the end."""
    from latscape.report.explore import doubtful, write_explore_report

    with closing(run.record):
        _carry_out(run)
        for sentence in doubtful(run):
            say(f"Note: {sentence}")
        write_explore_report(run)
        show_exploration(run, as_json)


def _carry_out(run: "Exploration") -> None:
    from latscape.cli.explore_live import watching

    say(f"run {run.folder}")
    remote = run.record.get("serve")
    try:
        with watching(run) as observers:
            if remote is None:
                run.run(observers)
            else:
                _serve(run, remote["host"], remote["port"], observers)
    except KeyboardInterrupt:
        again = shlex.join(["latscape", "resume", str(run.folder)])
        say(f"Interrupted; all measurements so far are kept. Go on with: {again}")
        raise typer.Exit(130) from None


def _serve(run: "Exploration", host: str, port: int, observers: Any) -> None:
    """Hand out places over HTTP until the budget is spent or somebody says stop."""
    from latscape.lab.desk import Desk
    from latscape.lab.server import serve as opened
    from latscape.lab.words import scalarizer

    desk = Desk(run.campaign, scalarizer(run.words), observers=observers, **run.plan)
    with opened(desk, port, host, os.environ.get("LATSCAPE_TOKEN") or None) as server:
        say(f"serving {server.address} with token {server.token}")
        while not desk.finished.wait(timeout=0.5):
            pass
        desk.last_tells(timeout=run.settings.timeout or 60.0)
    run.record.put("stopped", desk.stopped)
    run.look()


def show_exploration(run: "Exploration", as_json: bool) -> None:
    """One JSON object, or what it found in words and where the report is."""
    from latscape.report.explore import explore_summary, headline

    found = explore_summary(run)
    if as_json:
        write_json(found)
        return
    stdout().print(run.folder.name, markup=False, style="bold")
    for sentence in headline(run):
        stdout().print(sentence, markup=False)
    if found["report"]:
        stdout().print(f"report {found['report']}", markup=False, soft_wrap=True)


def rescalarize(
    run: Run,
    scalarizer: Annotated[
        str, typer.Option(help="What is interesting now: integral:LOW,HIGH, peak:..., loop-area, ...")
    ],
    out: o.Out = None,
    as_json: Json = False,
) -> None:
    """Score the kept measurements of an experiment by another scalarizer, in a new run that can go on from there.

    [dim]latscape rescalarize explore-switching-20260131-093000 --scalarizer loop-height[/]
    """
    from latscape.lab.words import scalarizer as named
    from latscape.report.explore import write_explore_report
    from latscape.studies.explore import Exploration
    from latscape.studies.run import claim, find_run, kind_of, new_run

    named(scalarizer)
    folder = find_run(run)
    if kind_of(folder) != "explore":
        raise InputError("a run of `latscape explore`", f"{folder.name}, which is of another kind", "`latscape runs`")
    with claim((out or new_run(f"{folder.name}-{scalarizer.partition(':')[0]}")).absolute()) as place:
        other = Exploration.open(folder).rescalarized(scalarizer, place, o.words())
    with closing(other.record):
        write_explore_report(other)
        show_exploration(other, as_json)


def _list(as_json: bool) -> None:
    from latscape.data.registry import data_folder
    from latscape.lab.scenes import SCENES

    if as_json:
        write_json(
            {"scenes": {name: {"about": one.about, "scalarizers": one.scalarizers} for name, one in SCENES.items()}}
        )
        return
    write_rows(
        ("scene", "what it is", "scalarizers"), [[n, s.about, "  ".join(s.scalarizers)] for n, s in SCENES.items()]
    )
    if data_folder() is None:
        say("Scenes of real data need LATSCAPE_DATA=<their folder>; switching and charged are calculated.")


def _budget(text: str, places: int) -> int:
    """A number of measurements, or a share of the places."""
    try:
        many = round(float(text[:-1]) / 100 * places) if text.endswith("%") else int(text)
    except ValueError as error:
        raise InputError("a number of measurements or a share of the places", repr(text), "--budget 5%") from error
    if many < 1:
        raise InputError("a budget of at least one measurement", text, "--budget 150")
    return many


def _absolute(path: str | None) -> str | None:
    """A run is resumed from anywhere."""
    if path is None:
        return None
    file, colon, inside = path.partition(":")
    return str(Path(file).expanduser().absolute()) + colon + inside
