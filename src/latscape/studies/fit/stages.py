"""Train, look at every sample, and keep some beside what comes back."""

from typing import Any

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.saved import load as load_model
from latscape.runs import Progress, Run, StageResult, Stages, once
from latscape.studies.shared.encoded import examples, latents_of, meaning, scores_of
from latscape.studies.shared.models import preset, prior_of
from latscape.studies.shared.options import SampleModelOptions
from latscape.studies.shared.prepared import Prepared, prepare
from latscape.studies.shared.samples import describe, recognized

MODEL, CHECKPOINT = "model.safetensors", "training.checkpoint"


@once
def prepared(run: Run[SampleModelOptions]) -> Prepared:
    """Model, samples and options, if the samples are those that the run was begun with."""
    made: Prepared = run.prepared
    recognized(run.record, made.samples)
    return made


def train(run: Run[SampleModelOptions], progress: Progress) -> StageResult:
    """The model, which goes on from where training was stopped."""
    model, samples, options = prepared(run)
    y, fitted = samples.told(preset(options.model).y), ~samples.held_out
    model.fit(
        samples.x[fitted],
        None if y is None else y[fitted],
        on_cycle=progress.on_cycle(model.cycles),
        checkpoint=run.partial(CHECKPOINT),
        every=max(1, model.cycles // 50),
    )
    model.save(run.file(MODEL))
    numbers: dict[str, Any] = {"data": describe(samples), "history": model.history_, "classes": options.classes or 0}
    numbers["told"] = preset(options.model).y == "labels"
    numbers["parameters"] = {name: str(value) for name, value in model.get_params(deep=False).items()}
    numbers["pose"] = {factor.name: prior_of(factor) for factor in model.pose}
    return StageResult(numbers)


def look(run: Run[SampleModelOptions], progress: Progress) -> StageResult:
    """What the model says of every sample, and how well it does on those that were not fitted."""
    _, samples, options = prepared(run)
    latents = latents_of(model(run), samples, options)
    scores = scores_of(model(run), samples, options, latents)
    arrays = {name: f"{meaning(name, model(run))}, shape {values.shape}" for name, values in latents.items()}
    return StageResult({"scores": scores, "arrays": arrays}, latents)


def show(run: Run[SampleModelOptions], progress: Progress) -> StageResult:
    """Some samples beside what comes back, so that a page is drawn without the user's file."""
    _, samples, options = prepared(run)
    return StageResult({}, examples(model(run), samples, options))


@once
def model(run: Run[SampleModelOptions]) -> VAE:
    """The fitted model, read from the folder."""
    return load_model(run.file(MODEL))


STAGES = Stages({"training": train, "latents": look, "examples": show}, prepare)
