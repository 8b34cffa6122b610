"""Pages that are told stage by stage: each stage has functions of what it found, and is passed over before it did."""

from collections.abc import Callable, Mapping
from typing import Any

from latscape.runs import Story

#: `(run, numbers of the stage) -> what is said`, one thing or a list of them.
Told = Mapping[str, Callable[[Any, dict[str, Any]], Any]]


def stage_numbers(run: Any, stage: str) -> dict[str, Any]:
    """The numbers of a stage, those below its own name where it has such; empty before it is done."""
    found = run.numbers(stage)
    below = found.get(stage)
    return below if isinstance(below, dict) else found


def by_stage(told: Told) -> Callable[[Any], list[Any]]:
    """What is said by each stage that found something, in one list."""

    def say(run: Any) -> list[Any]:
        said = [tell(run, found) for stage, tell in told.items() if (found := stage_numbers(run, stage))]
        return [one for some in said for one in (some if isinstance(some, list) else [some])]

    return say


def stage_story(headline: Told, sections: Told, facts: Told | None = None, **further: Any) -> Story:
    """A story whose sentences, sections and facts are told by stages; `further` are other parts of `Story`."""
    sentences = by_stage(headline)
    return Story(
        lambda run: sentences(run) or ["Nothing was found yet."], by_stage(sections), by_stage(facts or {}), **further
    )
