"""The expensive function of zBO: train a joint autoencoder along a trajectory, and score it without labels.

Table 2 of Biswas et al. 2023 (arXiv:2207.00128), with two further label-free objectives.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders.estimator import VAE
from latscape.campaign.evaluate import Outcome, Trial
from latscape.metrics.clustering import accuracy, agreement, nmi, purity, used_classes
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
    """

    build: Build
    images: Images
    held_out: Images
    objective: str
    grid: int
    pairs: NDArray[np.integer]
    labels: Labels | None = None
    members: int = 3

    def __call__(self, trajectory: NDArray[np.floating], trial: Trial) -> Outcome:
        """Train, report every cycle, score."""
        model = self.build(trajectory, trial.seed)
        model.fit(self.images, on_cycle=lambda cycle, means: trial.report(cycle, **means))
        predicted = model.predict(self.held_out)
        scores = manifold_scores(model, self.grid, self.pairs) | {"elbo": model.score(self.held_out)}
        if self.objective == "agreement":
            others = [
                self.build(trajectory, derive_seed(trial.seed, "member", k)).fit(self.images)
                for k in range(1, self.members)
            ]
            scores["agreement"] = agreement([predicted, *(other.predict(self.held_out) for other in others)])
        value = OBJECTIVES[self.objective](scores)
        return Outcome(value, scores | class_scores(predicted, model.classes, self.labels))


def manifold_scores(model: VAE, grid: int, pairs: NDArray[np.integer]) -> dict[str, float]:
    """l1 between classes and l2 within classes of the model's canonical images."""
    manifold = model.manifold(size=grid)
    return {"l1": between_classes(manifold), "l2": within_classes(manifold, pairs) if len(pairs) else 0.0}


def class_scores(predicted: NDArray[np.integer], classes: int, labels: Labels | None) -> dict[str, float]:
    """Used classes, and with labels accuracy, NMI and purity."""
    scores = {"used_classes": float(used_classes(predicted, classes))}
    if labels is not None:
        scores |= {
            "accuracy": accuracy(labels, predicted),
            "nmi": nmi(labels, predicted),
            "purity": purity(labels, predicted),
        }
    return scores
