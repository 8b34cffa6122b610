"""Options that several kinds of run take: each is declared here, so that it means the same in all of them."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import field_validator

from latscape import parts
from latscape.errors import InputError
from latscape.options import Options, flag, option
from latscape.parts.grammar import parse_number

SAMPLES, MODEL, POSE, TRAINING, SEARCH = "Samples", "Model", "Pose", "Training", "Search"
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

    seed: int = option(0, "Seed from which all randomness follows.", ge=0)


class Validation(Options):
    """What models are scored on."""

    validation: float = option(
        0.1,
        "Samples kept for validation, on which no model is trained: a share below 1, or a number.",
        group=SAMPLES,
        gt=0,
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

    images: int | None = option(None, "Random subset of so many samples; by default all.", group=SAMPLES, ge=3)


class SampleOptions(Subset, Validation):
    """Which samples a model is fitted to."""

    data: str = option(
        ...,
        "File of samples, as `latscape data info FILE` reads it: images, curves, or what was measured at each place; "
        "FILE:NAME picks one of several arrays. Or mnist.",
        argument="FILE",
    )
    labels: str | None = option(
        None, "File of labels (.npy, .npz, .csv), -1 where unknown; by default those in FILE.", group=SAMPLES
    )
    target: str | None = option(None, "File of what ved is to predict, read like FILE.", group=SAMPLES)
    axes: str | None = option(
        None, "Names of the axes of FILE, 'y, x | energy [eV]': those before the bar count the samples.", group=SAMPLES
    )
    finite: bool = option(False, "Leave out samples with NaN, as of unfinished grids.", group=SAMPLES)
    normalize: bool = option(False, "Scale all values linearly to [0, 1].", group=SAMPLES)

    _absolute = field_validator("data", "labels", "target")(from_anywhere)


class PoseOptions(Options):
    """Factors of the pose that a model absorbs: widths of their priors."""

    angle: float | None = option(
        None, "Prior deviation of the angle; inf is the full turn.", unit="rad", group=POSE, gt=0
    )
    n_orientations: int | None = option(
        None, "Angles from which the encoder looks, over the full turn; 8 for large rotations.", group=POSE, ge=1
    )
    shift: float | None = option(None, "Prior deviation of the shift.", unit="half sides", group=POSE, gt=0)
    scale: float | None = option(None, "Prior deviation of the logarithm of the magnification.", group=POSE, gt=0)
    shear: float | None = option(None, "Prior deviation of the shear angle.", unit="rad", group=POSE, gt=0)
    pose: tuple[str, ...] = option(
        (), "Further factor of the pose, with its parameters; may be repeated.", group=POSE, part="pose"
    )


class WeightOptions(Options):
    """Weights of the terms of the training loss: numbers, or schedules over training."""

    beta_c: str | None = option(
        None, "Weight of the continuous KL term: a number, or a schedule such as cooldown:40,3,0.1,0.4.", group=TRAINING
    )
    beta_d: str | None = option(None, "Weight of the discrete KL term: a number or a schedule.", group=TRAINING)
    beta_pose: str | None = option(
        None, "Weight of the KL term of the pose; by default that of the continuous one.", group=TRAINING
    )
    term: tuple[str, ...] = option(
        (), "Further term of the loss and its weight, NAME=WEIGHT; may be repeated.", group=TRAINING, part="term"
    )

    _weight = field_validator("beta_c", "beta_d", "beta_pose")(_checked_weight)


class TrainingOptions(Options):
    """How models are trained."""

    epochs: int | None = option(None, "Passes over the samples.", group=TRAINING, ge=1)
    batch_size: int | None = option(None, "Samples per training step.", group=TRAINING, ge=1)
    learning_rate: str | None = option(
        None, "Learning rate of Adam: a number, or a schedule such as cooldown:2e-3,1e-4,0.6.", group=TRAINING
    )
    device: str = option("cpu", "Device to train on: cpu, cuda, mps.", group=TRAINING)

    _rate = field_validator("learning_rate")(_checked_weight)
    renamed: ClassVar[Mapping[str, str]] = {"cycles": "--epochs"}


class NetworkOptions(Options):
    """Of what a model is composed."""

    latent: int | None = option(None, "Content numbers per sample.", group=MODEL, ge=1)
    likelihood: str | None = option(
        None, "Likelihood of what is decoded, such as gaussian:0.3.", group=MODEL, part="likelihood"
    )
    encoder: str | None = option(None, "Encoder, such as dense:256+256,gelu.", group=MODEL, part="encoder")
    decoder: str | None = option(None, "Decoder, such as warp:rank=16.", group=MODEL, part="decoder")


class ModelOptions(Seeded, TrainingOptions, WeightOptions, PoseOptions, NetworkOptions):
    """Which model is fitted; what is left out is the preset's."""

    model: str = option("jrvae", "Model.", group=MODEL, part="model")
    classes: int | None = option(
        None, "Classes to look for; of labels, by default as many as there are.", group=MODEL, ge=2
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

    n_initial: int | None = option(None, "Initial points, before any is chosen by the acquisition.", group=SEARCH, ge=1)
    budget: int = option(150, "Evaluations in all, initial points included.", group=SEARCH, ge=1)
    n_proposals: int = option(1, "Points proposed at once (BoTorch's q).", group=SEARCH, ge=1)
    acquire: str = option("log_ei", "Acquisition, such as ucb:10.", group=SEARCH, part="acquisition")
    surrogate: str = option("exact", "Surrogate, such as exact:noise=broad.", group=SEARCH, part="surrogate")

    renamed: ClassVar[Mapping[str, str]] = {"starts": "--n-initial", "batch": "--n-proposals"}


class InputFile(Options):
    """Data of the user's own in place of a study's."""

    input: str | None = option(None, "File of your own in place of the study's data.")

    _absolute = field_validator("input")(from_anywhere)
