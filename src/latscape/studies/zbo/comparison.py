"""The comparison after a campaign (Biswas et al. 2023, fig. 7): the same images, several ways of training."""

from collections.abc import Callable
from pathlib import Path

from sklearn.mixture import GaussianMixture

from latscape.autoencoders import VAE
from latscape.autoencoders.split_merge import split_merge
from latscape.autoencoders.train import OnEpoch
from latscape.metrics import class_information
from latscape.random import derive_seed
from latscape.studies.shared.scores import class_scores
from latscape.studies.zbo.objective import Images, label_free_scores
from latscape.studies.zbo.results import pairs
from latscape.studies.zbo.spec import ZboSpec
from latscape.studies.zbo.split import Split


def train(
    build: Callable[[int], VAE],
    spec: ZboSpec,
    images: Images,
    seed: int,
    on_epoch: OnEpoch | None = None,
    checkpoint: Path | None = None,
) -> VAE:
    """Train one contender.

    One with classes is trained `n_restarts` times, and the training counts whose classes tell most of the images; those
    are then bettered by up to `n_split_merge` moves. Trainings go on from files whose names begin with `checkpoint`.
    """

    def file(name: str | int) -> Path | None:
        return checkpoint and checkpoint.with_name(f"{checkpoint.name}-{name}")

    models = [build(seed)]
    if models[0].classes:
        models += [build(derive_seed(seed, "restart", k)) for k in range(1, spec.n_restarts)]
    for k, one in enumerate(models):
        one.fit(images, on_epoch=on_epoch, checkpoint=file(k), every=max(1, one.epochs // 50))
    best = models[0]
    if len(models) > 1:
        best = max(models, key=lambda one: class_information(one.predict_proba(images)))
    if best.classes and spec.n_split_merge:
        return split_merge(best, images, moves=spec.n_split_merge, on_epoch=on_epoch, checkpoint=file("move"))
    return best


def score(model: VAE, spec: ZboSpec, data: Split, seed: int) -> dict[str, float]:
    """Scores of a contender on the held-out images."""
    if model.classes:
        predicted = model.predict(data.validation)
        scores = label_free_scores(model, data.validation, spec.grid, pairs(spec))
    else:  # its classes are those of a Gaussian mixture fitted to the content of the training images
        mixture = GaussianMixture(spec.classes, random_state=seed % 2**32, n_init=3)
        predicted = mixture.fit(model.transform(data.training)).predict(model.transform(data.validation))
        scores = {"elbo": model.score(data.validation)}
    return scores | class_scores(predicted, spec.classes, data.labels)
