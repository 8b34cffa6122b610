"""The comparison after a campaign (Biswas et al. 2023, fig. 7): the same images, several ways of training."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.split_merge import split_merge
from latscape.autoencoders.train import OnCycle
from latscape.metrics.clustering import class_information
from latscape.random import derive_seed
from latscape.studies.shared.scores import class_scores
from latscape.studies.zbo.objective import Images, Labels, label_free_scores


def compare(
    build: Callable[[int], VAE],
    images: Images,
    held_out: Images,
    labels: Labels | None,
    *,
    classes: int,
    grid: int,
    pairs: NDArray[np.integer],
    seed: int,
    n_restarts: int = 1,
    n_split_merge: int = 0,
    on_cycle: OnCycle | None = None,
    checkpoint: Path | None = None,
) -> tuple[VAE, dict[str, float]]:
    """Train one contender and score it on held-out images.

    One with classes is trained `n_restarts` times, and the training counts whose classes tell most of the images; those
    are then bettered by up to `n_split_merge` moves. Trainings go on from files whose names begin with `checkpoint`.
    """
    start = time.perf_counter()
    models = [build(seed)]
    if models[0].classes:
        models += [build(derive_seed(seed, "restart", k)) for k in range(1, n_restarts)]
    for k, one in enumerate(models):
        path = checkpoint and checkpoint.with_name(f"{checkpoint.name}-{k}")
        one.fit(images, on_cycle=on_cycle, checkpoint=path, every=max(1, one.cycles // 50))
    model = models[0]
    if len(models) > 1:
        model = max(models, key=lambda one: class_information(one.predict_proba(images)))
    if model.classes and n_split_merge:
        path = checkpoint and checkpoint.with_name(f"{checkpoint.name}-move")
        model = split_merge(model, images, moves=n_split_merge, on_cycle=on_cycle, checkpoint=path)
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
