"""What a fitted model says of samples: arrays, scores on those held out, a few of them beside what comes back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders.estimator import VAE
from latscape.latent.estimates import ClassEstimate
from latscape.random import numpy_generator
from latscape.studies.shared.models import preset
from latscape.studies.shared.options import ModelOptions
from latscape.studies.shared.samples import Samples
from latscape.studies.shared.scores import class_scores

#: Samples kept beside their reconstructions, so that a report is drawn without the user's file.
EXAMPLES = 20
# Samples that are compared with what comes back at a time.
_TOGETHER = 2000

Arrays = Mapping[str, NDArray[Any]]

#: What each array of `latents.npz` is; the first axis is the sample.
MEANINGS = {
    "index": "place in the file",
    "held_out": "whether the model was not fitted to it",
    "elbo": "ELBO [nat]",
    "labels": "label, -1 = unknown",
    "class": "class probabilities",
    "content": "content, posterior mean",
}


def latents_of(model: VAE, samples: Samples, options: ModelOptions) -> dict[str, NDArray[Any]]:
    """What the model says of every sample: labels are used only where it cannot do without them."""
    told = samples.labels if options.model == "cvae" else None
    scored = samples.target if preset(options.model).y == "target" else told
    found: dict[str, NDArray[Any]] = {"index": samples.index, "held_out": samples.held_out}
    found["elbo"] = model.score_samples(samples.x, scored)
    for name, q in model.encode(samples.x, told).items():
        if isinstance(q, ClassEstimate):
            found[name] = q.probs
        else:
            found |= {name: q.mean, f"{name}_std": q.std}
    return found if samples.labels is None else found | {"labels": samples.labels}


def scores_of(model: VAE, samples: Samples, options: ModelOptions, latents: Arrays) -> dict[str, float]:
    """On the held-out samples, unless the name says otherwise."""
    held_out = samples.held_out
    elbo = latents["elbo"][held_out]
    scores = {"elbo": float(elbo.mean()), "elbo_fitted": float(latents["elbo"][~held_out].mean())}
    if len(elbo) > 1:
        scores["elbo_error"] = float(elbo.std(ddof=1) / np.sqrt(len(elbo)))
    scores["rmse"] = _rmse(model, samples, np.flatnonzero(held_out))
    if "class" in latents:
        known = samples.labels is not None and bool((samples.labels[held_out] >= 0).any())
        labels = samples.labels[held_out] if known and samples.labels is not None else None
        predicted = latents["class"][held_out].argmax(axis=1)
        scores |= class_scores(predicted, options.classes or 0, labels)
        if labels is not None and preset(options.model).y == "labels":  # its classes have names: none are matched
            scores["accuracy"] = float((predicted == labels)[labels >= 0].mean())
    return scores


def examples(model: VAE, samples: Samples, options: ModelOptions) -> dict[str, NDArray[Any]]:
    """A random few of the held-out samples."""
    places = np.flatnonzero(samples.held_out)
    chosen = np.sort(numpy_generator(options.seed, "shown").permutation(places)[:EXAMPLES])
    found = {"original": np.asarray(samples.decoded[chosen]), "decoded": _decoded(model, samples, chosen)}
    return found if samples.target is None else found | {"input": np.asarray(samples.x[chosen])}


def _rmse(model: VAE, samples: Samples, places: NDArray[Any]) -> float:
    """Over some samples, which need not fit into memory together."""
    squares = [
        np.mean(np.square(_decoded(model, samples, part) - samples.decoded[part]), dtype=np.float64) * len(part)
        for part in np.split(places, range(_TOGETHER, len(places), _TOGETHER))
    ]
    return float(np.sqrt(sum(squares) / len(places)))


def _decoded(model: VAE, samples: Samples, where: NDArray[Any]) -> NDArray[np.floating]:
    if samples.target is not None:
        return model.predict(samples.x[where])
    told = samples.labels[where] if samples.labels is not None and model.known.condition else None
    return model.reconstruct(samples.x[where], told)


def meaning(name: str, model: VAE) -> str:
    """What an array of `latents.npz` is; of a factor of the pose, what the factor says of itself."""
    if name.endswith("_std"):
        return f"standard deviation of {name.removesuffix('_std')}"
    return MEANINGS.get(name) or next(factor.meaning for factor in model.pose if factor.name == name)
