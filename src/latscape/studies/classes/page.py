"""What a search for the number of classes says, and its page."""

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from latscape.runs import Run, Section, Story, Table
from latscape.studies.classes.panels import number_panel, picture_panel
from latscape.studies.classes.spec import ClassesSpec
from latscape.studies.classes.stages import Row, pictures, rows, within_spread
from latscape.studies.shared.tables import data_words, fitted_words, listed

CAUTION = (
    "These numbers do not decide. They say what this model makes of so many classes, not how many kinds there are: "
    "look at the pictures, and at what you know of the samples."
)
MEANING = (
    "All on held-out samples: ELBO, mean ± standard deviation over the members; dispersion, how far the members' class "
    "probabilities differ about a sample; agreement, the mean NMI between members; used, classes with at least 1% of "
    "the samples."
)
IDLE = "Most members put all samples into one class: more --epochs, or another --beta-c, before any number is chosen."
#: Score, heading, format.
COLUMNS = (
    ("elbo", "ELBO [nat]", ".5g"),
    ("dispersion", "dispersion", ".3f"),
    ("agreement", "agreement", ".3f"),
    ("used_classes", "used", "g"),
    ("accuracy", "accuracy", ".2f"),
    ("seconds", "seconds", ".3g"),
)


def headline(run: Run[ClassesSpec]) -> list[str]:
    """What the numbers say, cautiously."""
    found = rows(run)
    if not found:
        return ["No number of classes was tried yet."]
    return [*advice(found), f"{run.spec.members} members each, {fitted_words(run.record.get('data'))}", CAUTION]


def advice(found: Mapping[int, Row]) -> list[str]:
    """What speaks for which number of classes, if anything does."""
    (best, enough), steady = within_spread(found), min(found, key=lambda count: found[count]["dispersion"])
    full = [count for count in found if min(found[count]["used_classes"]) >= count]
    return [
        _verdict(enough, steady, full) if _parted(found) else IDLE,
        f"The held-out ELBO is highest with {best} classes ({_spread(found[best]['elbo'], '.5g')})"
        + ("." if best == enough else f"; the smallest number within its spread over the members is {enough}."),
        f"Members differ least about the samples with {steady} classes (dispersion {found[steady]['dispersion']:.3f}).",
        f"All members use all their classes with {_listed(full)} classes."
        if full
        else "With every number that was tried, some member leaves a class empty.",
    ]


def table(run: Run[ClassesSpec]) -> Table:
    """A row for every number of classes: mean ± standard deviation over the members, or from the least to the most."""
    found = rows(run)
    shown = [column for column in COLUMNS if any(column[0] in row for row in found.values())]
    cells = [[str(k), *(_cell(name, row.get(name), form) for name, _, form in shown)] for k, row in found.items()]
    return Table(["classes", *(heading for _, heading, _ in shown)], cells)


def sections(run: Run[ClassesSpec]) -> list[Section]:
    """The page."""
    found = rows(run)
    if not found:
        return []
    text = [data_words(run.record.get("data")), MEANING]
    shown = {int(count): picture for count, picture in pictures(run).items() if int(count) in found}
    looks = [Section("What the classes look like", panels=[picture_panel(shown)])] if shown else []
    return [Section("In numbers", text, [number_panel(found)], table(run)), *looks]


def facts(run: Run[ClassesSpec]) -> Sequence[tuple[str, str]]:
    """The few numbers on top."""
    found = [(f"2 to {run.spec.up_to}", "classes tried"), (str(run.spec.members), "members of each ensemble")]
    data = run.record.get("data")
    return [*found, (str(data["samples"]), "samples")] if data else found


def numbers(run: Run[ClassesSpec]) -> dict[str, Any]:
    """For JSON: k (the rows, by number of classes) and advice."""
    return {"k": {str(count): row for count, row in rows(run).items()}, "advice": headline(run)}


def _parted(found: Mapping[int, Row]) -> bool:
    return fmean(used > 1 for row in found.values() for used in row["used_classes"]) >= 0.5


def _verdict(enough: int, steady: int, full: Sequence[int]) -> str:
    if enough == steady and enough in full:
        return f"ELBO, dispersion and use of the classes agree on {enough} classes: a number to begin with."
    if enough == steady:
        return f"ELBO and dispersion speak for {enough} classes, but some member leaves one of them empty."
    used = f", and all classes are used up to {max(full)}" if full else ""
    said = f"{enough} classes are enough for the ELBO, {steady} are the steadiest{used}"
    return f"The numbers do not agree: {said}. Look at both."


def _cell(name: str, value: Any, form: str) -> str:
    if value is None:
        return "–"
    if name == "used_classes":
        least, most = min(value), max(value)
        return f"{least:g}" if least == most else f"{least:g} to {most:g}"
    return _spread(value, form) if isinstance(value, list) else f"{value:{form}}"


def _spread(values: Sequence[float], form: str) -> str:
    return f"{fmean(values):{form}} ± {stdev(values):.2g}"


def _listed(counts: Sequence[int]) -> str:
    if len(counts) > 2 and counts[-1] - counts[0] == len(counts) - 1:
        return f"{counts[0]} to {counts[-1]}"
    return listed([str(count) for count in counts])


STORY = Story(
    headline,
    sections,
    facts,
    numbers,
    tables=lambda run: [("", table(run))] if rows(run) else [],
    about=lambda run: run.spec.model,
)
