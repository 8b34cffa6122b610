"""The page of a zBO study."""

import shlex
from datetime import datetime
from pathlib import Path

from latscape.errors import LatscapeError
from latscape.report import campaign, models, tables, words
from latscape.report.findings import rank_correlations, summary
from latscape.report.page import Page, Section, write_page
from latscape.studies.contenders import keys
from latscape.studies.zbo import Study
from latscape.trajectories.space import TrajectorySpace


def write_report(study: Study) -> Path:
    """Draw the figures of a study and write its page; what is there already is replaced.

    Parameters
    ----------
    study
        Finished or not: stages that did not happen yet are left out.

    Returns
    -------
    Path
        `report.html` in the folder of the run, one file without any reference to others; the pictures lie also in
        `figures/`.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    settings = study.settings.as_dict()
    begun = f"begun {datetime.fromisoformat(study.record.meta('created')):%Y-%m-%d %H:%M} UTC"
    on = (
        "look at it again, or to go on with it after a change of the report"
        if study.finished
        else "go on where it stood"
    )
    page = Page(
        about=["latscape zBO", words.state(study), f"seed {study.settings.seed}", begun],
        headline=words.headline(study),
        facts=tables.facts(study, summary(study)),
        sections=_sections(study),
        command=study.record.get("command") or "",
        again=(f"To {on}:", shlex.join(["latscape", "resume", str(study.folder)])),
        settings={name: str(value) for name, value in settings.items()} | {"families": ", ".join(settings["families"])},
        versions=study.record.meta("versions"),
    )
    return write_page(study.folder, page)


def _sections(study: Study) -> list[Section]:
    evaluations = study.evaluations
    measured = any(e.status == "done" for e in evaluations)
    sections = _search_sections(study, measured)
    if study.comparison():
        sections += _model_sections(study)
    rhos = rank_correlations(evaluations)
    if rhos:
        text = [
            "Labels were never used in the search. Here they tell whether a label-free number would have led the right "
            f"way: rank correlation (Spearman) over the {sum(e.status == 'done' for e in evaluations)} evaluations."
        ]
        sections.append(
            Section("Does the objective earn trust?", text, models.trust_panels(study, rhos), tables.correlations(rhos))
        )
    if any(e.status == "failed" for e in evaluations):
        sections.append(Section("Failures", table=tables.failures(evaluations)))
    return sections


def _search_sections(study: Study, measured: bool) -> list[Section]:
    sections: list[Section] = []
    space = None
    if not (study.folder / "models" / "trajectories.safetensors").exists():
        return sections
    try:
        space = study.fit_space()
    except LatscapeError as error:  # numbers and pictures that need no model are shown all the same
        sections.append(Section("The search space", warnings=[f"It could not be read again. {error}"]))
    else:
        sections.append(_plane_section(study, space))
        if study.record.get("landscape"):
            panels = campaign.landscape_panels(study, space) + campaign.training_panels(study)
            sections.append(Section("What zBO found", panels=panels))
    if measured:
        looked = [campaign.search_panel(study, space)] if space is not None else []
        text = words.ended_early(study)
        sections.append(Section("How the search went", text, [campaign.convergence_panel(study), *looked]))
    return sections


def _plane_section(study: Study, space: TrajectorySpace) -> Section:
    kept = ", ".join(f"{name} {max(r2, 0):.0%}" for name, r2 in space.r2_.items())
    text = [f"Share of each family's variance that survives being squeezed to two numbers (R²): {kept}."]
    return Section(
        "The search space", text, campaign.plane_panels(study, space), warnings=words.poor_families(space.r2_)
    )


def _model_sections(study: Study) -> list[Section]:
    table, settings = study.comparison(), study.settings
    learned, labelled = Section("What the models learned"), True
    try:
        learned.panels.append(models.sample_panel(study.images.training))
        learned.text.append(f"Images: {study.images.source} ({study.images.licence}).")
        labelled = study.images.labels is not None
    except LatscapeError as error:  # the user's file may have moved since
        learned.warnings.append(f"The images could not be read again. {error}")
    for key, letter in zip(keys(study.settings), "bcdef", strict=False):
        if key not in table:
            continue
        try:
            learned.panels.append(models.manifold_panel(study, key, letter))
        except LatscapeError as error:
            learned.warnings.append(f"A model could not be read again. {error}")
    trained = study.record.config.get("images", {}).get("training", settings.final_images)
    seen = "scored on held-out images that no model was trained on"
    note = [f"Trained on {trained} images for {settings.cycles} cycles, {seen}."]
    if settings.objective in ("elbo", "agreement", "information"):
        note.append("The search looked at these held-out images too, without labels.")
    if not labelled:
        note.append("There are no labels: accuracy, NMI and purity cannot be told (–).")
    return [learned, Section("The comparison", note, models.score_panels(study), tables.scores(table))]
