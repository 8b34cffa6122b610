"""The expensive function of zBO: train a joint autoencoder along a trajectory, and score it without labels.

Table 2 of Biswas et al. 2023 (arXiv:2207.00128), with three further label-free objectives.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from latscape import parts
from latscape.autoencoders import VAE
from latscape.autoencoders.population import fit_together
from latscape.campaign.evaluate import EvaluationResult, Trial
from latscape.errors import TrainingError
from latscape.metrics import between_classes, class_information, ensemble_agreement, within_classes
from latscape.random import derive_seed
from latscape.studies.shared.scores import class_scores
from latscape.studies.zbo.trial_files import TrialFiles

Images = NDArray[np.floating]
Labels = NDArray[np.integer]
Scores = Mapping[str, float]
Build = Callable[[NDArray[np.floating], int], VAE]  # (trajectory, seed) -> unfitted model


class Objective:
    """What a campaign maximizes, from the label-free scores of one evaluation; each is a registered part.

    Attributes
    ----------
    score : str
        The one it is, unless `__call__` makes it of several.
    heading : str
        On the axes of pictures.
    members : int
        Models that an evaluation trains; with several, their "agreement" is among the scores.
    validated : bool
        Whether it looks at the images kept for validation.
    """

    score = ""
    heading = ""
    members = 1
    validated = False

    def __call__(self, scores: Scores) -> float:
        """The number to be maximized."""
        return scores[self.score]


@dataclass(frozen=True)
class L1(Objective):
    """SSIM loss between the canonical images of classes, see `latscape.metrics.manifold`."""

    score, heading = "l1", "l1, SSIM loss between classes"


@dataclass(frozen=True)
class L2(Objective):
    """SSIM loss within classes: shown beside the objectives, but none itself."""

    score, heading = "l2", "l2, SSIM loss within classes"


@dataclass(frozen=True)
class L1LessL2(Objective):
    """SSIM loss between classes less that within them."""

    heading = "l1 - l2, SSIM loss"

    def __call__(self, scores: Scores) -> float:
        """l1 - l2."""
        return scores["l1"] - scores["l2"]


@dataclass(frozen=True)
class Elbo(Objective):
    """Evidence lower bound of the validation images [nat]."""

    score, heading, validated = "elbo", "held-out ELBO [nat per image]", True


@dataclass(frozen=True)
class Agreement(Objective):
    """Mean pairwise normalized mutual information, 0 to 1, of the classes of an ensemble, on the validation images."""

    members: int = 3
    score, heading, validated = "agreement", "agreement of an ensemble (NMI)", True


@dataclass(frozen=True)
class Information(Objective):
    """Mutual information of the validation images and their classes [nat]."""

    score, heading, validated = "information", "what the classes tell of the images [nat]", True


@dataclass(frozen=True)
class PlainObjective(Objective):
    """A function of the scores that somebody registered as it is."""

    function: Callable[[Scores], float]
    heading: str = ""

    def __call__(self, scores: Scores) -> float:
        """What the function says."""
        return self.function(scores)


def build_objective(text: str) -> Objective:
    """The objective that words stand for.

    Examples
    --------
    >>> build_objective("l1-l2")({"l1": 3.0, "l2": 1.0}), build_objective("agreement:5").members
    (2.0, 5)
    """
    made = parts.build_part("objective", text)
    return made if isinstance(made, Objective) else PlainObjective(made, text)


@dataclass(frozen=True)
class TrainAndScore:
    """Evaluator of a trajectory: trains on a fixed subset, scores on a fixed grid, fixed pairs and held-out images.

    Attributes
    ----------
    build : callable
        (trajectory, seed) -> unfitted estimator.
    images : ndarray, shape (n, height, width)
        The subset every evaluation trains on.
    pairs : ndarray, shape (k, 2)
        Pairs of grid cells for the within-class loss.
    labels : ndarray, optional
        Of the held-out images: accuracy and NMI are then recorded beside the objective, which never sees them.
    looks : tuple of int
        Epochs after which the objective is taken on the way, to end hopeless evaluations; none for ensembles.
    checkpoint : Path, optional
        How the names of files begin in which trainings keep their state, ten times each, until they are scored: the
        same trial called again goes on from there.
    """

    build: Build
    images: Images
    validation: Images
    objective: Objective
    grid: int
    pairs: NDArray[np.integer]
    labels: Labels | None = None
    looks: tuple[int, ...] = ()
    checkpoint: Path | None = None

    def __call__(self, trajectory: NDArray[np.floating], trial: Trial) -> EvaluationResult:
        """Train, report every epoch, score what came of it; one that is hopeless is scored as it is by then."""
        model, *others = self.models(trajectory, trial.seed)
        files, every = TrialFiles(self.checkpoint, trial.index), max(1, model.epochs // 10)
        trial.rows[:] = files.reports()

        def report(epoch: int, means: Scores) -> None:
            trial.rows[:] = [row for row in trial.rows if row["step"] < epoch]  # an earlier sitting may have been ahead
            trial.report(epoch, **means)
            files.keep(trial.rows)

        def hopeless(epoch: int, model: VAE) -> bool:
            if epoch + 1 not in self.looks or others:
                return False
            given_up = trial.should_prune(epoch, self.value(model))
            files.keep(trial.rows)
            return given_up

        model.fit(self.images, on_epoch=report, until=hopeless, checkpoint=files.checkpoint(0), every=every)
        for k, other in enumerate(others, start=1):
            other.fit(self.images, checkpoint=files.checkpoint(k), every=every)
        trial.rows[:] = _completed(trial.rows, model.history_)
        outcome = self.score([model, *others])
        files.remove()
        return replace(outcome, metrics=outcome.metrics | {"epochs": float(len(model.history_["loss"]))})

    def value(self, model: VAE) -> float:
        """The objective of one model, trained or half trained."""
        return self.objective(label_free_scores(model, self.validation, self.grid, self.pairs))

    def models(self, trajectory: NDArray[np.floating], seed: int) -> list[VAE]:
        """The unfitted models one evaluation trains: one, or for their agreement an ensemble."""
        further = [derive_seed(seed, "member", k) for k in range(1, self.objective.members)]
        return [self.build(trajectory, one) for one in (seed, *further)]

    def score(self, models: Sequence[VAE]) -> EvaluationResult:
        """Score the fitted models of one evaluation."""
        model = models[0]
        predicted = model.predict(self.validation)
        scores = label_free_scores(model, self.validation, self.grid, self.pairs)
        if len(models) > 1:
            scores["agreement"] = ensemble_agreement(
                [predicted, *(other.predict(self.validation) for other in models[1:])]
            )
        return EvaluationResult(self.objective(scores), scores | class_scores(predicted, model.classes, self.labels))


def _completed(rows: Sequence[dict[str, float]], history: Mapping[str, Sequence[float]]) -> list[dict[str, float]]:
    """Reports of every epoch, also of one whose checkpoint was written but whose report was not."""
    reported = {row["step"]: row for row in rows}
    means = [dict(zip(history, row, strict=True)) for row in zip(*history.values(), strict=True)]
    return [{"step": float(k)} | row | reported.get(float(k), {}) for k, row in enumerate(means)]


def train_and_score_together(
    requests: Sequence[tuple[TrainAndScore, NDArray[np.floating], int]], at_once: int = 32
) -> list[EvaluationResult | TrainingError]:
    """Evaluate many trajectories, of one campaign or of several, in populations of up to `at_once` models.

    Parameters
    ----------
    requests : sequence of (evaluator, trajectory, seed)
        Of evaluators whose models differ in nothing but seed and schedules.

    Returns
    -------
    list
        An outcome for every request, or the error its training ended with.
    """
    groups = [evaluator.models(trajectory, seed) for evaluator, trajectory, seed in requests]
    todo = [(model, request[0].images) for request, group in zip(requests, groups, strict=True) for model in group]
    errors: dict[int, TrainingError | None] = {}
    for start in range(0, len(todo), at_once):
        models, images = zip(*todo[start : start + at_once], strict=True)
        errors |= zip(map(id, models), fit_together(models, list(images)), strict=True)
    return [
        next((error for model in group if (error := errors[id(model)])), None) or evaluator.score(group)
        for (evaluator, _, _), group in zip(requests, groups, strict=True)
    ]


def label_free_scores(model: VAE, validation: Images, grid: int, pairs: NDArray[np.integer]) -> dict[str, float]:
    """l1 between and l2 within the classes of the canonical images, ELBO and class information of one joint model."""
    manifold = model.manifold(size=grid)
    return {
        "l1": between_classes(manifold),
        "l2": within_classes(manifold, pairs) if len(pairs) else 0.0,
        "elbo": model.score(validation),
        "information": class_information(model.predict_proba(validation)),
    }
