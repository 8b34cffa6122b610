"""The models of a zBO run: the joint autoencoder whose schedule is searched, and those it is compared with."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders import VAE, jrvae, vae
from latscape.curves import Schedule, as_array
from latscape.studies.shared.models import POSE, TRAINING, networks, parameters, schedule, with_factors
from latscape.studies.shared.models import schedules as weights
from latscape.studies.shared.options import HAND_MADE
from latscape.studies.zbo.searches import schedules
from latscape.studies.zbo.spec import ZboSpec

#: Epochs of the particles' study and of the run on MNIST whose schedule is tried on it.
_EPOCHS, _MNIST_EPOCHS = 200, 120


class Contender(NamedTuple):
    """One way of training.

    Attributes
    ----------
    title, short : str
        What it is called in tables and pictures, and in a sentence.
    build : callable
        (spec, best trajectory, seed) -> unfitted model; without classes, a Gaussian mixture on its content tells them.
    """

    title: str
    short: str
    build: Callable[[ZboSpec, NDArray[np.floating], int], VAE]


def _scheduled(curve: Callable[[int], Schedule]) -> Callable[[ZboSpec, NDArray[np.floating], int], VAE]:
    """Joint, with the schedule of beta_c that a function says of a number of epochs."""
    return lambda spec, best, seed: joint(spec, curve(spec.epochs), seed)


def searched(spec: ZboSpec, trajectory: NDArray[np.floating], seed: int) -> VAE:
    """The joint autoencoder under study along a trajectory of what is searched."""
    return _joint(spec, schedules(spec, trajectory), seed)


def joint(spec: ZboSpec, beta_c: Schedule, seed: int) -> VAE:
    """The same with a given schedule of beta_c, whatever is searched."""
    return _joint(spec, {"beta_c": beta_c}, seed)


def _joint(spec: ZboSpec, changed: Mapping[str, Schedule], seed: int) -> VAE:
    chosen: dict[str, Any] = parameters(spec, TRAINING | POSE) | networks(spec) | weights(spec) | dict(changed)
    return with_factors(jrvae(spec.classes, seed=seed, **chosen), spec)


def plain(spec: ZboSpec, seed: int) -> VAE:
    """The plain autoencoder, trained as the joint ones are, at the rate these begin with."""
    likelihood = {name: part for name, part in networks(spec).items() if name == "likelihood"}
    rate = float(as_array(schedule(spec.learning_rate), spec.epochs)[0])
    return vae(learning_rate=rate, seed=seed, **parameters(spec, TRAINING), **likelihood)


def default(spec: ZboSpec, seed: int) -> VAE:
    """The plain autoencoder as it comes, with the run's number of epochs."""
    return vae(epochs=spec.epochs, seed=seed, device=spec.device)


def _vanilla(spec: ZboSpec, best: NDArray[np.floating], seed: int) -> VAE:
    return default(spec, seed) if spec.data == "plasmonics" else plain(spec, seed)


def hand_made(epochs: int) -> NDArray[np.float64]:
    """The schedule pyroVED documents for MNIST: 40 for the first twelfth, a line to 3 over a third, then 3."""
    return as_array(schedule(HAND_MADE["beta_c"]), epochs)


def found_on_mnist(epochs: int) -> NDArray[np.float64]:
    """The schedule that zBO found on MNIST in 120 epochs, its last value held for 80 more (figure A1 of the paper).

    For other numbers of epochs the same curve, at as many points.

    Examples
    --------
    >>> curve = found_on_mnist(200)
    >>> bool(curve[0] > 20 > 2 > curve[119]), set(curve[119:].tolist()) == {float(curve[119])}
    (True, True)
    """
    place = np.arange(epochs) * _EPOCHS // epochs
    return _mnist()[np.minimum(place, _MNIST_EPOCHS - 1)]


@cache
def _mnist() -> NDArray[np.float64]:
    text = files("latscape.studies.zbo").joinpath("mnist_schedule.json").read_text(encoding="utf-8")
    return np.array(json.loads(text)["beta_c"])


CONTENDERS: Mapping[str, Contender] = {
    "vae": Contender("Vanilla VAE", "vanilla VAE", _vanilla),
    "vae_study": Contender(
        "VAE with the study's settings", "VAE with the study's settings", lambda spec, best, seed: plain(spec, seed)
    ),
    "constant": Contender("jrVAE, β = 1 throughout", "constant weight", _scheduled(lambda epochs: 1.0)),
    "hand_made": Contender("jrVAE, hand-made schedule", "hand-made schedule", _scheduled(hand_made)),
    "mnist": Contender("jrVAE, schedule found on MNIST", "schedule of MNIST", _scheduled(found_on_mnist)),
    "zbo": Contender("jrVAE, schedule found by zBO", "zBO schedule", searched),
}
TITLES = {key: one.title for key, one in CONTENDERS.items()}
#: Those of figure 7, in its order, and of figures 9, 11 and A1.
DIGITS = ("vae", "constant", "hand_made", "zbo")
PARTICLES = ("vae", "vae_study", "constant", "mnist", "zbo")


def contenders(spec: ZboSpec) -> dict[str, Contender]:
    """The ways of training that are compared, in order."""
    return {key: CONTENDERS[key] for key in (PARTICLES if spec.data == "plasmonics" else DIGITS)}
