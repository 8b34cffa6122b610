"""The page of the study of structure and property."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from latscape.runs import Run, Section, Table
from latscape.studies.shared.pages import stage_story
from latscape.studies.structure_property.panels import cluster_panels, half_panels, outline_panels
from latscape.studies.structure_property.spec import StructurePropertySpec

Study = Run[StructurePropertySpec]
Numbers = Mapping[str, Any]
Scores = Mapping[str, Mapping[str, float]]

WAYS = {"image_to_spectrum": "Spectrum from image", "spectrum_to_image": "Image from spectrum"}
#: Stages of data that were measured.
TASKS = {
    "silica": "SiO2 particles: X-ray spectra from the HAADF image",
    "loops": "PbTiO3: hysteresis loops from the amplitude image",
    "outlines": "Outlines of real micrographs, with simulated spectra",
}
MODELS = ("VED", "dual VAE")
OUTLINES = (
    "{new} particles of {micrographs} micrographs; the models saw ellipses only. Each particle stands alone here. As "
    "one cluster with gaps of half a radius, the particles of a micrograph would scatter {coupling_nm:.0f} nm further "
    "to the red (mean)."
)
HALVES = "{known} places on the left to learn from, {new} on the right to predict."
FORMS = {"error": ".3f", "within_1": ".2f", "within_2": ".2f"}
HEAD = ["prediction", "error (mean: 1)", "within 1 std (0.68)", "within 2 std (0.95)"]


def _cluster_sentences(run: Study, found: Numbers) -> list[str]:
    return [_sentence(title, found[way]) for way, title in WAYS.items()]


def _cluster_fact(run: Study, found: Numbers) -> tuple[str, str]:
    return f"{found['image_to_spectrum']['VED']['error']:.2f}", "error of spectra by VED (mean: 1)"


def _clusters(run: Study, found: Numbers) -> list[Section]:
    sections = [Section(title, table=_table(found[way])) for way, title in WAYS.items()]
    sections[-1].panels.extend(cluster_panels(run.arrays("clusters")))
    return sections


def _task_sentences(title: str, run: Study, found: Numbers) -> list[str]:
    return [_sentence(title, _scores(found))] if found["available"] else []


def _task(name: str, title: str, run: Study, numbers: Numbers) -> Section:
    if not numbers["available"]:
        return Section(title, warnings=["Its data are not below $LATSCAPE_DATA."])
    text = OUTLINES if name == "outlines" else HALVES
    panels = outline_panels(run.arrays(name)) if name == "outlines" else half_panels(name, run.arrays(name))
    return Section(title, [text.format(**numbers)], panels, _table(_scores(numbers)))


def _sentence(title: str, scores: Scores) -> str:
    errors = {name: one["error"] for name, one in scores.items() if name != "mean"}
    listed = ", ".join(f"{name} {error:.2f}" for name, error in errors.items())
    best = min(errors[name] for name in MODELS if name in errors)
    better = [f"{name} ({error:.2f})" for name, error in errors.items() if name not in MODELS and error < best]
    lost = f" No model was better than {' or '.join(better)}." if better else ""
    return f"{title}, error where the mean has 1: {listed}.{lost}"


def _scores(numbers: Numbers) -> dict[str, Any]:
    return {name: one for name, one in numbers.items() if isinstance(one, Mapping)}


def _table(scores: Scores) -> Table:
    rows = [[name, *(f"{one[key]:{form}}" for key, form in FORMS.items())] for name, one in scores.items()]
    least = min(range(len(rows)), key=lambda row: float(rows[row][1]))
    return Table(HEAD, rows, frozenset({(least, 1)}))


STORY = stage_story(
    {"clusters": _cluster_sentences} | {name: partial(_task_sentences, title) for name, title in TASKS.items()},
    {"clusters": _clusters} | {name: partial(_task, name, title) for name, title in TASKS.items()},
    {"clusters": _cluster_fact},
)
