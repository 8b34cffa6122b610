"""From options in words to an unfitted estimator: a registered preset, and the parts that the words name."""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from latscape import parts
from latscape.autoencoders.base import check_device
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.likelihoods import Likelihood
from latscape.autoencoders.supervision import Paired, Unused
from latscape.curves import Curve, as_array
from latscape.errors import InputError
from latscape.geometry import Rotation
from latscape.options import Options, flag
from latscape.parts.grammar import parse_number
from latscape.studies.shared.options import HAND_MADE, ModelOptions, NetworkOptions, PoseOptions, WeightOptions

#: Options of the pose and of training, and the parameters of presets that they are.
POSE = {name: name for name in ("angle", "n_orientations", "shift", "scale", "shear")}
TRAINING = {"latent": "latent", "epochs": "epochs", "batch_size": "batch", "device": "device"}
WEIGHTS = ("beta_c", "beta_d", "beta_pose")
#: Epochs of a training in which a schedule is looked at before there is one.
EPOCHS = 200


@dataclass(frozen=True)
class Preset:
    """What a registered preset takes, as its signature and what it makes tell.

    Attributes
    ----------
    parameters : mapping
        Its own, beside those of every model.
    y : str
        What it is told in training: "labels", "target", or nothing.
    likelihood : Likelihood
        Its usual one.
    """

    build: Callable[..., VAE]
    parameters: Mapping[str, inspect.Parameter]
    y: str
    likelihood: Likelihood

    @property
    def classes(self) -> bool:
        """Whether it has classes."""
        return "classes" in self.parameters

    @property
    def joint(self) -> bool:
        """Whether it finds classes that nobody labelled."""
        return self.classes and not self.y


@cache
def preset(word: str) -> Preset:
    """The preset of a word."""
    build = parts.find_part("model", word).load()
    parameters = inspect.signature(build).parameters
    model: VAE = build(**({"classes": 2} if "classes" in parameters else {}))
    y = "target" if isinstance(model.supervision, Paired) else "" if isinstance(model.supervision, Unused) else "labels"
    return Preset(build, parameters, y, model.likelihood)


def check(options: ModelOptions) -> None:
    """Refuse options that the model does not have, and words whose parameters do not fit them."""
    made = preset(options.model)
    if options.classes is None and made.joint:
        hint = "--classes 4, or --model rvae, which finds none"
        raise InputError(f"a number of classes for {options.model}", "none", hint)
    if options.classes is not None and not made.classes:
        got = f"--classes {options.classes}"
        raise InputError(f"no classes for {options.model}, which has none", got, "--model jrvae")
    check_device(options.device)
    schedules(options, made.joint)
    networks(options)
    factors(options)


def build(options: ModelOptions, shape: tuple[int, ...], largest: float) -> VAE:
    """The unfitted model for samples of a shape; `largest` is the largest value that is to be decoded."""
    made, curves = preset(options.model), len(shape) == 1
    names = {"seed": "seed", "classes": "classes"} | TRAINING | POSE
    given = parameters(options, names) | schedules(options, made.joint) | networks(options, largest)
    model = with_factors(made.build(**given), options)
    if curves and any(isinstance(factor, Rotation) for factor in model.transforms(1)):
        hint = "--model shift_vae, or --model jvae --classes 4"
        raise InputError(f"images for {options.model}, which turns them", f"curves of {shape[0]} values", hint)
    return model


def parameters(options: Options, names: Mapping[str, str]) -> dict[str, Any]:
    """Options by the names of the parameters that they are; what is left out is the preset's."""
    return {name: value for option, name in names.items() if (value := getattr(options, option)) is not None}


def with_factors(model: VAE, options: PoseOptions) -> VAE:
    """The same model with further factors of the pose, if any are named."""
    further = factors(options)
    return model.set_params(pose=(*model.pose, *further)) if further else model


def likelihood(options: ModelOptions) -> Likelihood:
    """The one of what is decoded, before the samples are known."""
    return networks(options).get("likelihood", preset(options.model).likelihood)


def networks(options: NetworkOptions, largest: float | None = None) -> dict[str, Any]:
    """Encoder, decoder and likelihood, as far as words name them."""
    words = {name: getattr(options, name) for name in ("encoder", "decoder", "likelihood")}
    made = {name: parts.build_part(name, text) for name, text in words.items() if text is not None}
    text = words["likelihood"]
    if text is not None and ":" not in text and largest is not None:
        made["likelihood"] = made["likelihood"].scaled_to(largest)
    return made


def factors(options: PoseOptions) -> tuple[Any, ...]:
    """Further factors of the pose."""
    return tuple(parts.build_part("pose", text) for text in options.pose)


def schedules(options: WeightOptions, joint: bool = False) -> dict[str, Any]:
    """Weights, terms and the learning rate, as far as words name them; those of joint models are made by hand."""
    usual = HAND_MADE if joint else {}
    words = {name: getattr(options, name) or usual.get(name) for name in WEIGHTS}
    words["learning_rate"] = getattr(options, "learning_rate", None)
    found: dict[str, Any] = {name: schedule(text) for name, text in words.items() if text is not None}
    for name in WEIGHTS:
        lowest = as_array(found.get(name, 0.0), EPOCHS).min()
        if lowest < 0:
            got = f"{words[name]}, which falls to {lowest:.4g}"
            raise InputError(f"{flag(name)} of at least 0 in every epoch", got, f"{flag(name)} {HAND_MADE['beta_c']}")
    if options.term:
        found["terms"] = dict(_term(text) for text in options.term)
    return found


def schedule(text: str) -> float | Curve:
    """The number or curve that a text stands for; numbers may be fractions.

    Examples
    --------
    >>> schedule("3"), schedule("linear:0,1/2")
    (3.0, Ramp(first=0.0, last=0.5, start=0.0, end=1.0))
    """
    word = text.partition(":")[0]
    return parts.build_part("schedule", text) if word in parts.part_words("schedule") else parse_number(text)


def _term(text: str) -> tuple[str, Any]:
    words, equals, weight = text.partition("=")
    try:
        return words.partition(":")[0], (parts.build_part("term", words), schedule(weight) if equals else 1.0)
    except InputError:
        raise
    except ValueError as error:
        raise InputError("--term NAME=WEIGHT, a number or a schedule", repr(text), f"--term {words}=1") from error


def prior_of(factor: Any) -> float | None:
    """Deviation of a factor's prior; None where it is uniform, as several orientations together are."""
    return None if factor.prior == math.inf or getattr(factor, "n_orientations", 1) > 1 else factor.prior
