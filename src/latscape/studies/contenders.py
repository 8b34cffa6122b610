"""The models of a zBO study: the joint autoencoder whose schedule is searched, and those it is compared with."""

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian
from latscape.autoencoders.presets import jrvae, vae
from latscape.autoencoders.terms import untold
from latscape.curves import Schedule, cooldown
from latscape.nets.encoders import DenseEncoder
from latscape.nets.warp import WarpDecoder
from latscape.studies.comparison import Contender, hand_made
from latscape.studies.searches import schedules
from latscape.studies.settings import Settings

#: Keys of the contenders in the order of figure 7, and for the particles of figures 9, 11 and A1.
CONTENDERS = ("vae", "constant", "hand_made", "zbo")
PARTICLES = ("vae", "vae_study", "constant", "mnist", "zbo")
#: Cycles of the particles' study and of the run on MNIST whose schedule is tried on it.
_CYCLES, _MNIST_CYCLES = 200, 120


def keys(settings: Settings) -> tuple[str, ...]:
    """Of the contenders of a study, in order."""
    return PARTICLES if settings.data == "plasmonics" else CONTENDERS


def contenders(settings: Settings, best: NDArray[np.floating]) -> list[Contender]:
    """The ways of training that are compared; `best` is the schedule that was found."""
    build: dict[str, Callable[[int], VAE]] = {
        "vae": partial(default, settings),
        "vae_study": partial(plain, settings),
        "constant": partial(joint, settings, 1.0),
        "hand_made": partial(joint, settings, hand_made(settings.cycles)),
        "mnist": partial(joint, settings, found_on_mnist(settings.cycles)),
        "zbo": partial(searched, settings, best),
    }
    if settings.data != "plasmonics":
        build["vae"] = build["vae_study"]
    return [Contender(key, NAMES[key], build[key]) for key in keys(settings)]


NAMES = {
    "vae": "VAE, mixture of Gaussians",
    "vae_study": "VAE with the study's settings",
    "constant": "jrVAE, β = 1",
    "hand_made": "jrVAE, hand-made β",
    "mnist": "jrVAE, β found on MNIST",
    "zbo": "jrVAE, zBO β",
}


def searched(settings: Settings, trajectory: NDArray[np.floating], seed: int) -> VAE:
    """The joint autoencoder under study along a trajectory of what is searched."""
    return _joint(settings, schedules(settings, trajectory), seed)


def joint(settings: Settings, beta_c: Schedule, seed: int) -> VAE:
    """The same with a given schedule of beta_c, whatever is searched."""
    return _joint(settings, {"beta_c": beta_c}, seed)


def _joint(settings: Settings, given: Mapping[str, Schedule], seed: int) -> VAE:
    s = settings
    beta_d = s.beta_d if s.beta_d_start is None else cooldown(s.beta_d_start, s.beta_d, start=0.2, end=0.7)
    rate = s.learning_rate
    return jrvae(
        s.classes,
        starts=s.turns,
        shift=s.shift,
        scale=s.scale,
        **{"beta_c": s.beta_c, "beta_d": beta_d, **given},  # pyright: ignore[reportArgumentType]
        beta_pose=s.beta_pose,
        terms={"untold": (untold, s.information)} if s.information else None,
        encoder=DenseEncoder() if s.hidden is None else DenseEncoder((s.hidden, s.hidden), "gelu"),
        decoder=WarpDecoder(rank=s.rank),
        likelihood=likelihood(s),
        cycles=s.cycles,
        batch=s.batch,
        learning_rate=rate if s.learning_rate_end is None else cooldown(rate, s.learning_rate_end, start=0.6),
        seed=seed,
    )


def plain(settings: Settings, seed: int) -> VAE:
    """The plain autoencoder, trained as the study trains."""
    s = settings
    return vae(likelihood=likelihood(s), cycles=s.cycles, batch=s.batch, learning_rate=s.learning_rate, seed=seed)


def default(settings: Settings, seed: int) -> VAE:
    """The plain autoencoder as it comes, with the study's number of cycles."""
    return vae(cycles=settings.cycles, seed=seed)


def likelihood(settings: Settings) -> Bernoulli | Gaussian:
    """What the settings say of it."""
    return Bernoulli() if settings.sigma is None else Gaussian(settings.sigma, bounded=True)


def found_on_mnist(cycles: int) -> NDArray[np.float64]:
    """The schedule that zBO found on MNIST in 120 cycles, its last value held for 80 more (figure A1 of the paper).

    For other numbers of cycles the same curve, at as many points.

    Examples
    --------
    >>> curve = found_on_mnist(200)
    >>> bool(curve[0] > 20 > 2 > curve[119]), set(curve[119:].tolist()) == {float(curve[119])}
    (True, True)
    """
    place = np.arange(cycles) * _CYCLES // cycles
    return _mnist()[np.minimum(place, _MNIST_CYCLES - 1)]


@cache
def _mnist() -> NDArray[np.float64]:
    text = files("latscape.studies").joinpath("mnist_schedule.json").read_text(encoding="utf-8")
    return np.array(json.loads(text)["beta_c"])
