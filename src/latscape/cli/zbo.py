"""`latscape zbo`: every option but a few is a setting of the study by the same name.

What is not given is the preset's.
"""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from latscape.cli.commands import Json
from latscape.cli.options import option
from latscape.cli.work import carry_out
from latscape.errors import InputError

if TYPE_CHECKING:
    from latscape.studies.settings import Settings

#: Options that say where and how to run; all others are settings.
OURS = ("target", "preset", "out", "as_json", "family")


#: Data that come with the package.
NAMED = ("mnist", "plasmonics")
DATA, SEARCH, MODEL, PLANE = "Images", "Search", "Models", "Latent plane of schedules"
GP = "Gaussian process"


def zbo(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="`mnist`, `plasmonics`, or a file of images (.npy, .npz, .h5, .tif).")],
    preset: Annotated[str, typer.Option(help="quick (minutes) or paper (hours).")] = "quick",
    seed: Annotated[int, typer.Option(help="All randomness follows from it.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; default a new one below ./runs.")] = None,
    as_json: Json = False,
    classes: Annotated[
        int | None, option(DATA, "Classes to look for; needed for your own files; plasmonics: 3 or 7.")
    ] = None,
    images: Annotated[int | None, option(DATA, "Random subset on which schedules are tried.")] = None,
    final_images: Annotated[int | None, option(DATA, "Images on which the models are compared.")] = None,
    held_out: Annotated[int | None, option(DATA, "Images nothing is trained on, for the scores.")] = None,
    window: Annotated[
        int | None, option(DATA, "Window around the bright particles, levelled and centred [pixels]; default none.")
    ] = None,
    search: Annotated[str | None, option(SEARCH, "beta_c, both (beta_c and beta_d) or capacity.")] = None,
    starts: Annotated[int | None, option(SEARCH, "Random schedules to begin with.")] = None,
    budget: Annotated[int | None, option(SEARCH, "Evaluations in all, starts included.")] = None,
    objective: Annotated[str | None, option(SEARCH, "l1, l1-l2, elbo, agreement or information.")] = None,
    acquire: Annotated[str | None, option(SEARCH, "Acquisition: ei, log_ei, noisy_log_ei, ucb, pi.")] = None,
    tolerance: Annotated[
        float | None, option(SEARCH, "End when EI falls below this share of the spread; default never.")
    ] = None,
    prune: Annotated[float | None, option(SEARCH, "End trainings worse than this share of those before.")] = None,
    repeats: Annotated[int | None, option(SEARCH, "Seeds per model in the comparison.")] = None,
    restarts: Annotated[
        int | None, option(SEARCH, "Trainings per joint model, of which the most informative classes count.")
    ] = None,
    moves: Annotated[
        int | None, option(SEARCH, "Exchanges of classes tried per joint model, after which it is trained on.")
    ] = None,
    grid: Annotated[int | None, option(SEARCH, "Cells along a side of the manifold that is scored.")] = None,
    pairs: Annotated[int | None, option(SEARCH, "Pairs of cells for the loss within classes.")] = None,
    gp_optimizer: Annotated[str | None, option(GP, "lbfgs, or adam as in the paper.")] = None,
    gp_learning_rate: Annotated[float | None, option(GP, "Of adam.")] = None,
    gp_steps: Annotated[int | None, option(GP, "Of adam.")] = None,
    gp_priors: Annotated[bool | None, option(GP, "Priors on its length scales and noise, or none.")] = None,
    gp_noise: Annotated[str | None, option(GP, "Prior on the noise: small or broad.")] = None,
    cycles: Annotated[int | None, option(MODEL, "N: training cycles, and length of a schedule.")] = None,
    beta_c: Annotated[float | None, option(MODEL, "Weight of the content where its capacity is searched.")] = None,
    capacity: Annotated[float | None, option(MODEL, "Largest capacity that is searched [nat].")] = None,
    beta_d: Annotated[float | None, option(MODEL, "Weight of the discrete KL term.")] = None,
    beta_d_start: Annotated[float | None, option(MODEL, "What it comes down from; default: it is constant.")] = None,
    information: Annotated[
        float | None, option(MODEL, "Weight of what the classes could tell of a batch but do not; default 0.")
    ] = None,
    rank: Annotated[int | None, option(MODEL, "Images the decoder mixes per class.")] = None,
    sigma: Annotated[float | None, option(MODEL, "Gaussian likelihood of this deviation; default Bernoulli.")] = None,
    learning_rate: Annotated[float | None, option(MODEL, "Of the models.")] = None,
    learning_rate_end: Annotated[
        float | None, option(MODEL, "What it comes down to at the end; default: it is constant.")
    ] = None,
    hidden: Annotated[int | None, option(MODEL, "Width of the encoder's layers.")] = None,
    turns: Annotated[int | None, option(MODEL, "First guesses of the angle over a full turn.")] = None,
    shift: Annotated[float | None, option(MODEL, "Prior width of shifts [half sides]; default none.")] = None,
    scale: Annotated[float | None, option(MODEL, "Prior width of the logarithm of the magnification.")] = None,
    beta_pose: Annotated[float | None, option(MODEL, "Weight of the pose's KL term; default the schedule's.")] = None,
    batch: Annotated[int | None, option(MODEL, "Images per training step.")] = None,
    family: Annotated[list[str] | None, option(PLANE, "cooldown, segments, periodic; may be repeated.")] = None,
    low: Annotated[float | None, option(PLANE, "Smallest weight the families draw.")] = None,
    high: Annotated[float | None, option(PLANE, "Largest weight allowed.")] = None,
    space_cycles: Annotated[int | None, option(PLANE, "Training cycles of the trajectory VAE.")] = None,
    space_draws: Annotated[int | None, option(PLANE, "Schedules drawn per family.")] = None,
    space_learning_rate: Annotated[float | None, option(PLANE, "Of the trajectory VAE.")] = None,
) -> None:
    """Find the training schedule of a joint autoencoder by latent Bayesian optimization, and compare what it is worth.

    [dim]latscape zbo mnist[/]
    [dim]latscape zbo plasmonics --classes 7[/]
    [dim]latscape zbo patches.npy --classes 4[/]
    """
    changes = {name: value for name, value in context.params.items() if name not in OURS}
    settings = _settings(target, preset, changes | {"families": tuple(family) if family else None})
    folder = (out or _new_folder(target)).absolute()

    from latscape.studies.split import split
    from latscape.studies.zbo import Study

    found = split(settings)  # bad data shows before a folder is made
    study = Study.create(settings, folder, shlex.join(["latscape", *sys.argv[1:]]))
    study.images = found
    carry_out(study, as_json)


def _settings(target: str, name: str, changes: dict[str, Any]) -> "Settings":
    from latscape.data.samples import sample_file
    from latscape.studies.settings import preset

    if target not in NAMED:
        sample_file(target)
        if changes["classes"] is None:
            raise InputError("a number of classes for images of your own", "none", f"latscape zbo {target} --classes 4")
        target = str(Path(target).expanduser().absolute())  # a run is resumed from anywhere
    return preset(name, data=target, **changes)


def _new_folder(target: str) -> Path:
    from latscape.studies.run import new_run

    return new_run(f"zbo-{Path(target.split(':')[0]).stem}")
