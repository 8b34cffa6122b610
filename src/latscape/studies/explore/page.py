"""What an experiment says, and its page."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from latscape.campaign.evaluation import Evaluation
from latscape.lab.windows import candidates_of
from latscape.runs import Run, Section, Story
from latscape.studies.explore.diagnostics import diagnostics, one_step_predictions
from latscape.studies.explore.panels import film_panels, measurement_panels, sample_panels
from latscape.studies.explore.spec import ExploreSpec
from latscape.studies.explore.terminal import MapDisplay
from latscape.studies.explore.truth import score
from latscape.studies.explore.view import about, learns_map, measured, place_indices, steps, survey
from latscape.studies.shared.tables import failures


def numbers(run: Run[ExploreSpec]) -> Mapping[str, Any]:
    """For JSON: plain numbers, None where there is none.

    Returns
    -------
    dict
        evaluations (done), failed, measured (share of the places), best_value, best_place, scalarizer, policy, stopped
        (why); and where the truth is known r2, top_found and regret, see `truth.score`.
    """
    rows, places = run.record.evaluations(curves=False), survey(run).get("places")
    done = measured(rows)
    best = max(done, key=lambda one: one.value or 0.0, default=None)
    found = {
        "evaluations": len(done),
        "failed": sum(one.status == "failed" for one in rows),
        "measured": len(rows) / len(places) if places is not None else None,
        "best_value": None if best is None else best.value,
        "best_place": None if best is None else best.where.tolist(),
        "scalarizer": about(run).get("scalarizer", run.spec.scalarizer),
        "policy": run.spec.policy,
        "stopped": run.numbers("measurements").get("stopped"),
    }
    return found | {name: value if np.isfinite(value) else None for name, value in _score(run, done).items()}


def _score(run: Run[ExploreSpec], done: Sequence[Evaluation]) -> dict[str, float]:
    """How good the run was, where the truth is known and something was predicted."""
    truth, newest = survey(run).get("truth"), run.record.newest("mean")
    if truth is None or newest is None or not done:
        return {}
    return score(truth, newest[1], place_indices(run, done))


def headline(run: Run[ExploreSpec]) -> list[str]:
    """Sentences, the most important first."""
    found = numbers(run)
    if found["best_value"] is None:
        nothing = f"Nothing could be measured: all {found['failed']} measurements failed."
        return [nothing if found["failed"] else "Nothing is measured yet."]
    row, column = found["best_place"]
    sentences = [
        f"The best of {found['evaluations']} measurements ({found['measured']:.1%} of the places) scored "
        f"{found['best_value']:.4g} at row {row:g}, column {column:g}.",
        f"Scored by {found['scalarizer']}, policy {found['policy']}.",
    ]
    if found["stopped"]:
        sentences.append(f"It ended because: {found['stopped']}.")
    if found.get("top_found") is not None:
        r2 = f"{found['r2']:.2f}" if found.get("r2") is not None else "unknown"
        sentences.append(
            f"Against what was recorded everywhere: {found['top_found']:.0%} of the best places were measured, and the "
            f"prediction of the others has an R² of {r2}."
        )
    if rescored := run.record.get("rescored"):
        sentences.append(f"The measurements are those of {rescored['of']}, scored there by {rescored['from']}.")
    return sentences


def facts(run: Run[ExploreSpec]) -> Sequence[tuple[str, str]]:
    """The few numbers on top."""
    found = numbers(run)
    failed = f", {found['failed']} failed" if found["failed"] else ""
    known = (
        ("best_value", ".4g", f"best {found['scalarizer']}"),
        ("evaluations", "d", f"measurements{failed}"),
        ("measured", ".1%", "of the places"),
        ("top_found", ".0%", "of the best places found"),
        ("r2", ".2f", "R² of the prediction"),
    )
    return [(f"{found[name]:{form}}", what) for name, form, what in known if found.get(name) is not None]


def notes(run: Run[ExploreSpec]) -> list[str]:
    """What should make one doubt the run, see `diagnostics`."""
    rows, seen = run.record.evaluations(curves=False), survey(run)
    done, newest = measured(rows), run.record.newest("mean")
    if not done or not seen:
        return []
    patches, index = (
        candidates_of(seen["survey"], seen["places"], about(run)["window"]).patches,
        place_indices(run, done),
    )
    by_row = {one.index: int(k) for one, k in zip(done, index, strict=True)}
    predictions = one_step_predictions(run.record, rows, by_row)
    learned = run.record.arrays(newest[0]).get("embedding") if newest is not None and learns_map(run) else None
    return diagnostics(rows, patches, index, predictions, learned)


def sections(run: Run[ExploreSpec]) -> list[Section]:
    """The page."""
    found: list[Section] = []
    rows, words = run.record.evaluations(), numbers(run)["scalarizer"]
    if measured(rows):
        found.append(Section("What was found", panels=sample_panels(run, rows, words), warnings=notes(run)))
        found.append(Section("What was measured", panels=measurement_panels(rows, words)))
    if steps(run):
        text = (
            "What the surrogate made of the sample before it chose where to measure next. The record keeps these maps "
            f"for all {len(steps(run))} steps."
        )
        found.append(Section("Step by step", [text], film_panels(run, rows)))
    history = run.record.get("scalarizers") or []
    if len(history) > 1:
        changes = "; ".join(f"from measurement {one['from'] + 1} on {part_words(one['scalarizer'])}" for one in history)
        found.append(Section("Scalarizers", [f"What counted as interesting was changed on the way: {changes}."]))
    table = failures(rows)
    return [*found, Section("Failures", table=table)] if table.rows else found


def part_words(stored: Any) -> str:
    """A part as a record describes it, in words.

    Examples
    --------
    >>> part_words({"part": "scalarizer:integral", "low": 1.0, "high": 2.0}), part_words({"name": "Softness"})
    ('integral(low=1.0, high=2.0)', 'Softness')
    """
    options = ", ".join(f"{name}={value}" for name, value in stored.items() if name not in ("part", "name"))
    name = str(stored.get("part", "")).partition(":")[2] or str(stored.get("name"))
    return f"{name}({options})" if options else name


def _about(run: Run[ExploreSpec]) -> str:
    return str(about(run).get("about", ""))


STORY = Story(headline, sections, facts, numbers, notes=notes, about=_about, display=MapDisplay)
