"""The comparison after a campaign (Biswas et al. 2023, fig. 7): the same images, four ways of training."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.split_merge import split_merge
from latscape.autoencoders.train import OnCycle
from latscape.curves import as_array, cooldown
from latscape.metrics.clustering import class_information
from latscape.random import derive_seed
from latscape.studies.objective import Images, Labels, class_scores, label_free_scores


@dataclass(frozen=True)
class Contender:
    """One way of training: a name for people, and the unfitted model for a seed.

    Attributes
    ----------
    key, title : str
    build : callable
        seed -> unfitted estimator; without classes, a Gaussian mixture on its content tells the classes.
    """

    key: str
    title: str
    build: Callable[[int], VAE]


def hand_made(cycles: int) -> NDArray[np.float64]:
    """The schedule pyroVED documents for MNIST: 40 for the first twelfth, a line to 3 over a third, then 3."""
    return as_array(cooldown(40.0, 3.0, start=1 / 12, end=5 / 12), cycles)


def compare(
    contender: Contender,
    images: Images,
    held_out: Images,
    labels: Labels | None,
    *,
    classes: int,
    grid: int,
    pairs: NDArray[np.integer],
    seed: int,
    restarts: int = 1,
    moves: int = 0,
    on_cycle: OnCycle | None = None,
) -> tuple[VAE, dict[str, float]]:
    """Train one contender and score it on held-out images.

    One with classes is trained `restarts` times, and the training counts whose classes tell most of the images; those
    are then bettered by up to so many `moves`.
    """
    start = time.perf_counter()
    model = contender.build(seed).fit(images, on_cycle=on_cycle)
    if model.classes and restarts > 1:
        seeds = [derive_seed(seed, "restart", k) for k in range(1, restarts)]
        others = [contender.build(one).fit(images, on_cycle=on_cycle) for one in seeds]
        model = max([model, *others], key=lambda one: class_information(one.predict_proba(images)))
    if model.classes and moves:
        model = split_merge(model, images, moves=moves, on_cycle=on_cycle)
    seconds = time.perf_counter() - start
    if model.classes:
        predicted, scores = model.predict(held_out), label_free_scores(model, held_out, grid, pairs)
    else:
        predicted, scores = mixture_classes(model, images, held_out, classes, seed), {"elbo": model.score(held_out)}
    return model, scores | {"seconds": seconds} | class_scores(predicted, classes, labels)


def mixture_classes(model: VAE, images: Images, held_out: Images, classes: int, seed: int) -> NDArray[np.int64]:
    """Classes of held-out images by a Gaussian mixture fitted to the content of the training images."""
    mixture = GaussianMixture(classes, random_state=seed % 2**32, n_init=3)
    return mixture.fit(model.transform(images)).predict(model.transform(held_out))
