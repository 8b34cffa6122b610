"""Options that `fit` and `classes` share: each is one of `DataOptions` or `ModelOptions` by the same name."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from latscape.studies.models import ModelOptions
    from latscape.studies.samples import DataOptions


def option(group: str, text: str) -> Any:
    """One option of a group; what is not given is the preset's."""
    units = text.replace("[", r"\[")  # brackets hold units here, not rich's markup
    return typer.Option(help=units, rich_help_panel=group, show_default=False)


SAMPLES, MODEL, POSE, TRAINING = "Samples", "Model", "Pose", "Training"

File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="`mnist`, or a file that `latscape data info FILE` reads; FILE:NAME picks."),
]
Out = Annotated[Path | None, typer.Option(help="Folder of the run; default a new one below ./runs.")]
Seed = Annotated[int, typer.Option(help="All randomness follows from it.")]

LabelFile = Annotated[str | None, option(SAMPLES, "Labels (.npy, .npz, .csv), -1 = unknown; default the file's own.")]
Normalize = Annotated[
    bool, typer.Option("--normalize", help="Scale all values linearly to [0, 1].", rich_help_panel=SAMPLES)
]
Axes = Annotated[str | None, option(SAMPLES, "Names for axes, 'y, x | energy': those before the bar count samples.")]
Finite = Annotated[
    bool, typer.Option("--finite", help="Leave out samples with NaN, as of unfinished grids.", rich_help_panel=SAMPLES)
]
Images = Annotated[int | None, option(SAMPLES, "Size of a random subset; default all.")]
HeldOut = Annotated[float, typer.Option(help="Share of samples not fitted, for the scores.", rich_help_panel=SAMPLES)]

Latent = Annotated[int | None, option(MODEL, "Content numbers per sample.")]
Likelihood = Annotated[str | None, option(MODEL, "bernoulli, gaussian or poisson.")]
Sigma = Annotated[float | None, option(MODEL, "Deviation of a gaussian likelihood.")]
Encoder = Annotated[str | None, option(MODEL, "dense or conv.")]
Decoder = Annotated[str | None, option(MODEL, "warp, dense, conv, coordinate or factorised.")]

Angle = Annotated[float | None, option(POSE, "Width of the prior of the angle, in radians; inf: the full turn.")]
Starts = Annotated[int | None, option(POSE, "Angles over the full turn from which to look: 8 for large rotations.")]
Shift = Annotated[float | None, option(POSE, "Of the shift, in half sides.")]
Scale = Annotated[float | None, option(POSE, "Of the logarithm of the magnification.")]
Shear = Annotated[float | None, option(POSE, "Of the shear angle, in radians.")]

BetaC = Annotated[str | None, option(TRAINING, "Weight of the continuous KL: 1, or cooldown:40,3,0.1,0.4.")]
BetaD = Annotated[str | None, option(TRAINING, "Weight of the discrete KL, likewise.")]
BetaPose = Annotated[str | None, option(TRAINING, "Weight of the KL of the pose, if not that of the continuous one.")]
Cycles = Annotated[int | None, option(TRAINING, "Passes over the samples.")]
Batch = Annotated[int | None, option(TRAINING, "Samples per step.")]
LearningRate = Annotated[float | None, option(TRAINING, "Of Adam.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, ...", rich_help_panel=TRAINING)]


def chosen(file: str, given: Mapping[str, Any]) -> "tuple[DataOptions, ModelOptions]":
    """The options of a command, sorted; bad ones show here."""
    from dataclasses import fields

    from latscape.studies.models import ModelOptions
    from latscape.studies.samples import DataOptions

    model = ModelOptions(**{one.name: given[one.name] for one in fields(ModelOptions) if one.name in given})
    return DataOptions(file, **{one.name: given[one.name] for one in fields(DataOptions) if one.name in given}), model


def folder_of(command: str, file: str, out: Path | None) -> Path:
    """Where a run goes."""
    from latscape.studies.run import new_run

    return (out or new_run(f"{command}-{Path(file.split(':')[0]).stem}")).absolute()


def words() -> str:
    """The command as it was typed."""
    import shlex

    return shlex.join(["latscape", *sys.argv[1:]])
