"""The measurements of an experiment, scored by another scalarizer, in a run of their own."""

from pathlib import Path
from typing import Any

from latscape.campaign.learner import count
from latscape.errors import InputError
from latscape.lab import parse_scalarizer, rescore
from latscape.runs import Progress, Run
from latscape.runs.folder import claimed_folder
from latscape.runs.run import SECTION, STAGE
from latscape.studies.explore.spec import ExploreSpec
from latscape.studies.explore.stages import MAPS, predict
from latscape.studies.explore.view import about


def rescored(run: Run[Any], words: str, out: Path | None = None, command: str = "") -> Run[ExploreSpec]:
    """A copy of a run whose measurements are scored by another scalarizer, and which can go on; the run stays as it is.

    Parameters
    ----------
    run
        Of the kind "explore".
    words
        The scalarizer.
    out, command
        As in `Run.create`.

    Raises
    ------
    InputError
        For a run of another kind, one without measurements, or words of no scalarizer.
    """
    if run.kind.word != "explore":
        got = f"{run.folder.name}, a run of {run.kind.word}"
        raise InputError("a run of `latscape explore`", got, "`latscape runs`")
    rule, spec = parse_scalarizer(words), run.spec.changed(scalarizer=words)
    config, sample = run.record.config, about(run)
    config[SECTION]["spec"] = spec.stored()
    with claimed_folder(f"{run.folder.name}-{words.partition(':')[0]}", out) as folder:
        other = Run(run.kind, spec, folder, run.record.copy(folder, config))
        try:
            _score(other, rule)
            change = {"of": run.folder.name, "from": sample.get("scalarizer"), "to": words}
            kept = {"about": sample | {"scalarizer": words}, "rescored": change, "command": command, "failed": None}
            for name, value in kept.items():
                other.record.put(name, value)
            _predict(other)
        except BaseException:
            other.record.close()
            raise
    return other


def _score(run: Run[ExploreSpec], rule: Any) -> None:
    """Other values, and none of what followed from those before."""
    rescore(run.record, rule)
    run.record.drop_arrays(MAPS)
    design = run.prepared.design
    if count(run.record.evaluations(curves=False)) < min(design.budget, len(run.prepared.space.candidates())):
        run.record.put(f"{STAGE}measurements", None)  # what ended it may not hold any more


def _predict(run: Run[ExploreSpec]) -> None:
    """The maps of what was measured, also where more is still to be measured."""
    run.record.put(f"{STAGE}prediction", None)
    if run.done("measurements"):
        run.run()
    else:
        predict(run, Progress())
