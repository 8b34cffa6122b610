"""Which model is fitted: a preset by name, and the options that people change; whatever is left out is the preset's."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from latscape.autoencoders import presets
from latscape.autoencoders.base import check_device
from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian, Likelihood, Poisson
from latscape.errors import InputError
from latscape.nets.conv import ConvDecoder
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import ConvEncoder, DenseEncoder
from latscape.nets.factorised import FactorisedDecoder
from latscape.nets.warp import WarpDecoder
from latscape.studies.schedule import schedule

#: The schedule pyroVED documents for its joint autoencoder, and its weight of the class.
HAND_MADE = {"beta_c": "cooldown:40,3,1/12,5/12", "beta_d": "3"}
AFFINE = ("angle", "starts", "shift", "scale", "shear")
WEIGHTS = ("beta_c", "beta_d", "beta_pose")


@dataclass(frozen=True)
class Preset:
    """What a preset takes.

    Attributes
    ----------
    build : callable
    pose : tuple of str
        Options of the pose it takes.
    classes : bool
    told : str
        What y is: "labels", "target", or nothing.
    """

    build: Callable[..., VAE]
    pose: tuple[str, ...] = ()
    classes: bool = False
    told: str = ""

    @property
    def joint(self) -> bool:
        """Whether it finds classes that nobody labelled."""
        return self.classes and not self.told


PRESETS: dict[str, Preset] = {
    "ae": Preset(presets.ae),
    "vae": Preset(presets.vae),
    "rvae": Preset(presets.rvae, AFFINE),
    "shift_vae": Preset(presets.shift_vae, ("shift",)),
    "jvae": Preset(presets.jvae, classes=True),
    "jrvae": Preset(presets.jrvae, AFFINE, classes=True),
    "ssvae": Preset(presets.ssvae, classes=True, told="labels"),
    "ssrvae": Preset(presets.ssrvae, AFFINE, classes=True, told="labels"),
    "cvae": Preset(presets.cvae, classes=True, told="labels"),
    "ved": Preset(presets.ved, told="target"),
}
ENCODERS = {"dense": DenseEncoder, "conv": ConvEncoder}
DECODERS = {
    "warp": WarpDecoder,
    "dense": DenseDecoder,
    "conv": ConvDecoder,
    "coordinate": CoordinateDecoder,
    "factorised": FactorisedDecoder,
}
LIKELIHOODS = ("bernoulli", "gaussian", "poisson")


@dataclass(frozen=True)
class ModelOptions:
    """Options of a model as plain JSON types; None leaves one to the preset.

    Attributes
    ----------
    model : str
        A name in `PRESETS`.
    classes : int
    latent : int
    angle, shift, scale, shear : float
        Widths of the priors of the pose, as in `latscape.rvae`; `angle` may be infinite.
    starts : int
        Angles over the full turn from which the encoder looks.
    likelihood : str
        A name in `LIKELIHOODS`; given a sigma, gaussian.
    sigma : float
    encoder, decoder : str
        Names in `ENCODERS` and `DECODERS`.
    beta_c, beta_d, beta_pose : str
        As in `latscape.studies.schedule`; for joint models, the hand-made cooldown.
    cycles, batch : int
    learning_rate : float
    seed : int
    device : str
    """

    model: str = "jrvae"
    classes: int | None = None
    latent: int | None = None
    angle: float | None = None
    starts: int | None = None
    shift: float | None = None
    scale: float | None = None
    shear: float | None = None
    likelihood: str | None = None
    sigma: float | None = None
    encoder: str | None = None
    decoder: str | None = None
    beta_c: str | None = None
    beta_d: str | None = None
    beta_pose: str | None = None
    cycles: int | None = None
    batch: int | None = None
    learning_rate: float | None = None
    seed: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        named("model", self.model, PRESETS)
        for option, table in (("encoder", ENCODERS), ("decoder", DECODERS), ("likelihood", LIKELIHOODS)):
            if getattr(self, option) is not None:
                named(option, getattr(self, option), table)
        self._check_classes()
        self._check_pose()
        if self.sigma is not None and (self.decoded != "gaussian" or not 0 < self.sigma < math.inf):
            got = f"{self.sigma:g} with {self.decoded}"
            raise InputError("a positive --sigma, of a gaussian likelihood", got, "--likelihood gaussian --sigma 0.3")
        self._schedules()
        check_device(self.device)

    @property
    def preset(self) -> Preset:
        """What the model takes."""
        return PRESETS[self.model]

    @property
    def decoded(self) -> str:
        """The likelihood of what is decoded."""
        return self.likelihood or ("gaussian" if self.sigma is not None else self._usual)

    @property
    def _usual(self) -> str:
        """That of the preset."""
        return "gaussian" if self.preset.told == "target" else "bernoulli"

    def build(self, shape: tuple[int, ...], largest: float) -> VAE:
        """The unfitted model for samples of a shape; `largest` is the largest value that is to be decoded."""
        options: dict[str, Any] = {"seed": self.seed, "device": self.device, **self._schedules()}
        plain = ("classes", "latent", "cycles", "batch", "learning_rate", *self.preset.pose)
        options |= {name: getattr(self, name) for name in plain if getattr(self, name) is not None}
        if self.encoder:
            options["encoder"] = ENCODERS[self.encoder]()
        if self.decoder:
            options["decoder"] = DECODERS[self.decoder]()
        if self.sigma is not None or self.decoded != self._usual:
            options["likelihood"] = self._likelihood(largest)
        curves = len(shape) == 1
        if curves and "angle" in self.preset.pose:
            hint = "--model shift_vae, or --model jvae --classes 4"
            raise InputError(f"images for {self.model}, which turns them", f"curves of {shape[0]} values", hint)
        if self.model == "shift_vae":
            options["dimensions"] = 1 if curves else 2
        return self.preset.build(**options)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types; an infinite angle is the word inf."""
        return {name: "inf" if value == math.inf else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, options: dict[str, Any]) -> "ModelOptions":
        """What `as_dict` gave."""
        known: dict[str, Any] = {name: math.inf if value == "inf" else value for name, value in options.items()}
        return cls(**known)

    def _likelihood(self, largest: float) -> Likelihood:
        if self.decoded == "gaussian":
            return Gaussian() if self.sigma is None else Gaussian(self.sigma)
        return Poisson(exposure=largest) if self.decoded == "poisson" else Bernoulli()

    def _schedules(self) -> dict[str, Any]:
        usual = HAND_MADE if self.preset.joint else {}
        words = {name: getattr(self, name) or usual.get(name) for name in WEIGHTS}
        return {name: schedule(text) for name, text in words.items() if text is not None}

    def _check_classes(self) -> None:
        if self.classes is None:
            if self.preset.joint:
                hint = "--classes 4, or --model rvae, which finds none"
                raise InputError(f"a number of classes for {self.model}", "none", hint)
        elif not self.preset.classes:
            hint = "--model jrvae"
            raise InputError(f"no classes for {self.model}, which has none", f"--classes {self.classes}", hint)
        elif self.classes < 2:
            raise InputError("at least two classes", self.classes, "--classes 4")

    def _check_pose(self) -> None:
        for name in AFFINE:
            if getattr(self, name) is not None and name not in self.preset.pose:
                takes = " or ".join(key for key, preset in PRESETS.items() if name in preset.pose)
                raise InputError(
                    f"no --{name} for {self.model}, which has none", getattr(self, name), f"--model {takes}"
                )


def named(option: str, name: str, known: Any) -> None:
    """Refuse a name that is none of those known."""
    if name not in known:
        raise InputError(f"--{option} among {', '.join(known)}", repr(name), f"--{option} {next(iter(known))}")
