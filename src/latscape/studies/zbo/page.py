"""The page of a zBO run."""

import math
from collections.abc import Mapping
from pathlib import Path

from latscape.errors import LatscapeError
from latscape.runs import Section, Story, Table
from latscape.studies.shared.scores import NONE, score_columns, score_table
from latscape.studies.shared.tables import failures
from latscape.studies.zbo.contenders import TITLES, contenders
from latscape.studies.zbo.model_panels import manifold_panel, sample_panel, score_panels, trust_panels
from latscape.studies.zbo.panels import convergence_panel, landscape_panels, plane_panels, search_panel, training_panels
from latscape.studies.zbo.results import (
    Rows,
    ZboRun,
    best_value,
    columns,
    comparison,
    counted,
    evaluations,
    line,
    means,
    numbers,
    objective,
    rank_correlations,
    space,
)
from latscape.studies.zbo.words import ended_early, headline, poor_families
from latscape.trajectories import TrajectorySpace


def facts(run: ZboRun) -> list[tuple[str, str]]:
    """The few numbers that stand on top: (number, what it is)."""
    rows = evaluations(run)
    known = [
        (means(run, "accuracy").get("zbo"), ".1%", "class accuracy with zBO"),
        (best_value(rows), ".4g", f"best {run.spec.objective}"),
        (best_value(rows, "start"), ".4g", "best random start"),
        (counted(rows), "d", f"evaluations of {run.spec.budget} + 1"),
    ]
    return [(f"{number:{form}}", what) for number, form, what in known if number is not None]


def sections(run: ZboRun) -> list[Section]:
    """The page: stages that did not happen yet are left out."""
    rows = evaluations(run)
    found = _search_sections(run) if run.done("plane") else []
    if comparison(run):
        found += [_models_section(run), _comparison_section(run)]
    if rhos := rank_correlations(rows):
        text = (
            "Labels were never used in the search. Here they tell whether a label-free number would have led the right "
            f"way: rank correlation (Spearman) over the {counted(rows)} evaluations."
        )
        panels, table = trust_panels(run, rhos), correlation_table(rhos)
        found.append(Section("Does the objective earn trust?", [text], panels, table))
    return [*found, *([Section("Failures", table=failures(rows))] if counted(rows, "failed") else [])]


def _search_sections(run: ZboRun) -> list[Section]:
    found, looked = [], []
    try:
        plane = space(run)
    except LatscapeError as error:  # numbers and pictures that need no model are shown all the same
        found.append(Section("The search space", warnings=[f"It could not be read again. {error}"]))
    else:
        found.append(_plane_section(run, plane))
        looked.append(search_panel(run, plane))
        if run.done("campaign"):
            found.append(Section("What zBO found", panels=landscape_panels(run, plane) + training_panels(run)))
    if counted(evaluations(run)):
        found.append(Section("How the search went", ended_early(run), [convergence_panel(run), *looked]))
    return found


def _plane_section(run: ZboRun, plane: TrajectorySpace) -> Section:
    kept = ", ".join(f"{name} {max(r2, 0):.0%}" for name, r2 in plane.r2_.items())
    text = [f"Share of each family's variance that survives being squeezed to two numbers (R²): {kept}."]
    return Section("The search space", text, plane_panels(run, plane), warnings=poor_families(plane.r2_))


def _models_section(run: ZboRun) -> Section:
    seen = run.numbers("plane")["images"]
    panels, warnings = [sample_panel(run.arrays("plane")["images"])], []
    for key, letter in zip(contenders(run.spec), "bcdef", strict=False):
        if key in comparison(run):
            try:
                panels.append(manifold_panel(run, key, letter))
            except LatscapeError as error:
                warnings.append(f"A model could not be read again. {error}")
    text = [f"Images: {seen['source']} ({seen['licence']})."]
    return Section("What the models learned", text, panels, warnings=warnings)


def _comparison_section(run: ZboRun) -> Section:
    spec, seen = run.spec, run.numbers("plane")["images"]
    scored = "scored on held-out images that no model was trained on"
    text = [f"Trained on {seen['training']} images for {spec.epochs} epochs, {scored}."]
    if objective(spec).validated:
        text.append("The search looked at these held-out images too, without labels.")
    if not seen["labelled"]:
        text.append("There are no labels: accuracy, NMI and purity cannot be told (–).")
    return Section("The comparison", text, score_panels(run), comparison_table(comparison(run)))


def comparison_table(table: Mapping[str, Rows]) -> Table:
    """The comparison: mean, with several seeds ± standard deviation, and a dash where there is no number.

    Examples
    --------
    >>> rows = {"vae": [{"accuracy": 0.5, "seconds": 2.0}], "zbo": [{"accuracy": 0.7, "seconds": 3.0}]}
    >>> comparison_table(rows).rows[1][:3]
    ['jrVAE, schedule found by zBO', '0.700', '–']
    """
    return score_table("model", {TITLES[key]: rows for key, rows in table.items()}, columns())


def correlation_table(rhos: Mapping[str, Mapping[str, float]]) -> Table:
    """Rank correlation of every label-free number with every score by labels."""
    truths, headings = list(next(iter(rhos.values()))), {one.name: one.heading for one in score_columns()}
    rows = [
        [name, *(f"{row[t]:+.2f}" if math.isfinite(row[t]) else NONE for t in truths)] for name, row in rhos.items()
    ]
    return Table(["ρ with", *(headings[truth] for truth in truths)], rows)


STORY = Story(
    headline,
    sections,
    facts,
    numbers,
    line,
    tables=lambda run: [("", comparison_table(comparison(run)))] if comparison(run) else [],
    notes=lambda run: poor_families(run.numbers("plane").get("r2", {})),  # what the latent plane does not keep
    about=lambda run: Path(run.spec.data).name,
)
