"""Options that several kinds of run take: each is declared here, so that it means the same in all of them."""

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from pydantic import field_validator

from latscape import parts
from latscape.errors import InputError
from latscape.options import Options, flag, option
from latscape.parts.grammar import parse_number

# Options of one heading of the help; those of a model are the model's own where none are given.
sample_option, search_option = partial(option, group="Samples"), partial(option, group="Search")
model_option = partial(option, group="Model", unset="that of the model")
pose_option, training_option = partial(model_option, group="Pose"), partial(model_option, group="Training")
#: Data that come with the package.
NAMED = ("mnist", "plasmonics")
#: The schedule pyroVED documents for its joint autoencoder, and its weight of the class.
HAND_MADE = {"beta_c": "cooldown:40,3,1/12,5/12", "beta_d": "3"}


def absolute_path(path: str) -> str:
    """A path as it is from anywhere; what is picked inside of the file stays behind its colon.

    Examples
    --------
    >>> absolute_path("/data/scan.h5:map")
    '/data/scan.h5:map'
    """
    file, colon, inside = path.partition(":")
    return f"{Path(file).expanduser().absolute()}{colon}{inside}"


def from_anywhere(path: str | None) -> str | None:
    """A path as it is from anywhere, since a run is resumed from anywhere; data that come with the package stay."""
    return path if path is None or path in NAMED else absolute_path(path)


def _checked_weight(text: str | None, info: Any) -> str | None:
    """The text of a number or a schedule that is nowhere negative; a learning rate is not 0 either."""
    if text is None or text.partition(":")[0] in parts.part_words("schedule"):
        return text
    typed, positive = flag(info.field_name), info.field_name == "learning_rate"
    try:
        value = parse_number(text)
    except ValueError:
        words = ", ".join(parts.part_words("schedule"))
        expected = f"{typed} to be a number, or one of {words} with its numbers behind a colon"
        raise InputError(expected, repr(text), f"{typed} 3, or {typed} cooldown:40,3,0.1,0.4") from None
    if value < 0 or value == math.inf or (positive and value == 0):
        raise InputError(f"{typed} {'above' if positive else 'of at least'} 0", text, f"{typed} 1")
    return text


class Seeded(Options):
    """Randomness."""

    seed: int = option(0, "Random seed, from which the seeds of everything random in a run are derived.", ge=0)


class Validation(Options):
    """What models are scored on."""

    validation: float = sample_option(
        0.1, "Samples held out for validation, on which no model is trained: a share below 1, or a number.", gt=0
    )

    def validation_count(self, n: int) -> int:
        """How many of n samples are kept for validation.

        Examples
        --------
        >>> Validation(validation=0.1).validation_count(50), Validation(validation=7).validation_count(50)
        (5, 7)
        """
        return max(1, round(self.validation * n)) if self.validation < 1 else round(self.validation)


class Subset(Options):
    """How many samples."""

    images: int | None = sample_option(
        None, "Number of samples to use, a random subset of all.", unset="all samples", ge=3
    )


class SampleOptions(Subset, Validation):
    """Which samples a model is fitted to."""

    data: str = option(
        ...,
        "File of samples, as `latscape data info FILE` reads it: images, curves, or what was measured at each place; "
        "FILE:NAME picks one of several arrays. Or mnist.",
        argument="FILE",
    )
    labels: str | None = sample_option(
        None, "File of class labels (.npy, .npz, .csv), -1 where unknown.", unset="the labels in FILE, if it has any"
    )
    target: str | None = sample_option(
        None, "File of what the model ved predicts from each sample, read like FILE.", unset="no target"
    )
    axes: str | None = sample_option(
        None,
        "Names of the axes of FILE, such as 'y, x | energy [eV]': those before the bar count the samples.",
        unset="as the file says",
    )
    finite: bool = sample_option(False, "Leave out samples with NaN or infinite values, as of unfinished grids.")
    normalize: bool = sample_option(False, "Scale all values linearly to [0, 1] before training.")

    _absolute = field_validator("data", "labels", "target")(from_anywhere)


class PoseOptions(Options):
    """Factors of the pose that a model absorbs: widths of their priors."""

    angle: float | None = pose_option(
        None, "Standard deviation of the prior of the angle; inf is uniform over the full turn.", unit="rad", gt=0
    )
    n_orientations: int | None = pose_option(
        None, "Number of orientations from which the encoder looks, over the full turn; 8 for large rotations.", ge=1
    )
    shift: float | None = pose_option(None, "Standard deviation of the prior of the shift.", unit="half sides", gt=0)
    scale: float | None = pose_option(
        None, "Standard deviation of the prior of the logarithm of the magnification.", gt=0
    )
    shear: float | None = pose_option(None, "Standard deviation of the prior of the shear angle.", unit="rad", gt=0)
    pose: tuple[str, ...] = pose_option(
        (), "Further factor of the pose with its parameters, such as shear:0.2; may be repeated.", part="pose"
    )


class WeightOptions(Options):
    """Weights of the terms of the training loss: numbers, or schedules over training."""

    beta_c: str | None = training_option(
        None,
        "Weight beta_c of the KL divergence of the content z: a number, or a schedule such as cooldown:40,3,0.1,0.4.",
        unset="cooldown:40,3,1/12,5/12 if joint, else that of the model",
    )
    beta_d: str | None = training_option(
        None,
        "Weight beta_d of the KL divergence of the class: a number or a schedule.",
        unset="3 if joint, else that of the model",
    )
    beta_pose: str | None = training_option(
        None, "Weight of the KL divergence of the pose: a number or a schedule.", unset="beta_c"
    )
    term: tuple[str, ...] = training_option(
        (), "Further term of the training loss and its weight, NAME=WEIGHT; may be repeated.", part="term"
    )

    _weight = field_validator("beta_c", "beta_d", "beta_pose")(_checked_weight)


class TrainingOptions(Options):
    """How models are trained."""

    epochs: int | None = training_option(None, "Number of training epochs, passes over all samples.", ge=1)
    batch_size: int | None = training_option(None, "Number of samples per training step, the mini-batch.", ge=1)
    learning_rate: str | None = training_option(
        None, "Learning rate of Adam: a number, or a schedule such as cooldown:2e-3,1e-4,0.6."
    )
    device: str = training_option("cpu", "Device to train on: cpu, cuda or mps.")

    _rate = field_validator("learning_rate")(_checked_weight)
    renamed: ClassVar[Mapping[str, str]] = {"cycles": "--epochs"}


class NetworkOptions(Options):
    """Of what a model is composed."""

    latent: int | None = model_option(None, "Number of content variables z per sample.", ge=1)
    likelihood: str | None = model_option(
        None, "Likelihood of a sample given what is decoded, such as gaussian:0.3.", part="likelihood"
    )
    encoder: str | None = model_option(
        None, "Encoder network with its parameters, such as dense:256+256,gelu.", part="encoder"
    )
    decoder: str | None = model_option(
        None, "Decoder network with its parameters, such as warp:rank=16.", part="decoder"
    )


class ModelOptions(Seeded, TrainingOptions, WeightOptions, PoseOptions, NetworkOptions):
    """Which model is fitted; what is left out is the preset's."""

    model: str = model_option("jrvae", "Model that is fitted, a preset.", part="model")
    classes: int | None = model_option(
        None, "Number of classes to look for; joint models need it.", unset="as many as the labels have", ge=2
    )

    renamed: ClassVar[Mapping[str, str]] = {
        "starts": "--n-orientations",
        "held_out": "--validation",
        "batch": "--batch-size",
        "sigma": "--likelihood gaussian:SIGMA",
        "checkpoint": "latscape resume RUN, since a run keeps its own",
    }


class SampleModelOptions(ModelOptions, SampleOptions):
    """Which samples, and which model is fitted to them."""


class SearchOptions(Options):
    """Of a campaign of Bayesian optimization."""

    n_initial: int | None = search_option(
        None, "Number of initial points, evaluated before the acquisition chooses any.", ge=1
    )
    budget: int = search_option(150, "Number of evaluations in all, initial points included.", ge=1)
    n_proposals: int = search_option(1, "Number of points proposed at once (q in BoTorch).", ge=1)
    acquire: str = search_option(
        "log_ei", "Acquisition function that chooses the next points, such as ucb:10.", part="acquisition"
    )
    surrogate: str = search_option(
        "exact", "Surrogate model of the objective, such as exact:noise=broad.", part="surrogate"
    )

    renamed: ClassVar[Mapping[str, str]] = {"starts": "--n-initial", "batch": "--n-proposals"}


class InputFile(Options):
    """Data of the user's own in place of a study's."""

    input: str | None = option(None, "File of your own data.", unset="the data of the study")

    _absolute = field_validator("input")(from_anywhere)
