"""The settings of a campaign as JSON, so that a record says how it was made and can be resumed without being told."""

import dataclasses
from typing import Any

from latscape.campaign.acquire import UCB, Acquisition, NoisyLogEI, Thompson, acquisition
from latscape.campaign.space import Points
from latscape.errors import InputError
from latscape.gp.deep import DeepKernel
from latscape.gp.exact import Exact
from latscape.gp.seldom import Seldom
from latscape.gp.stacked import Stacked
from latscape.gp.surrogate import Surrogate

# Only these are made anew from a record: a record is data, and never names code to import.
_RESTORABLE = {part.__name__: part for part in (DeepKernel, Exact, Seldom, Stacked, UCB, NoisyLogEI, Thompson)}


def describe(part: Any) -> Any:
    """A surrogate or an acquisition as JSON: a name stays, a dataclass is its name and fields.

    Examples
    --------
    >>> describe("ei"), describe(UCB(k=3.0))
    ('ei', {'name': 'UCB', 'k': 3.0})
    """
    if isinstance(part, str):
        return part
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        return {"name": type(part).__name__} | {f.name: _value(getattr(part, f.name)) for f in dataclasses.fields(part)}
    return {"name": getattr(part, "__qualname__", type(part).__name__)}


def describe_candidates(candidates: Points) -> dict[str, Any]:
    """What tells one space from another: number and extent of the candidates, to three digits.

    No digest of all coordinates: another processor may change their last bits, and a run must go on there.
    """
    low, high = (
        [float(f"{value:.3g}") for value in bound] for bound in (candidates.min(axis=0), candidates.max(axis=0))
    )
    return {"candidates": len(candidates), "low": low, "high": high}


def restore_surrogate(stored: Any) -> Surrogate:
    """The surrogate a record was made with."""
    return _restore(stored, "surrogate")


def restore_acquisition(stored: Any) -> str | Acquisition:
    """The acquisition a record was made with."""
    if isinstance(stored, str):
        acquisition(stored)
        return stored
    return _restore(stored, "acquire")


def _restore(stored: Any, argument: str) -> Any:
    options = dict(stored) if isinstance(stored, dict) else {"name": stored}
    name = options.pop("name", None)
    if name not in _RESTORABLE:
        raise InputError(f"the {argument} this record was made with", f"only its name, {name}", f"{argument}=... again")
    return _RESTORABLE[name](**{key: _given(value, argument) for key, value in options.items()})


def _given(value: Any, argument: str) -> Any:
    """An option as the part wants it: parts may hold parts."""
    if isinstance(value, dict):
        return _restore(value, argument)
    return tuple(_given(one, argument) for one in value) if isinstance(value, list) else value


def _value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    if isinstance(value, tuple(_RESTORABLE.values())):
        return describe(value)
    plain = value is None or isinstance(value, bool | int | float | str)
    return value if plain else getattr(value, "__qualname__", type(value).__qualname__)  # repr may hold an address
