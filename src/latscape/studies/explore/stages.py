"""Measure place after place; then say what the surrogate makes of all that was measured."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from latscape import parts
from latscape.campaign import Campaign, Candidates, Evaluation
from latscape.campaign.acquire import resolve_acquisition
from latscape.campaign.events import EvaluationEnded, Observer
from latscape.campaign.learner import any_value, count, embedding, looks
from latscape.campaign.stop import Rule, area, converged
from latscape.gp import ExactGP, RefitOnGrowth, StackedSurrogate, Surrogate
from latscape.lab import AskTellSession, Experiment, InitialDesign, Instrument, Scan, candidates_of, serve
from latscape.lab.experiment import Scalarizer, log_scalarizer, parse_scalarizer
from latscape.parts.grammar import part_maker
from latscape.runs import Progress, Run, StageResult, Stages
from latscape.runs.run import computed_once
from latscape.studies.explore.sample import sample, usual_scalarizer, window
from latscape.studies.explore.spec import REPLAY, ExploreSpec
from latscape.studies.explore.terminal import report
from latscape.studies.explore.truth import ground_truth
from latscape.studies.explore.view import SURVEY

DECAY = 30.0  # of the network's weights: measured properties are noisy, and a network explains any noise
#: What the word of a surrogate alone means here.
RECOMMENDED = {"exact": "exact:noise=broad", "deep": f"deep:decay={DECAY}"}
#: What is kept of each step beside the number of measurements before it.
MAPS = ("mean", "std", "acquisition", "embedding", "change")
PATIENCE = 60.0  # seconds in which others may still tell what they measure when the budget is spent


class Prepared(NamedTuple):
    """The sample and all that is typed of the experiment; the instrument is made when it is needed."""

    scan: Scan
    space: Candidates
    surrogate: Surrogate
    scalarizer: Scalarizer
    design: InitialDesign
    instrument: Callable[[], Instrument]


def prepare(spec: ExploreSpec) -> Prepared:
    """Read the sample and make what words stand for."""
    resolve_acquisition(spec.acquire)
    rule = parse_scalarizer(usual_scalarizer(spec))
    scan = sample(spec)
    space = places(spec, scan)
    budget = spec.measurements(len(scan))
    n_initial = spec.n_initial or max(min(20, budget // 3), 1)
    design = parts.build_part("policy", spec.policy)(space.candidates(), scan.image, n_initial, budget)
    replayed = spec.instrument.partition(":")[0] == REPLAY
    context = {"noise": spec.noise, "delay": spec.delay} if replayed else {}
    instrument = part_maker("instrument", spec.instrument, scan=scan, seed=spec.seed, **context)
    return Prepared(scan, space, surrogate_of(spec, space.groups), rule, design, instrument)


def places(spec: ExploreSpec, scan: Scan) -> Candidates:
    """The places that can be measured, with what the surrogate sees of each."""
    side = window(spec)
    patches = candidates_of(scan.image, scan.coordinates, side).patches
    describe = parts.build_part("descriptor", spec.descriptor, patches=patches)
    spread = float(side) if spec.n_proposals > 1 else 0.0
    options = {"spread": spread, "travel": spec.travel_cost, "describe": describe, "position": spec.position}
    return candidates_of(scan.image, scan.coordinates, side, **options)


def surrogate_of(spec: ExploreSpec, groups: tuple[tuple[int, ...], ...]) -> Surrogate:
    """The surrogate of words; `groups` of its inputs say what a patch looks like and where it is."""

    def one(words: str) -> Surrogate:
        made = parts.build_part("surrogate", RECOMMENDED.get(words, words), seed=spec.seed, groups=groups)
        return RefitOnGrowth(made) if isinstance(made, ExactGP) else made

    if spec.surrogate == "stacked":
        return StackedSurrogate((one("exact"), one("deep")), seed=spec.seed)
    return one(spec.surrogate)


@computed_once
def campaign(run: Run[ExploreSpec]) -> Campaign:
    """The loop, which goes on from the record."""
    made: Prepared = run.prepared
    return Campaign(made.space, made.surrogate, run.spec.acquire, run.spec.seed, run.record)


def measure(run: Run[ExploreSpec], progress: Progress) -> StageResult:
    """The measurements, by an instrument, or by others over HTTP."""
    spec, record, made = run.spec, run.record, run.prepared
    if not record.numbers("survey"):
        record.keep(SURVEY, {"survey": made.scan.image, "places": made.scan.coordinates})
        about = {"name": made.scan.name, "about": made.scan.about, "image": made.scan.image.label or "image"}
        record.put("about", about | {"scalarizer": usual_scalarizer(spec), "window": window(spec)})
    log_scalarizer(record, made.scalarizer)
    rules: list[Rule] = [area(1.0)] + ([] if spec.converged is None else [converged(spec.converged)])
    plan = {"n_initial": made.design.points, "budget": made.design.budget, "rules": rules, "maps": True}
    observers = [*run.observers, partial(report, progress)]
    if spec.serve is not None:
        return StageResult({"stopped": _measured_by_others(run, progress, observers, plan)})
    experiment = Experiment(made.instrument(), made.scalarizer, spec.timeout)
    options = {"observers": observers, "evaluate_optimum": False, "batch": spec.n_proposals}
    return StageResult({"stopped": campaign(run).run(experiment, **options, **plan).stopped})


def _measured_by_others(
    run: Run[ExploreSpec], progress: Progress, observers: Sequence[Observer], plan: dict[str, Any]
) -> str | None:
    """Hand out places over HTTP until the budget is spent or somebody says stop; the reason to end."""
    done = [one for one in run.record.evaluations(curves=False) if one.value is not None]

    def tell(one: Evaluation) -> None:
        if one.value is not None:
            done.append(one)
        status, best = desk.status(), max(done, key=lambda one: one.value or 0.0, default=None)
        event = EvaluationEnded(one, status["evaluations"] - len(status["pending"]), status["budget"], best)
        for observer in observers:
            observer(event)

    desk = AskTellSession(campaign(run), run.prepared.scalarizer, observers=observers, told=tell, **plan)
    with serve(desk, run.spec.serve or 0, run.spec.host, os.environ.get("LATSCAPE_TOKEN") or None) as server:
        progress(0, 0, f"serving {server.address} with token {server.token}")
        while not desk.finished.wait(timeout=0.5):
            pass
        desk.last_tells(timeout=run.spec.timeout or PATIENCE)
    return desk.stopped


def predict(run: Run[ExploreSpec], progress: Progress) -> StageResult | None:
    """What the surrogate makes of all that was measured, and the truth if it is known."""
    rows = run.record.evaluations(curves=False)
    if not any_value(rows):
        return None
    made, result = run.prepared, campaign(run).result()
    inputs = made.space.features(result.candidates, made.space.decode(result.candidates))
    maps: dict[str, Any] = {"mean": result.mean, "std": result.std}
    run.record.keep(count(rows), maps | embedding(result.model, inputs, looks(made.space)))
    if run.spec.scene is not None or run.spec.spectra is not None:
        run.record.keep(SURVEY, {"truth": ground_truth(made.scan, made.scalarizer)})
    return None


STAGES = Stages({"measurements": measure, "prediction": predict}, prepare)
