"""`latscape classes`: which number of classes suits a file of samples."""

from typing import TYPE_CHECKING, Annotated

import typer

from latscape.cli import options as o
from latscape.cli.commands import Json
from latscape.cli.live import counting
from latscape.cli.output import say, stdout, write_json, write_rows

if TYPE_CHECKING:
    from latscape.studies.classes import Classes


def classes(
    context: typer.Context,
    file: o.File,
    up_to: Annotated[int, typer.Option(help="Largest number of classes; the smallest is 2.")] = 8,
    members: Annotated[int, typer.Option(help="Models of each ensemble, which differ in their seed.")] = 3,
    model: Annotated[str, typer.Option(help="jrvae or jvae.")] = "jrvae",
    seed: o.Seed = 0,
    out: o.Out = None,
    as_json: Json = False,
    labels: o.LabelFile = None,
    normalize: o.Normalize = False,
    axes: o.Axes = None,
    finite: o.Finite = False,
    images: o.Images = None,
    held_out: o.HeldOut = 0.1,
    latent: o.Latent = None,
    likelihood: o.Likelihood = None,
    sigma: o.Sigma = None,
    encoder: o.Encoder = None,
    decoder: o.Decoder = None,
    angle: o.Angle = None,
    starts: o.Starts = None,
    shift: o.Shift = None,
    scale: o.Scale = None,
    shear: o.Shear = None,
    beta_c: o.BetaC = None,
    beta_d: o.BetaD = None,
    beta_pose: o.BetaPose = None,
    cycles: o.Cycles = None,
    batch: o.Batch = None,
    learning_rate: o.LearningRate = None,
    device: o.Device = "cpu",
) -> None:
    """Fit ensembles with 2, 3, ... classes, and say what speaks for which number.

    [dim]latscape classes patches.npy --up-to 8[/]
    """
    data, options = o.chosen(file, {**context.params, "classes": max(up_to, 2)})

    from latscape.studies.classes import Classes, check
    from latscape.studies.fitting import prepare
    from latscape.studies.run import claim

    check(options, up_to, members)
    samples = prepare(data, options).samples  # bad data shows before a folder is made
    folder = o.folder_of("classes", file, out)
    with claim(folder):
        sizes = {"up_to": up_to, "members": members}
        study = Classes.create(data, options, folder, samples, **sizes, command=o.words())
    go_on(study, as_json)


def go_on(study: "Classes", as_json: bool) -> None:
    """Do what is still to do; when stopped, say how to go on and leave with 130."""
    import shlex

    from latscape.report.choices import write_classes_report

    say(f"run {study.folder}")
    try:
        with counting("members") as count:
            study.run(count)
        write_classes_report(study)
    except KeyboardInterrupt:
        again = shlex.join(["latscape", "resume", str(study.folder)])
        say(f"Interrupted; what is known so far is kept. Go on with: {again}")
        raise typer.Exit(130) from None
    show_classes(study, as_json)


def show_classes(study: "Classes", as_json: bool) -> None:
    """One JSON object, or the table, what it says and where the report is."""
    from latscape.report.choices import classes_headline, classes_state, classes_summary, classes_table

    found = classes_summary(study)
    if as_json:
        write_json(found)
        return
    stdout().print(f"{study.folder.name}, {classes_state(study)}", markup=False, style="bold")
    if study.rows:
        table = classes_table(study)
        stdout().print()
        write_rows(table.head, table.rows)
        stdout().print()
    for sentence in classes_headline(study):
        stdout().print(sentence, markup=False)
    if found["report"]:
        stdout().print(f"report {found['report']}", markup=False, soft_wrap=True)
