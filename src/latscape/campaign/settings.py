"""The settings of a campaign as JSON, so that a record says how it was made and can be resumed without being told."""

import dataclasses
import json
from typing import Any

from latscape.campaign.space import Points
from latscape.errors import InputError
from latscape.parts.codec import decode, dump


def describe(part: Any) -> Any:
    """A surrogate, an acquisition or a scalarizer as JSON: words stay, registered parts can be made again from it.

    Of any other part only its name and plain fields are kept, which tell whether a run is resumed with the same one.

    Examples
    --------
    >>> from latscape.campaign.acquire import UCB
    >>> describe("ei"), describe(UCB(k=3.0))
    ('ei', {'part': 'acquisition:ucb', 'k': 3.0})
    """
    if isinstance(part, str):
        return part
    try:
        return json.loads(dump(part))
    except InputError:  # a part of one's own, or one that holds such a part
        name = {"name": getattr(part, "__qualname__", type(part).__qualname__)}  # repr may hold an address
        if not dataclasses.is_dataclass(part) or isinstance(part, type):
            return name
        return name | {one.name: _value(getattr(part, one.name)) for one in dataclasses.fields(part)}


def describe_candidates(candidates: Points) -> dict[str, Any]:
    """What tells one space from another: number and extent of the candidates, to three digits.

    No digest of all coordinates: another processor may change their last bits, and a run must go on there.
    """
    ends = candidates.min(axis=0), candidates.max(axis=0)
    low, high = ([float(f"{value:.3g}") for value in end] for end in ends)
    return {"candidates": len(candidates), "low": low, "high": high}


def restore(stored: Any, argument: str) -> Any:
    """The `argument` of the campaign a record was made with; InputError where only its name is kept."""
    if isinstance(stored, str) and argument == "acquire":
        return stored
    if not isinstance(stored, dict) or "part" not in stored:
        name = stored.get("name") if isinstance(stored, dict) else stored
        raise InputError(f"the {argument} this record was made with", f"only its name, {name}", f"{argument}=... again")
    return decode(stored)


def _value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _value(one) for name, one in value.items()}
    plain = value is None or isinstance(value, bool | int | float | str)
    return value if plain else describe(value)
