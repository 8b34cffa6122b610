"""The page: sections of text, panels and tables, rendered to one file that needs nothing beside it."""

import base64
import os
import shlex
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from latscape.errors import InputError, LatscapeError
from latscape.report import campaign, models, tables, words
from latscape.report.findings import rank_correlations, summary
from latscape.report.panels import Panel
from latscape.studies.zbo import CONTENDERS, Study
from latscape.trajectories.space import TrajectorySpace


@dataclass(frozen=True)
class Section:
    """A heading, paragraphs, pictures and at most one table.

    Attributes
    ----------
    title
    text
        Paragraphs.
    panels
    table
        (head, rows) of texts.
    warnings
        Paragraphs that stand out.
    """

    title: str
    text: list[str] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    table: tables.Table | None = None
    warnings: list[str] = field(default_factory=list)


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
    sections = _sections(study)
    pictures = {panel.name: panel.png() for section in sections for panel in section.panels}
    page = study.folder / "report.html"
    try:
        for name, png in pictures.items():
            _write(study.folder / "figures" / f"{name}.png", png)
        _write(page, _render(study, sections, pictures).encode())
    except OSError as error:
        raise InputError("a folder that can be written", f"{study.folder} ({error.strerror})", "another") from error
    return page


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
        sections.append(Section("How the search went", panels=[campaign.convergence_panel(study), *looked]))
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
    for key, letter in zip(CONTENDERS, "bcde", strict=True):
        if key not in table:
            continue
        try:
            learned.panels.append(models.manifold_panel(study, key, letter))
        except LatscapeError as error:
            learned.warnings.append(f"A model could not be read again. {error}")
    trained = study.record.config.get("images", {}).get("training", settings.final_images)
    seen = "scored on held-out images that no model was trained on"
    note = [f"Trained on {trained} images for {settings.cycles} cycles, {seen}."]
    if settings.objective in ("elbo", "agreement"):
        note.append("The search looked at these held-out images too, without labels.")
    if not labelled:
        note.append("There are no labels: accuracy, NMI and purity cannot be told (–).")
    return [learned, Section("The comparison", note, models.score_panels(study), tables.scores(table))]


def _render(study: Study, sections: list[Section], pictures: dict[str, bytes]) -> str:
    loader = PackageLoader("latscape.report", ".")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    context: dict[str, Any] = {
        "name": study.folder.name or "run",
        "state": words.state(study),
        "headline": words.headline(study),
        "facts": tables.facts(study, summary(study)),
        "sections": sections,
        "pictures": {name: base64.b64encode(png).decode() for name, png in pictures.items()},
        "settings": study.settings.as_dict(),
        "versions": study.record.meta("versions"),
        "created": f"{datetime.fromisoformat(study.record.meta('created')):%Y-%m-%d %H:%M} UTC",
        "command": study.record.get("command"),
        "resume": shlex.join(["latscape", "resume", str(study.folder)]),
        "finished": study.finished,
    }
    return environment.get_template("page.html.j2").render(context)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    os.replace(partial, path)
