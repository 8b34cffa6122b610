"""Parts as JSON and back. A file names parts, never code: what nobody registered is refused, whichever way it goes."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from latscape.errors import InputError
from latscape.parts.registry import find_part, identify_part


def dump(value: Any) -> str:
    """Values with their parts by name, as JSON.

    Raises
    ------
    InputError
        For a part that nobody registered.

    Examples
    --------
    >>> from latscape.curves import linear
    >>> dump({"beta": linear(0.0, 1.0)})
    '{"beta": {"part": "curve:ramp", "first": 0.0, "last": 1.0, "start": 0.0, "end": 1.0}}'
    >>> restore(dump({"beta": linear(0.0, 1.0)}))
    {'beta': Ramp(first=0.0, last=1.0, start=0.0, end=1.0)}
    """
    return json.dumps(value, default=encode)


def restore(text: str) -> Any:
    """What `dump` wrote; lists come back as the tuples they were."""
    return decode(json.loads(text))


def encode(value: Any) -> Any:
    """A part as a JSON object: its kind and word, and its fields. Not asdict, which would strip parts within parts."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    entry = identify_part(value)
    if entry is not None:
        name = {"part": f"{entry.kind}:{entry.word}"}
        if value is entry.load():
            return name
        if is_dataclass(value):
            return name | {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        if hasattr(value, "arg_constraints"):  # a distribution of torch, whose parameters are tensors
            tensors = {field: getattr(value, field) for field in value.arg_constraints}
            kinds = {str(tensor.dtype).removeprefix("torch.") for tensor in tensors.values()}
            return name | {"dtype": kinds.pop()} | {field: tensor.tolist() for field, tensor in tensors.items()}
    got, hint = type(value).__name__, '@latscape.register("decoder", "mine")'
    raise InputError("parts that are registered", getattr(value, "__qualname__", got), hint)


def decode(value: Any) -> Any:
    """The parts that a JSON value names, made again."""
    if isinstance(value, list):
        return tuple(decode(item) for item in value)
    if not isinstance(value, Mapping):
        return value
    items = {name: decode(item) for name, item in value.items() if name != "part"}
    if "part" not in value:
        return items
    kind, _, word = str(value["part"]).partition(":")
    part = find_part(kind, word).load()
    if hasattr(part, "arg_constraints"):
        import torch

        dtype = getattr(torch, items.pop("dtype"))
        return part(**{name: torch.tensor(item, dtype=dtype) for name, item in items.items()})
    return part(**items) if isinstance(part, type) else part
