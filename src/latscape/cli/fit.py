"""`latscape fit`: one model, one file of samples, one folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from latscape.cli import options as o
from latscape.cli.commands import Json
from latscape.cli.live import counting
from latscape.cli.output import number, say, stdout, write_json, write_rows

if TYPE_CHECKING:
    from latscape.studies.fitting import Fit

MODELS = "ae, vae, rvae, shift_vae, jvae, jrvae; with labels ssvae, ssrvae, cvae; with a target ved."


def fit(
    context: typer.Context,
    file: o.File,
    model: Annotated[str, typer.Option(help=MODELS)] = "jrvae",
    classes: Annotated[int | None, o.option(o.MODEL, "Classes to look for; of labels, default as many.")] = None,
    seed: o.Seed = 0,
    out: o.Out = None,
    as_json: Json = False,
    labels: o.LabelFile = None,
    target: Annotated[str | None, o.option(o.SAMPLES, "What ved is to predict: a file like FILE.")] = None,
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
    checkpoint: Annotated[
        Path | None, o.option(o.TRAINING, "A file that is written as training goes, and gone on from if it is there.")
    ] = None,
    device: o.Device = "cpu",
) -> None:
    """Fit a model to images or curves, and show what it found: classes, pose and content of every sample.

    [dim]latscape fit patches.npy --model jrvae --classes 4[/]
    [dim]latscape fit loops.npy --model shift_vae --normalize[/]
    """
    data, options = o.chosen(file, context.params)

    from latscape.report.fits import write_fit_report
    from latscape.studies import fitting
    from latscape.studies.run import claim

    prepared = fitting.prepare(data, options)  # bad data shows before a folder is made
    folder = o.folder_of("fit", file, out)
    with claim(folder):
        say(f"run {folder}")
        with counting("training") as count:
            made = fitting.fit(data, prepared, folder, command=o.words(), on_cycle=count, checkpoint=checkpoint)
    write_fit_report(made)
    show_fit(made, as_json)


def show_fit(fit: "Fit", as_json: bool) -> None:
    """One JSON object, or what it found in words and where the report is."""
    from latscape.report.fits import class_table, fit_headline, fit_summary

    found = fit_summary(fit)
    if as_json:
        write_json(found)
        return
    stdout().print(fit.folder.name, markup=False, style="bold")
    for sentence in fit_headline(fit):
        stdout().print(sentence, markup=False)
    table = class_table(fit)
    if table:
        stdout().print()
        write_rows(table.head, table.rows)
        stdout().print()
    stdout().print(
        f"trained in {number(found['seconds'], '.3g')} s; model {fit.model_file}", markup=False, soft_wrap=True
    )
    if found["report"]:
        stdout().print(f"report {found['report']}", markup=False, soft_wrap=True)
