"""Latent Bayesian optimization of the training trajectory of a joint autoencoder, end to end.

Each stage is a function of the settings and of what the record holds already, so a run that was cut continues where it
stood: the latent plane, the campaign, then one contender of the comparison after the other.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.saved import load
from latscape.campaign.evaluate import Trial, run_evaluator
from latscape.campaign.evaluation import Evaluation
from latscape.campaign.events import EvaluationEnded, Event
from latscape.campaign.loop import Campaign
from latscape.campaign.prune import Worse
from latscape.campaign.record import Record
from latscape.campaign.result import Result
from latscape.errors import RecordError
from latscape.metrics.manifold import draw_pairs
from latscape.random import derive_seed, numpy_generator
from latscape.studies.comparison import Contender, compare
from latscape.studies.contenders import contenders, joint, keys, searched
from latscape.studies.objective import TrainAndScore
from latscape.studies.run import RECORD
from latscape.studies.searches import families, length
from latscape.studies.settings import Settings
from latscape.studies.split import Split, split
from latscape.trajectories.space import TrajectorySpace

#: (stage, done, total, note): called whenever something moved on.
Progress = Callable[[str, int, int, str], None]

#: Shares of the cycles after which a hopeless training may be ended.
LOOKS = (0.5, 0.75)


def _silent(stage: str, done: int, total: int, note: str) -> None:
    pass


@dataclass
class Study:
    """One study in one folder: run it, continue it, or look at what it found.

    Attributes
    ----------
    settings : Settings
    folder : Path
    record : Record
    """

    settings: Settings
    folder: Path
    record: Record

    @classmethod
    def create(cls, settings: Settings, folder: Path, command: str = "") -> "Study":
        """Start a new record in `folder`."""
        record = Record.create(folder / RECORD, {"study": "zbo", "settings": settings.as_dict(), "seed": settings.seed})
        record.put("command", command)
        return cls(settings, folder, record)

    @classmethod
    def open(cls, folder: Path, *, readonly: bool = True) -> "Study":
        """Open the record that `folder` holds."""
        record = Record.open(folder / RECORD, readonly=readonly)
        try:
            settings = Settings(**record.config["settings"])
        except (KeyError, TypeError) as error:
            record.close()
            raise RecordError("the record of a zBO study", folder, "`latscape runs` for those there are") from error
        return cls(settings, folder, record)

    def run(self, progress: Progress = _silent) -> None:
        """Do whatever is still to do."""
        self.search(progress)
        self._baseline(self.images)
        for contender in self.contenders():
            for repeat in range(self.settings.repeats):
                self.compare(contender, repeat, progress)
        self.record.put("finished", True)

    def search(self, progress: Progress = _silent) -> None:
        """The latent plane and the campaign, without the comparison."""
        images = self.images  # bad data shows before anything is computed
        self.record.claim("images", images.fingerprint)
        space = self.fit_space(progress)
        self.record.put("r2", space.r2_)
        self._keep_landscape(self._campaign(space, images, progress))

    # --- what is known before anything runs ---

    @cached_property
    def images(self) -> Split:
        """The images of the study."""
        return split(self.settings)

    @cached_property
    def pairs(self) -> NDArray[np.int64]:
        """Pairs of grid cells for the within-class loss, the same for every evaluation."""
        if self.settings.grid == 1:
            return np.empty((0, 2), dtype=np.int64)
        return draw_pairs(self.settings.grid**2, self.settings.pairs, numpy_generator(self.settings.seed, "pairs"))

    def model(self, trajectory: Any, seed: int) -> VAE:
        """The joint autoencoder under study along a trajectory of what is searched."""
        return searched(self.settings, trajectory, seed)

    def contenders(self) -> list[Contender]:
        """The ways of training that are compared; the last needs a finished campaign."""
        return contenders(self.settings, self.optimum.decoded)

    # --- stages ---

    def fit_space(self, progress: Progress = _silent) -> TrajectorySpace:
        """The latent plane: fitted once, then read from the run's folder."""
        s, path = self.settings, self.folder / "models" / "trajectories.safetensors"
        space = TrajectorySpace(
            families(s),
            length=length(s),
            feasible=lambda x: (x > 0) & (x <= s.high),
            cycles=s.space_cycles,
            learning_rate=s.space_learning_rate,
            draws=s.space_draws,
        )
        if path.exists():
            return _quietly(space.fit, s.seed, model=load(path))
        _quietly(
            space.fit,
            s.seed,
            on_cycle=lambda cycle, means: progress(
                "latent plane", cycle + 1, s.space_cycles, f"loss {means['loss']:.2f}"
            ),
        )
        space.model_.save(path)
        return space

    def evaluator(self, images: Split) -> TrainAndScore:
        """The expensive function."""
        s = self.settings
        looks = () if s.prune is None else tuple(round(s.cycles * part) for part in LOOKS)
        return TrainAndScore(
            self.model, images.subset, images.held_out, s.objective, s.grid, self.pairs, images.labels, looks=looks
        )

    def _campaign(self, space: TrajectorySpace, images: Split, progress: Progress) -> Result:
        s = self.settings
        campaign = Campaign(space, s.surrogate(), acquire=s.acquire, seed=s.seed, record=self.record)

        def watch(event: Event) -> None:
            if isinstance(event, EvaluationEnded):
                progress("campaign", event.finished, event.budget + 1, _note(event))

        return campaign.run(
            self.evaluator(images),
            starts=s.starts,
            budget=s.budget,
            tolerance=s.tolerance,
            observers=(watch,),
            prune=None if s.prune is None else Worse(s.prune),
        )

    def _keep_landscape(self, result: Result) -> None:
        landscape = {"candidates": result.candidates.tolist(), "mean": result.mean.tolist(), "std": result.std.tolist()}
        self.record.put("landscape", landscape | {"stopped": result.stopped})

    def _baseline(self, images: Split) -> None:
        """The objective at beta = 1, on the images and with the scores of the campaign: what the search must beat."""
        if self.record.get("baseline") is None:
            trial = Trial(self.settings.budget + 1, derive_seed(self.settings.seed, "baseline"))
            evaluator = replace(self.evaluator(images), build=partial(joint, self.settings))
            attempt = run_evaluator(evaluator, np.ones(self.settings.cycles), trial)
            self.record.put("baseline", {"value": attempt.value, "error": attempt.error, "metrics": attempt.metrics})

    def compare(self, contender: Contender, repeat: int = 0, progress: Progress = _silent) -> None:
        """Train one contender and keep it and its scores, unless that is done."""
        s, images, name = self.settings, self.images, f"comparison/{contender.key}/{repeat}"
        if self.record.get(name) is not None:
            return
        note = f"{contender.title}" + (f", seed {repeat + 1} of {s.repeats}" if s.repeats > 1 else "")
        model, scores = compare(
            contender,
            images.training,
            images.held_out,
            images.labels,
            classes=s.classes,
            grid=s.grid,
            pairs=self.pairs,
            seed=derive_seed(s.seed, "comparison", repeat),
            restarts=s.restarts,
            moves=s.moves,
            on_cycle=lambda cycle, means: progress("comparison", cycle + 1, s.cycles, note),
        )
        model.save(self.folder / "models" / f"{contender.key}-{repeat}.safetensors")
        self.record.put(name, scores)

    # --- findings ---

    @property
    def evaluations(self) -> list[Evaluation]:
        """All evaluations so far, in order."""
        return self.record.evaluations()

    @property
    def best(self) -> Evaluation:
        """The best evaluated point."""
        return max((e for e in self.evaluations if e.value is not None), key=lambda e: float(e.value or 0.0))

    @property
    def optimum(self) -> Evaluation:
        """The evaluation at the maximum of the GP mean, the paper's optimum; the best one where that failed."""
        found = [e for e in self.evaluations if e.role == "optimum" and e.value is not None]
        return found[-1] if found else self.best

    @property
    def finished(self) -> bool:
        """Whether every stage is done."""
        return bool(self.record.get("finished"))

    def comparison(self) -> dict[str, list[dict[str, float]]]:
        """Scores of every repeat by contender, as far as they exist."""
        table = {
            key: [self.record.get(f"comparison/{key}/{k}") for k in range(self.settings.repeats)]
            for key in keys(self.settings)
        }
        return {key: [row for row in rows if row] for key, rows in table.items() if any(rows)}

    def trained(self, key: str, repeat: int = 0) -> VAE:
        """A model of the comparison, read from the run's folder."""
        return load(self.folder / "models" / f"{key}-{repeat}.safetensors")


def _quietly(fit: Callable[..., TrajectorySpace], seed: int, **options: Any) -> TrajectorySpace:
    """Fit without warnings of poor families: the record holds their R2, and whoever shows it says so once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return fit(seed, **options)


def _note(event: EvaluationEnded) -> str:
    one, best = event.evaluation, event.best
    value = f"{one.value:.3f}" if one.value is not None else f"failed ({one.error})"
    return f"{one.role} {value}" + (f", best {best.value:.3f}" if best and best.value is not None else "")
