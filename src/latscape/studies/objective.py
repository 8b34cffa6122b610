"""The expensive function of zBO: train a joint autoencoder along a trajectory, and score it without labels.

Table 2 of Biswas et al. 2023 (arXiv:2207.00128), with three further label-free objectives.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.population import fit_together
from latscape.campaign.evaluate import Outcome, Trial
from latscape.errors import TrainingError
from latscape.metrics.clustering import accuracy, agreement, class_information, extracted, nmi, purity, used_classes
from latscape.metrics.manifold import between_classes, within_classes
from latscape.random import derive_seed

Images = NDArray[np.floating]
Labels = NDArray[np.integer]
Build = Callable[[NDArray[np.floating], int], VAE]  # (trajectory, seed) -> unfitted model

#: Objectives by name, all to be maximized, all without labels, from the scores of one evaluation.
OBJECTIVES: dict[str, Callable[[dict[str, float]], float]] = {
    "l1": lambda scores: scores["l1"],
    "l1-l2": lambda scores: scores["l1"] - scores["l2"],
    "elbo": lambda scores: scores["elbo"],
    "agreement": lambda scores: scores["agreement"],
    "information": lambda scores: scores["information"],
}


@dataclass(frozen=True)
class TrainAndScore:
    """Evaluator of a trajectory: trains on a fixed subset, scores on a fixed grid, fixed pairs and held-out images.

    Attributes
    ----------
    build : callable
        (trajectory, seed) -> unfitted estimator.
    images : ndarray, shape (n, height, width)
        The subset every evaluation trains on.
    held_out : ndarray
    objective : str
        A name in `OBJECTIVES`.
    grid : int
    pairs : ndarray, shape (k, 2)
        Pairs of grid cells for the within-class loss.
    labels : ndarray, optional
        Of the held-out images: accuracy and NMI are then recorded beside the objective, which never sees them.
    members : int
        Models an ensemble's agreement is taken over, which only that objective trains.
    looks : tuple of int
        Cycles after which the objective is taken on the way, to end hopeless evaluations; none for "agreement".
    """

    build: Build
    images: Images
    held_out: Images
    objective: str
    grid: int
    pairs: NDArray[np.integer]
    labels: Labels | None = None
    members: int = 3
    looks: tuple[int, ...] = ()

    def __call__(self, trajectory: NDArray[np.floating], trial: Trial) -> Outcome:
        """Train, report every cycle, score what came of it; one that is hopeless is scored as it is by then."""
        model, *others = self.models(trajectory, trial.seed)

        def hopeless(cycle: int, model: VAE) -> bool:
            return cycle + 1 in self.looks and not others and trial.hopeless(cycle, self.value(model))

        model.fit(self.images, on_cycle=lambda cycle, means: trial.report(cycle, **means), until=hopeless)
        outcome = self.score([model, *(other.fit(self.images) for other in others)])
        return replace(outcome, metrics=outcome.metrics | {"cycles": float(len(model.history_["loss"]))})

    def value(self, model: VAE) -> float:
        """The objective of one model, trained or half trained."""
        return OBJECTIVES[self.objective](label_free_scores(model, self.held_out, self.grid, self.pairs))

    def models(self, trajectory: NDArray[np.floating], seed: int) -> list[VAE]:
        """The unfitted models one evaluation trains: one, or for their agreement an ensemble."""
        further = range(1, self.members if self.objective == "agreement" else 1)
        return [self.build(trajectory, one) for one in (seed, *(derive_seed(seed, "member", k) for k in further))]

    def score(self, models: Sequence[VAE]) -> Outcome:
        """Score the fitted models of one evaluation."""
        model = models[0]
        predicted = model.predict(self.held_out)
        scores = label_free_scores(model, self.held_out, self.grid, self.pairs)
        if self.objective == "agreement":
            scores["agreement"] = agreement([predicted, *(other.predict(self.held_out) for other in models[1:])])
        value = OBJECTIVES[self.objective](scores)
        return Outcome(value, scores | class_scores(predicted, model.classes, self.labels))


def train_and_score_together(
    requests: Sequence[tuple[TrainAndScore, NDArray[np.floating], int]], at_once: int = 32
) -> list[Outcome | TrainingError]:
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


def label_free_scores(model: VAE, held_out: Images, grid: int, pairs: NDArray[np.integer]) -> dict[str, float]:
    """l1, l2, ELBO and class information of one joint model."""
    told = {"elbo": model.score(held_out), "information": class_information(model.predict_proba(held_out))}
    return manifold_scores(model, grid, pairs) | told


def manifold_scores(model: VAE, grid: int, pairs: NDArray[np.integer]) -> dict[str, float]:
    """l1 between classes and l2 within classes of the model's canonical images."""
    manifold = model.manifold(size=grid)
    return {"l1": between_classes(manifold), "l2": within_classes(manifold, pairs) if len(pairs) else 0.0}


def class_scores(predicted: NDArray[np.integer], classes: int, labels: Labels | None) -> dict[str, float]:
    """Used classes, and with labels accuracy, NMI, purity and how many labels have a class of their own."""
    scores = {"used_classes": float(used_classes(predicted, classes))}
    if labels is not None:
        scores |= {
            "accuracy": accuracy(labels, predicted),
            "nmi": nmi(labels, predicted),
            "purity": purity(labels, predicted),
            "extracted": float(extracted(labels, predicted)),
        }
    return scores
