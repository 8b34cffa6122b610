"""The page of the study of structure and property."""

from collections.abc import Mapping, Sequence
from typing import Any

from latscape.runs import Run, Section, Story, Table
from latscape.studies.structure_property.panels import cluster_panels, half_panels, outline_panels
from latscape.studies.structure_property.spec import StructurePropertySpec

Study = Run[StructurePropertySpec]
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


def headline(run: Study) -> list[str]:
    """How well what was predicted."""
    clusters, tasks = _of(run, "clusters"), {title: _of(run, name) for name, title in TASKS.items()}
    said = [_sentence(title, clusters[way]) for way, title in WAYS.items() if clusters]
    said += [_sentence(title, _scores(found)) for title, found in tasks.items() if found.get("available")]
    return said or ["Nothing is done yet."]


def facts(run: Study) -> Sequence[tuple[str, str]]:
    """The error of the encoder-decoder."""
    found, words = _of(run, "clusters"), "error of spectra by VED (mean: 1)"
    return [(f"{found['image_to_spectrum']['VED']['error']:.2f}", words)] if found else []


def sections(run: Study) -> list[Section]:
    """A table of every task that is done, and its pictures."""
    found = []
    if numbers := _of(run, "clusters"):
        found += [Section(title, table=_table(numbers[way])) for way, title in WAYS.items()]
        found[-1].panels.extend(cluster_panels(run.arrays("clusters")))
    return found + [_task(run, name, title, _of(run, name)) for name, title in TASKS.items() if _of(run, name)]


def _of(run: Study, stage: str) -> dict[str, Any]:
    return run.numbers(stage).get(stage, {})


def _task(run: Study, name: str, title: str, numbers: Mapping[str, Any]) -> Section:
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


def _scores(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in numbers.items() if isinstance(one, Mapping)}


def _table(scores: Scores) -> Table:
    rows = [[name, *(f"{one[key]:{form}}" for key, form in FORMS.items())] for name, one in scores.items()]
    least = min(range(len(rows)), key=lambda row: float(rows[row][1]))
    return Table(HEAD, rows, frozenset({(least, 1)}))


STORY = Story(headline, sections, facts)
