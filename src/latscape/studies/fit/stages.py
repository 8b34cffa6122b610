"""Train, look at every sample, and keep some beside what comes back."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders import VAE
from latscape.autoencoders import load as load_model
from latscape.latent.estimates import ClassEstimate
from latscape.random import numpy_generator
from latscape.runs import Progress, Run, StageResult, Stages
from latscape.runs.run import computed_once
from latscape.studies.shared.models import preset, prior_of
from latscape.studies.shared.options import SampleModelOptions
from latscape.studies.shared.samples import Prepared, Samples, check_same_samples, describe, prepare
from latscape.studies.shared.scores import class_scores
from latscape.studies.shared.training import fit_resumably

MODEL = "model.safetensors"
#: Samples kept beside their reconstructions, so that a report is drawn without the user's file.
EXAMPLES = 20
# Samples that are compared with what comes back at a time.
_TOGETHER = 2000

FitRun = Run[SampleModelOptions]
Arrays = dict[str, NDArray[Any]]

#: What each array of `latents.npz` is; the first axis is the sample.
MEANINGS = {
    "index": "place in the file",
    "validation": "whether the model was not fitted to it",
    "elbo": "ELBO [nat]",
    "labels": "label, -1 = unknown",
    "class": "class probabilities",
    "content": "content, posterior mean",
}


@computed_once
def prepared(run: FitRun) -> Prepared:
    """Model, samples and options, if the samples are those that the run was begun with."""
    check_same_samples(run.record, run.prepared.samples)
    return run.prepared


def train(run: FitRun, progress: Progress) -> StageResult:
    """The model, which goes on from where training was stopped."""
    model, samples, options = prepared(run)
    told, fitted = preset(options.model).y, ~samples.validation
    y = samples.told(told)
    fit_resumably(model, run, "training", progress, samples.x[fitted], None if y is None else y[fitted])
    model.save(run.file(MODEL))
    numbers: dict[str, Any] = {"data": describe(samples), "history": model.history_, "classes": options.classes or 0}
    numbers["told"] = told == "labels"
    numbers["parameters"] = {name: str(value) for name, value in model.get_params(deep=False).items()}
    numbers["pose"] = {factor.name: prior_of(factor) for factor in model.model_.pose}
    return StageResult(numbers)


def look(run: FitRun, progress: Progress) -> StageResult:
    """What the model says of every sample, and how well it does on those that were not fitted."""
    _, samples, options = prepared(run)
    latents = latents_of(model(run), samples, options)
    scores = scores_of(model(run), samples, options, latents)
    arrays = {name: f"{meaning(name, model(run))}, shape {values.shape}" for name, values in latents.items()}
    return StageResult({"scores": scores, "arrays": arrays}, latents)


def show(run: FitRun, progress: Progress) -> StageResult:
    """A random few of the held-out samples beside what comes back, so that a page is drawn without the user's file."""
    _, samples, options = prepared(run)
    places = np.flatnonzero(samples.validation)
    chosen = np.sort(numpy_generator(options.seed, "shown").permutation(places)[:EXAMPLES])
    shown = {"original": np.asarray(samples.decoded[chosen]), "decoded": _decoded(model(run), samples, chosen)}
    return StageResult({}, shown if samples.target is None else shown | {"input": np.asarray(samples.x[chosen])})


@computed_once
def model(run: FitRun) -> VAE:
    """The fitted model, read from the folder."""
    return load_model(run.file(MODEL))


def latents_of(model: VAE, samples: Samples, options: SampleModelOptions) -> Arrays:
    """What the model says of every sample: labels are used only where it cannot do without them."""
    told = samples.labels if options.model == "cvae" else None
    scored = samples.target if preset(options.model).y == "target" else told
    found: Arrays = {"index": samples.index, "validation": samples.validation}
    found["elbo"] = model.score_samples(samples.x, scored)
    for name, q in model.encode(samples.x, told).items():
        if isinstance(q, ClassEstimate):
            found[name] = q.probs
        else:
            found |= {name: q.mean, f"{name}_std": q.std}
    return found if samples.labels is None else found | {"labels": samples.labels}


def scores_of(model: VAE, samples: Samples, options: SampleModelOptions, latents: Arrays) -> dict[str, float]:
    """On the held-out samples, unless the name says otherwise."""
    validation, elbo = samples.validation, latents["elbo"][samples.validation]
    scores = {"elbo": float(elbo.mean()), "elbo_fitted": float(latents["elbo"][~validation].mean())}
    if len(elbo) > 1:
        scores["elbo_error"] = float(elbo.std(ddof=1) / np.sqrt(len(elbo)))
    scores["rmse"] = _rmse(model, samples, np.flatnonzero(validation))
    if "class" in latents:
        predicted, labels = latents["class"][validation].argmax(axis=1), samples.validation_labels
        scores |= class_scores(predicted, options.classes or 0, labels)
        if labels is not None and preset(options.model).y == "labels":  # its classes have names: none are matched
            scores["accuracy"] = float((predicted == labels)[labels >= 0].mean())
    return scores


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
    told = samples.labels[where] if samples.labels is not None and model.supervision.condition else None
    return model.reconstruct(samples.x[where], told)


def meaning(name: str, model: VAE) -> str:
    """What an array of `latents.npz` is; of a factor of the pose, what the factor says of itself."""
    if name.endswith("_std"):
        return f"standard deviation of {name.removesuffix('_std')}"
    return MEANINGS.get(name) or next(factor.meaning for factor in model.model_.pose if factor.name == name)


@computed_once
def results(run: FitRun) -> dict[str, Any]:
    """By name: data, history, classes, told (whether these are those of labels), parameters, pose, scores, arrays."""
    return {**run.numbers("training"), **run.numbers("latents")}


@computed_once
def latents(run: FitRun) -> Arrays:
    """What the model says of every sample, by name; the "arrays" of `results` say what the names are."""
    return run.arrays("latents")


@computed_once
def examples(run: FitRun) -> Arrays:
    """Some validation samples: "original" and "decoded", and "input" where that is something else."""
    return run.arrays("examples")


def class_names(run: FitRun) -> list[str]:
    """Of the rows that the model decodes: labels keep theirs, found classes count from one; none without classes."""
    word, first = ("label", 0) if results(run)["told"] else ("class", 1)
    return [f"{word} {k + first}" for k in range(results(run)["classes"])]


STAGES = Stages({"training": train, "latents": look, "examples": show}, prepare)
