"""Latent Bayesian optimization of the training trajectory of a joint autoencoder, end to end.

The latent plane, the campaign, the objective at a constant weight, then one contender of the comparison after the
other. The record holds every evaluation and every contender, and checkpoints hold the trainings between them.
"""

import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from latscape import parts
from latscape.autoencoders.base import check_device
from latscape.autoencoders.train import OnEpoch
from latscape.campaign import Campaign, PercentilePruner
from latscape.campaign.acquire import resolve_acquisition
from latscape.campaign.evaluate import Trial, run_evaluator
from latscape.campaign.events import EvaluationEnded, Event
from latscape.campaign.stop import negligible_improvement
from latscape.errors import InputError
from latscape.random import derive_seed
from latscape.runs import Progress, StageResult, Stages
from latscape.runs.run import computed_once
from latscape.studies.shared.training import timed
from latscape.studies.zbo.comparison import score, train
from latscape.studies.zbo.contenders import contenders, joint, searched
from latscape.studies.zbo.objective import TrainAndScore
from latscape.studies.zbo.results import SPACE, ZboRun, model_file, name_of, objective, optimum, pairs, space
from latscape.studies.zbo.searches import trajectory_space
from latscape.studies.zbo.spec import ZboSpec
from latscape.studies.zbo.split import Split, split

#: Shares of the epochs after which a hopeless training may be ended.
LOOKS = (0.5, 0.75)
#: Images that are kept for the page.
SHOWN = 40


def prepare(spec: ZboSpec) -> Split:
    """Read the images; words whose parameters do not fit show here too."""
    resolve_acquisition(spec.acquire)
    parts.build_part("surrogate", spec.surrogate)
    if spec.tolerance is not None:
        negligible_improvement(spec.tolerance, spec.acquire)
    if objective(spec).members > 1 and spec.prune is not None:
        raise InputError("an objective of one model where --prune is set", spec.objective, "--objective l1")
    check_device(spec.device)
    joint(spec, 1.0, spec.seed)
    return split(spec)


@computed_once
def images(run: ZboRun) -> Split:
    """The images, which must be those that the run was begun with."""
    run.record.claim("images", run.prepared.fingerprint)
    return run.prepared


def fit_plane(run: ZboRun, progress: Progress) -> StageResult:
    """The latent plane, and what the page says of the images."""
    spec, shown, plane = run.spec, images(run), trajectory_space(run.spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of poor families: their R2 is kept, and notes say so once
        on_epoch = progress.on_epoch(spec.space_epochs)
        plane.fit(spec.seed, on_epoch=on_epoch, checkpoint=run.partial("plane.checkpoint"))
    plane.model_.save(run.file(SPACE))
    about = {"source": shown.source, "licence": shown.licence, "training": len(shown.training)}
    numbers = {"r2": plane.r2_, "images": about | {"labelled": shown.labels is not None}}
    return StageResult(numbers, {"images": shown.training[:SHOWN]})


def evaluator(run: ZboRun) -> TrainAndScore:
    """The expensive function."""
    spec, data = run.spec, images(run)
    looks = () if spec.prune is None else tuple(round(spec.epochs * share) for share in LOOKS)
    build, measured, state = partial(searched, spec), objective(spec), run.partial("evaluation")
    return TrainAndScore(
        build, data.subset, data.validation, measured, spec.grid, pairs(spec), data.labels, looks, state
    )


def search(run: ZboRun, progress: Progress) -> StageResult:
    """The campaign, and what its Gaussian process says in the end."""
    spec, surrogate = run.spec, parts.build_part("surrogate", run.spec.surrogate)
    campaign = Campaign(space(run), surrogate, acquire=spec.acquire, seed=spec.seed, record=run.record)

    def watch(event: Event) -> None:
        if isinstance(event, EvaluationEnded):
            progress(event.finished, event.budget + 1, _note(event))

    result = campaign.run(
        evaluator(run),
        n_initial=spec.n_initial,
        budget=spec.budget,
        tolerance=spec.tolerance,
        observers=(watch, *run.observers),
        batch=spec.n_proposals,
        prune=None if spec.prune is None else PercentilePruner(spec.prune),
    )
    arrays = {"candidates": result.candidates, "mean": result.mean, "std": result.std}
    return StageResult({"stopped": result.stopped}, arrays)


def evaluate_constant(run: ZboRun, progress: Progress) -> StageResult:
    """The objective at beta = 1, on the images and with the scores of the campaign: what the search must beat."""
    spec = run.spec
    trial = Trial(spec.budget + 1, derive_seed(spec.seed, "baseline"))
    attempt = run_evaluator(replace(evaluator(run), build=partial(joint, spec)), np.ones(spec.epochs), trial)
    progress(1, 1, f"constant weight {attempt.error if attempt.value is None else f'{attempt.value:.3f}'}")
    return StageResult({"value": attempt.value, "error": attempt.error, "metrics": attempt.metrics})


def compare_contenders(run: ZboRun, progress: Progress) -> StageResult:
    """Train and score every contender with every seed; each is kept as soon as it is done."""
    spec = run.spec
    todo = [(key, k) for key in contenders(spec) for k in range(spec.repeats)]
    for count, (key, repeat) in enumerate(todo):
        note = contenders(spec)[key].title + (f", seed {repeat + 1} of {spec.repeats}" if spec.repeats > 1 else "")

        def on_epoch(epoch: int, means: Mapping[str, Any], count: int = count, note: str = note) -> None:
            progress(count, len(todo), f"{note}: {epoch + 1} of {spec.epochs}")

        if run.record.get(name_of(key, repeat)) is None:
            compare_contender(run, key, repeat, on_epoch)
            progress(count + 1, len(todo), note)
    return StageResult()


def compare_contender(run: ZboRun, key: str, repeat: int = 0, on_epoch: OnEpoch | None = None) -> None:
    """Train one contender, from where that was stopped, and keep it and its scores."""
    spec, data, seconds = run.spec, images(run), f"seconds/{key}/{repeat}"
    seed, checkpoint = derive_seed(spec.seed, "comparison", repeat), run.partial(f"{key}-{repeat}")
    build = partial(contenders(spec)[key].build, spec, optimum(run).decoded)
    with timed(run.record, seconds):
        model = train(build, spec, data.training, seed, on_epoch, checkpoint)
    scores = score(model, spec, data, seed)
    model.save(run.file(model_file(key, repeat)))
    run.record.put(name_of(key, repeat), scores | {"seconds": run.record.get(seconds)})
    for path in checkpoint.parent.glob(f"{checkpoint.name}-*"):
        path.unlink()


def _note(event: EvaluationEnded) -> str:
    one, top = event.evaluation, event.best
    value = f"{one.value:.3f}" if one.value is not None else f"failed ({one.error})"
    return f"{one.role} {value}" + (f", best {top.value:.3f}" if top and top.value is not None else "")


STAGES = Stages(
    {"plane": fit_plane, "campaign": search, "baseline": evaluate_constant, "comparison": compare_contenders}, prepare
)
