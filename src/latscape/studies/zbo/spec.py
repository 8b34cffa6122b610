"""What may be chosen of a zBO run: its images, the search, the models, and the latent plane of schedules."""

# Options are frozen, so that narrower types than those of the shared ones are sound.
# pyright: reportIncompatibleVariableOverride=false

import math
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, ClassVar, Literal, Self

from pydantic import field_validator, model_validator

from latscape.errors import InputError
from latscape.options import default, option
from latscape.studies.shared.options import (
    NAMED,
    NetworkOptions,
    PoseOptions,
    SearchOptions,
    Seeded,
    TrainingOptions,
    Validation,
    WeightOptions,
    from_anywhere,
    sample_option,
    search_option,
    training_option,
)

comparison_option = partial(option, group="Comparison")
plane_option = partial(option, group="Latent plane of schedules")
#: Images for validation at least, where their number is given.
LEAST = 10

# Section 2.3 of Biswas et al. 2023; the budget counts the 20 initial schedules and the 120 iterations.
_PAPER: Mapping[str, Any] = {
    "epochs": 120,
    "final_images": 60_000,
    "n_initial": 20,
    "budget": 140,
    "space_epochs": 1000,
    "space_learning_rate": 1e-4,
    "space_draws": 500,
    "surrogate": "exact:optimizer=adam,learning_rate=1e-4,priors=no,noise=broad",
}

# Section 3 of the paper; it does not say how large its images are or which factors of pose its models know. What both
# presets share was chosen on images of seeds from 1000: the window, several orientations, and classes that cost enough
# (beta_d) to stay undecided at first, but are asked to tell what they can, as all counts are equally frequent.
_PARTICLES: Mapping[str, Any] = {
    "classes": 3,
    "window": 24,
    "n_orientations": 6,
    "shift": 0.06,
    "scale": 0.15,
    "beta_pose": "1",
    "term": ("mutual-information=10",),
    "encoder": "dense:256+256,gelu",
    "objective": "l1-l2",
    "n_split_merge": 4,
    "families": ("cooldown", "segments", "periodic"),
}

_PLASMONICS: Mapping[str, Mapping[str, Any]] = {
    "quick": {
        **_PARTICLES,
        "epochs": 16,
        "images": 900,
        "final_images": 1500,
        "validation": 1000,
        "n_initial": 4,
        "budget": 7,
        "beta_d": "10",
        "learning_rate": "cooldown:2e-3,1e-4,0.6",
        "batch_size": 40,
    },
    "paper": {
        **_PAPER,
        **_PARTICLES,
        "epochs": 200,
        "final_images": 5000,
        "budget": 120,
        "beta_d": "0.01",
        "likelihood": "gaussian:0.01,bounded=yes",
        "learning_rate": "1e-4",
        "tolerance": 0.01,
        "space_epochs": 2000,
    },
}


class ZboSpec(SearchOptions, TrainingOptions, WeightOptions, PoseOptions, NetworkOptions, Validation, Seeded):
    """Options of `latscape zbo`; the defaults are those of the preset `quick` for mnist."""

    data: str = option(
        ..., "File of samples, which are images (.npy, .h5, .tif, ...). Or mnist, plasmonics.", argument="FILE"
    )
    classes: int = sample_option(
        10, "Number of classes to look for; a file of your own needs it; for plasmonics 2 to 7.", ge=2
    )
    images: int = sample_option(1000, "Number of samples to use, a random subset on which schedules are tried.", ge=10)
    final_images: int = sample_option(5000, "Number of images on which the models are compared.", ge=10)
    validation: float = default(Validation, "validation", 2000)
    window: int | None = sample_option(
        None,
        "Side length of the window that models see, levelled and centred on the bright particles.",
        unset="whole images",
        unit="pixel",
        ge=8,
    )

    search: Literal["beta_c", "both", "capacity"] = search_option(
        "beta_c",
        "What is searched: the schedule of beta_c, of beta_c and beta_d both, or of the capacity of the content.",
    )
    n_initial: int = default(SearchOptions, "n_initial", 8, ge=2)
    budget: int = default(SearchOptions, "budget", 20)
    acquire: str = default(SearchOptions, "acquire", "ei")
    surrogate: str = default(SearchOptions, "surrogate", "exact:noise=broad")
    objective: str = search_option("l1", "Objective that is maximized, computed without labels.", part="objective")
    tolerance: float | None = search_option(
        None,
        "Stop the search when the largest expected improvement is below this share of the spread of values.",
        unset="the whole budget is used",
        gt=0,
    )
    prune: float | None = search_option(
        None,
        "End a training after a half or three quarters of its epochs if it is worse than this share of those before.",
        unset="every training goes to its end",
        gt=0,
        lt=1,
    )
    grid: int = search_option(5, "Number of cells along each side of the manifold that is scored.", ge=1)
    pairs: int = search_option(50, "Number of pairs of cells for the loss within classes (l2).", ge=1)

    epochs: int = default(TrainingOptions, "epochs", 30, ge=2)
    batch_size: int = default(TrainingOptions, "batch_size", 100)
    learning_rate: str = default(TrainingOptions, "learning_rate", "1e-3")
    beta_c: str = training_option(
        "10",
        "Weight beta_c of the KL divergence of the content z: a number or a schedule, used where the capacity is "
        "searched.",
    )
    beta_d: str = default(WeightOptions, "beta_d", "3")
    capacity: float = training_option(5.0, "Largest capacity of the content that is searched.", unit="nat", gt=0)
    decoder: str = default(NetworkOptions, "decoder", "warp:rank=16")

    repeats: int = comparison_option(1, "Number of seeds with which each model of the comparison is trained.", ge=1)
    n_restarts: int = comparison_option(
        1, "Number of trainings per joint model, of which the one counts whose classes tell most.", ge=1
    )
    n_split_merge: int = comparison_option(
        0, "Number of split-and-merge exchanges tried per joint model, after each of which it trains on.", ge=0
    )

    families: tuple[str, ...] = plane_option(
        ("cooldown", "segments"),
        "Families of schedules that the latent plane is learned of, comma-separated.",
        part="family",
    )
    low: float = plane_option(0.1, "Smallest weight that the families draw.", gt=0)
    high: float = plane_option(40.0, "Largest weight that a schedule may have.", gt=0)
    space_epochs: int = plane_option(200, "Number of training epochs of the trajectory VAE.", ge=1)
    space_draws: int = plane_option(
        300, "Number of trajectories that the trajectory VAE is trained on, of each family.", ge=2
    )
    space_learning_rate: float = plane_option(1e-3, "Learning rate of Adam for the trajectory VAE.", gt=0)

    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"quick": {}, "paper": _PAPER}
    renamed: ClassVar[Mapping[str, str]] = {
        "space_cycles": "--space-epochs",
        "held_out": "--validation",
        "batch": "--batch-size",
        "family": "--families",
        "turns": "--n-orientations",
        "restarts": "--n-restarts",
        "moves": "--n-split-merge",
        "sigma": "--likelihood gaussian:SIGMA,bounded=yes",
        "rank": "--decoder warp:rank=RANK",
        "hidden": "--encoder dense:HIDDEN+HIDDEN,gelu",
        "information": "--term mutual-information=WEIGHT",
        "beta_d_start": "--beta-d cooldown:START,END,0.2,0.7",
        "learning_rate_end": "--learning-rate cooldown:RATE,END,0.6",
        "gp_optimizer": "--surrogate exact:optimizer=adam",
        "gp_learning_rate": "--surrogate exact:optimizer=adam,learning_rate=1e-4",
        "gp_steps": "--surrogate exact:optimizer=adam,steps=1000",
        "gp_priors": "--surrogate exact:priors=no",
        "gp_noise": "--surrogate exact:noise=broad",
    }

    @classmethod
    def preset_values(cls, preset: str, changes: Mapping[str, Any]) -> Mapping[str, Any]:
        """Those of the data; for a file of one's own, nobody but its owner knows how many classes there are."""
        data = changes.get("data")
        if data == "plasmonics":
            return _PLASMONICS[preset]
        if data not in (None, *NAMED) and changes.get("classes") is None:
            from latscape.data.samples import sample_file

            sample_file(data)  # a missing file is said before anything that is missing for it
            hint = f"latscape zbo {data} --classes 4"
            raise InputError("a number of classes for images of your own", "none", hint)
        return super().preset_values(preset, changes)

    _absolute = field_validator("data")(from_anywhere)

    @field_validator("families", mode="before")
    @classmethod
    def _split(cls, value: str | Iterable[str]) -> tuple[str, ...]:
        texts = [value] if isinstance(value, str) else value
        return tuple(word.strip() for text in texts for word in text.split(",") if word.strip())

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.data == "plasmonics" and self.classes > 7:
            raise InputError("2 to 7 classes for plasmonics, as many as there are counts", self.classes, "--classes 7")
        if 1 <= self.validation < LEAST:
            raise InputError(f"at least {LEAST} images for validation, or a share", self.validation, "--validation 100")
        if self.images > self.final_images:
            expected = f"at most --final-images {self.final_images} images"
            raise InputError(expected, self.images, f"--images {self.final_images}")
        if self.budget < self.n_initial:
            expected = f"a budget of at least the {self.n_initial} initial schedules"
            raise InputError(expected, self.budget, f"--budget {self.n_initial + 12}")
        side, most = self.grid, math.comb(self.grid**2, 2)
        if side > 1 and self.pairs > most:
            raise InputError(f"at most {most} pairs for a {side} x {side} grid", self.pairs, f"--pairs {most}")
        if not self.families:
            raise InputError("at least one family", "none", "--families cooldown")
        if not self.low < self.high < math.inf:
            raise InputError("0 < low < high", f"low={self.low}, high={self.high}", "--low 0.1 --high 40")
        if math.inf in (self.capacity, self.space_learning_rate):
            raise InputError("a finite capacity and learning rate", "inf", "--capacity 5 --space-learning-rate 1e-3")
        return self


SPEC = ZboSpec
