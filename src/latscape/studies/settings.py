"""What a zBO study of images is told: one flat, JSON-able record, and its presets."""

import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from latscape.campaign.acquire import acquisition
from latscape.campaign.stop import negligible_improvement
from latscape.errors import InputError
from latscape.gp.exact import Exact
from latscape.studies.objective import OBJECTIVES
from latscape.studies.searches import SEARCHES
from latscape.trajectories.families import FAMILIES


def _known(what: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    wrong = [name for name in names if name not in known]
    if wrong:
        raise InputError(f"{what} among {', '.join(known)}", ", ".join(map(repr, wrong)), known[0])


#: Smallest whole numbers that make a study.
LEAST = {"classes": 2, "cycles": 2, "images": 10, "final_images": 10, "held_out": 10, "starts": 2, "grid": 1}
LEAST |= {"turns": 1, "rank": 1, "pairs": 1, "batch": 1, "repeats": 1, "space_cycles": 1, "space_draws": 2}
LEAST |= {"restarts": 1, "moves": 0}
#: Whole numbers that may be None.
LEAST_IF_GIVEN = {"window": 8, "hidden": 1}
POSITIVE = ("low", "high", "sigma", "learning_rate", "learning_rate_end", "space_learning_rate", "shift", "scale")
POSITIVE += ("beta_pose", "beta_d_start", "beta_c", "capacity")


@dataclass(frozen=True)
class Settings:
    """Settings of `latscape zbo`; the defaults are those of the preset `quick`.

    Attributes
    ----------
    data : str
        "mnist", "plasmonics" (clusters of 1 to `classes` gold particles), or the path of a stack of images.
    window : int or None
        Side of the window that every model sees of an image [pixels]: around its bright particles, whose mean is 1, on
        a support that is levelled to 0 (`latscape.studies.nanoparticles.windows`). None: the images as they are.
    preset : str
        The preset these settings started from.
    classes : int
    cycles : int
        N, training cycles and length of a trajectory.
    images : int
        Size of the random subset on which trajectories are evaluated.
    final_images : int
        Images on which the models are compared afterwards.
    held_out : int
        Images nothing is trained on: ELBO, accuracy and NMI are measured on them.
    starts, budget : int
        Random first evaluations; all evaluations, these included.
    families : tuple of str
        Names in `latscape.trajectories.families.FAMILIES`.
    low, high : float
        Common range of the families; decoded values must lie in (0, high].
    search : str
        What is searched: "beta_c", "both" (beta_c and beta_d, a trajectory of 2N numbers) or "capacity" (of the
        content, C(t) of Dupont 2018).
    beta_c : float
        Weight of |KL - C(t)| of the content where its capacity is searched.
    capacity : float
        Largest capacity [nat]; a trajectory that reaches `high` reaches it.
    beta_d : float
        Where it is not searched.
    beta_d_start : float or None
        What beta_d comes down from, in a line from a fifth to seven tenths of the cycles. While it is high, every
        class has a share in every image, so that none falls out of use before there is anything to tell apart. None:
        constant.
    information : float
        Weight of what the classes of a batch could tell of its images but do not
        (`latscape.autoencoders.terms.untold`): for kinds that are about equally frequent. 0: no such term.
    rank : int
        Images that the decoder mixes per class; few leave to the classes what content could explain.
    sigma : float or None
        Deviation of a Gaussian likelihood; None for Bernoulli.
    learning_rate, batch
        Of the models under study.
    learning_rate_end : float or None
        What the learning rate comes down to in the last two fifths of the cycles; None: it is constant.
    hidden : int or None
        Width of the two layers of the joint models' encoder, with GELU; None: 128 tanh units.
    turns : int
        First guesses of the angle over a full turn; see `latscape.Rotation`.
    shift, scale : float or None
        Prior widths of further factors of pose [half sides; logarithm]; None leaves them out.
    beta_pose : float or None
        Weight of the divergence of the pose; None: that of the content.
    objective, acquire : str
    tolerance : float or None
        Stop when the largest expected improvement falls below this share of the spread of values (only for the EI
        family); None spends the whole budget.
    prune : float or None
        End a training after a half or three quarters of its cycles where its objective is worse than this
        share of those before it (`latscape.campaign.Worse`); None trains all to the end.
    grid, pairs : int
        The manifold has grid x grid cells; the within-class loss is taken over this many pairs of cells.
    space_cycles, space_learning_rate, space_draws
        Of the trajectory VAE.
    gp_optimizer, gp_learning_rate, gp_steps, gp_priors, gp_noise
        Of the Gaussian process; see `latscape.gp.Exact`.
    repeats : int
        Seeds per model in the final comparison.
    restarts : int
        Trainings of a joint model in the final comparison, of which the one counts whose classes tell most of the
        training images (`latscape.metrics.class_information`, without labels).
    moves : int
        At most so many exchanges of two classes for two others, after which it is trained on for half the cycles
        (`latscape.split_merge`), also without labels.
    seed : int
    """

    data: str = "mnist"
    preset: str = "quick"
    window: int | None = None
    classes: int = 10
    cycles: int = 30
    images: int = 1000
    final_images: int = 5000
    held_out: int = 2000
    starts: int = 8
    budget: int = 20
    families: tuple[str, ...] = ("cooldown", "segments")
    low: float = 0.1
    high: float = 40.0
    search: str = "beta_c"
    beta_c: float = 10.0
    capacity: float = 5.0
    beta_d: float = 3.0
    beta_d_start: float | None = None
    information: float = 0.0
    rank: int = 16
    sigma: float | None = None
    learning_rate: float = 1e-3
    learning_rate_end: float | None = None
    batch: int = 100
    hidden: int | None = None
    turns: int = 1
    shift: float | None = None
    scale: float | None = None
    beta_pose: float | None = None
    objective: str = "l1"
    acquire: str = "ei"
    tolerance: float | None = None
    prune: float | None = None
    grid: int = 5
    pairs: int = 50
    space_cycles: int = 200
    space_learning_rate: float = 1e-3
    space_draws: int = 300
    gp_optimizer: str = "lbfgs"
    gp_learning_rate: float = 1e-4
    gp_steps: int = 1000
    gp_priors: bool = True
    gp_noise: str = "broad"
    repeats: int = 1
    restarts: int = 1
    moves: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "families", tuple(self.families))
        self._check()

    def surrogate(self) -> Exact:
        """The Gaussian process these settings ask for."""
        return Exact(
            optimizer=self.gp_optimizer,
            learning_rate=self.gp_learning_rate,
            steps=self.gp_steps,
            priors=self.gp_priors,
            noise=self.gp_noise,
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {**asdict(self), "families": list(self.families)}

    def _check(self) -> None:
        for name, bound in LEAST.items():
            value = getattr(self, name)
            if not isinstance(value, int) or value < bound:
                raise InputError(f"{name} to be a whole number of at least {bound}", value, f"{name}={bound}")
        for name, bound in LEAST_IF_GIVEN.items():
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < bound):
                raise InputError(f"{name} to be a whole number of at least {bound}", value, f"{name}={4 * bound}")
        for name in POSITIVE:
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise InputError(f"{name} to be positive", value, f"{name}={getattr(type(self), name) or 0.3}")
        if self.data == "plasmonics" and self.classes > 7:
            raise InputError("2 to 7 classes for plasmonics, as many as there are counts", self.classes, "classes=7")
        for name, other in (("beta_d", 3), ("information", 10)):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise InputError(f"{name} of at least zero", value, f"{name}={other}")
        if self.images > self.final_images:
            raise InputError(f"at most final_images={self.final_images} images", self.images, "fewer images")
        if self.budget < self.starts:
            raise InputError(
                f"a budget of at least the {self.starts} starts", self.budget, f"budget={self.starts + 12}"
            )
        cells = self.grid**2
        if self.grid > 1 and self.pairs > cells * (cells - 1) // 2:
            raise InputError(
                f"at most {cells * (cells - 1) // 2} pairs for a {self.grid} x {self.grid} grid",
                self.pairs,
                "fewer pairs",
            )
        if not self.families:
            raise InputError("at least one family", "none", "families=('cooldown',)")
        _known("families", self.families, tuple(FAMILIES))
        _known("objective", (self.objective,), tuple(OBJECTIVES))
        _known("search", (self.search,), tuple(SEARCHES))
        if not 0 < self.low < self.high:
            raise InputError("0 < low < high", f"low={self.low}, high={self.high}", "low=0.1, high=40")
        acquisition(self.acquire)
        self.surrogate()
        if self.tolerance is not None:
            negligible_improvement(self.tolerance, self.acquire)
        if self.prune is not None:
            if not 0 < self.prune < 1:
                raise InputError("prune to be a share between 0 and 1", self.prune, "prune=0.5")
            if self.objective == "agreement":
                raise InputError("an objective of one model where prune is set", "agreement", 'objective="l1"')


PRESETS: dict[str, Settings] = {
    "quick": Settings(),
    # Section 2.3 of Biswas et al. 2023; the budget counts the 20 starts and the 120 iterations.
    "paper": Settings(
        preset="paper",
        cycles=120,
        final_images=60_000,
        starts=20,
        budget=140,
        space_cycles=1000,
        space_learning_rate=1e-4,
        space_draws=500,
        gp_optimizer="adam",
        gp_learning_rate=1e-4,
        gp_priors=False,
    ),
}


# Section 3 of the paper; it does not say how large its images are or which factors of pose its models know. What both
# presets share was chosen on images of seeds from 1000: the window, several starts of the angle, and classes that cost
# enough (beta_d) to stay undecided at first, but are asked to tell what they can, as all counts are equally frequent.
_PARTICLES = {"data": "plasmonics", "classes": 3, "window": 24, "turns": 6, "shift": 0.06, "scale": 0.15}
_PARTICLES |= {"beta_pose": 1.0, "information": 10.0, "hidden": 256, "objective": "l1-l2", "moves": 4}
_PARTICLES |= {"families": ("cooldown", "segments", "periodic")}

PLASMONICS: dict[str, Settings] = {
    "quick": Settings(
        **_PARTICLES,
        cycles=16,
        images=900,
        final_images=1500,
        held_out=1000,
        starts=4,
        budget=7,
        beta_d=10.0,
        learning_rate=2e-3,
        learning_rate_end=1e-4,
        batch=40,
    ),
    "paper": replace(
        PRESETS["paper"],
        **_PARTICLES,
        cycles=200,
        final_images=5000,
        budget=120,
        beta_d=0.01,
        sigma=0.01,
        learning_rate=1e-4,
        tolerance=0.01,
        space_cycles=2000,
    ),
}


def preset(name: str, **changes: Any) -> Settings:
    """Settings of a preset, those of the data that `changes` names, with some of them changed; None changes nothing.

    Examples
    --------
    >>> preset("paper", seed=3).cycles
    120
    """
    _known("preset", (name,), tuple(PRESETS))
    known = {field.name for field in fields(Settings)}
    _known("settings", tuple(changes), tuple(sorted(known)))
    presets = PLASMONICS if changes.get("data") == "plasmonics" else PRESETS
    return replace(presets[name], **{key: value for key, value in changes.items() if value is not None})
