"""The page of a study: what all have in common; what a study says and shows is its own `Content`."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from latscape.report.fits import made
from latscape.report.page import Page, Section, write_page
from latscape.report.tables import duration
from latscape.studies.study import NamedStudy


@dataclass(frozen=True)
class Content:
    """What a study says: sentences, the most important first; (number, what it is); sections."""

    headline: Sequence[str]
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]


#: Functions of a `NamedStudy`, finished or not, that return `Content`: "module.name" by name of the study.
PAGES: dict[str, str] = {
    "ferrosim-hamiltonian": "latscape.report.ferrosim.hamiltonian",
    "ferrosim-history": "latscape.report.ferrosim.history",
    "structure-property": "latscape.report.structure_property.page",
    "graphene": "latscape.report.atoms.content",
    "mos2": "latscape.report.atoms.content",
    "domains": "latscape.report.domains.domains",
    "spectrum-image": "latscape.report.domains.spectrum_image",
    "movie": "latscape.report.domains.movie",
}


def content_of(study: NamedStudy) -> Content:
    """What a study says and shows, as far as it has come."""
    module, _, name = PAGES[study.name].rpartition(".")
    page: Callable[[NamedStudy], Content] = getattr(import_module(module), name)
    return page(study)


def write_study_report(study: NamedStudy) -> Path:
    """Draw the figures of a study and write its page, as far as it has come.

    Returns
    -------
    Path
        `report.html`; the pictures lie also in `figures/`.
    """
    content, result = content_of(study), study.result
    page = Page(
        about=[f"latscape study {study.name}", study_state(study), f"seed {result['settings']['seed']}", made(result)],
        headline=content.headline,
        facts=[*content.facts, (duration(study.seconds), "in all")],
        sections=content.sections,
        command=result["command"],
        again=("To go on, or to draw this page again:", shlex.join(["latscape", "resume", str(study.folder)])),
        settings={name: str(value) for name, value in result["settings"].items() if value is not None},
        versions=result["versions"],
    )
    return write_page(study.folder, page)


def study_summary(study: NamedStudy) -> dict[str, Any]:
    """What `--json` prints: the numbers of all stages, the run (path), and the report (path or None)."""
    report = study.folder / "report.html"
    numbers: dict[str, Any] = {}
    for stage in study.result["stages"]:
        numbers |= study.numbers(stage)
    return {
        "run": str(study.folder),
        "kind": "study",
        "study": study.name,
        "finished": study.finished,
        "seconds": study.seconds,
        **numbers,
        "report": str(report) if report.exists() else None,
    }


def study_state(study: NamedStudy) -> str:
    """How far it has come."""
    done, stages = len(study.result["stages"]), len(study.definition.stages)
    return "finished" if study.finished else f"unfinished: {done} of {stages} stages"
