"""The page of the study of field histories."""

from collections.abc import Mapping, Sequence
from typing import Any

from latscape.runs import Run, Section, Story
from latscape.studies.ferrosim_history import panels
from latscape.studies.ferrosim_history.spec import HistorySpec

Spec = HistorySpec
Numbers = Mapping[str, Any]


def headline(run: Run[Spec]) -> list[str]:
    """What was found, the campaign first."""
    surface, search, physics, improved = (_of(run, name) for name in ("surface", "search", "physics", "improved"))
    said = [_search_sentence(search, run.spec.budget)] if search else []
    said += [_surface_sentence(surface)] if surface else []
    said += _physics_sentences(physics) if physics else []
    said += _improved_sentences(improved, surface)
    return said or ["Nothing was found yet."]


def facts(run: Run[Spec]) -> Sequence[tuple[str, str]]:
    """The truth on the grid, and how much of the curves the plane keeps."""
    found = _of(run, "surface")
    if not found:
        return []
    grid = [(f"{found['grid_best']:.2f}", "best of the grid"), (str(found["grid_points"]), "points on the grid")]
    return [*grid, (f"{found['r2']:.2f}", "R² of the curves in the plane")]


def sections(run: Run[Spec]) -> list[Section]:
    """The pictures of the stages that are done."""
    pictures = {
        "surface": ("The plane and its truth", [panels.surface]),
        "search": ("The histories", [panels.course]),
        "physics": ("What the curl does", [panels.observations, panels.states]),
        "improved": ("Beyond the plane, and two fields at once", [panels.improved]),
    }
    return [
        Section(title, panels=[draw(run) for draw in drawn])
        for stage, (title, drawn) in pictures.items()
        if _of(run, stage)
    ]


def line(run: Run[Spec]) -> dict[str, Any]:
    """For the list of runs."""
    return {"best_value": _of(run, "search").get("best")}


def _of(run: Run[Spec], stage: str) -> Numbers:
    return run.numbers(stage).get(stage, {})


def _surface_sentence(found: Numbers) -> str:
    return (
        f"The best of {found['grid_points']} points of the plane has a sum of |curl| of {found['grid_best']:.2f}; "
        f"{found['share_within_1_percent']:.1%} of the plane come within 1 % of it. Without any field it is "
        f"{found['no_field']:.2f}, the best of 1,000 training curves has {found['training_best']:.2f}."
    )


def _search_sentence(found: Numbers, budget: int) -> str:
    reached = found["to_99_percent"]
    when = f"after {reached} evaluations it came within 1 % of it" if reached else "it did not come within 1 % of it"
    return (
        f"After {budget} evaluations the campaign's best is {found['best']:.2f}, {found['regret']:.2%} below the best "
        f"of the grid; {when}. Its surface and the true one correlate by {found['surface_correlation']:.3f}."
    )


def _physics_sentences(found: Numbers) -> list[str]:
    said = [
        f"In equilibration the curl falls in {found['decays']:.0%} of the histories; the rate and the curl at the "
        f"onset correlate by {found['decay_correlation']:+.2f}.",
        f"The curl of unit vectors and the mean size of the vectors correlate by {found['size_correlation']:+.2f}.",
    ]
    if found["lag_steps"] is not None:
        low, high = found["lag_quartiles"]
        said.append(
            f"After the coercive field (mean polarization zero, {found['crossings']} times) the curl has its next "
            f"maximum {found['lag_steps']:.0f} steps later (middle half: {low:.0f} to {high:.0f})."
        )
    said.append(
        f"Without disorder px stays {found['px_without_disorder']:.1g}, and the sum of |curl| is "
        f"{found['without_disorder']:.2f}: what the open edges make."
    )
    return said


def _improved_sentences(found: Numbers, surface: Numbers) -> list[str]:
    said = []
    if "beyond" in found:
        gain = found["beyond"] / surface["grid_best"] - 1
        said.append(f"A search that may leave the plane finds {found['beyond']:.2f}, {gain:+.2%} of the grid's best.")
    if "joint" in found:
        gain = found["joint"] / surface["grid_best"] - 1
        said.append(f"With Ex(t) and Ey(t) in one plane the best is {found['joint']:.2f}, {gain:+.2%} of that.")
    return said


STORY = Story(headline, sections, facts, line=line)
