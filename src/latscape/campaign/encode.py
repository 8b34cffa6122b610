"""Numbers and plain objects as standard JSON, which keeps float64 exactly."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from latscape.errors import InputError


def dump_numbers(numbers: Any) -> str:
    """Nested lists of floats as standard JSON; NaN is null and an infinity a number too large for float64.

    Examples
    --------
    >>> dump_numbers([0.1, math.nan, -math.inf])
    '[0.1, null, -9e999]'
    >>> load_numbers("[0.1, null, -9e999]")
    [0.1, nan, -inf]
    """
    return json.dumps(numbers).replace("NaN", "null").replace("Infinity", "9e999")


def load_numbers(text: str) -> Any:
    """The lists that `dump_numbers` wrote."""
    numbers = json.loads(text)
    return _nan_for_null(numbers) if "null" in text else numbers


def _nan_for_null(numbers: Any) -> Any:
    if isinstance(numbers, list):
        return [_nan_for_null(one) for one in numbers]
    return math.nan if numbers is None else numbers


def plain(obj: Any) -> Any:
    """The JSON form of numbers, texts, lists, mappings, paths and numpy arrays; what is not finite becomes None.

    Examples
    --------
    >>> plain({"a": np.arange(2), "b": (np.float32(0.5), float("nan"))})
    {'a': [0, 1], 'b': [0.5, None]}
    """
    if isinstance(obj, np.ndarray | np.generic):
        return plain(obj.tolist())
    if isinstance(obj, dict):
        return {str(key): plain(value) for key, value in obj.items()}
    if isinstance(obj, list | tuple):
        return [plain(value) for value in obj]
    if isinstance(obj, Path):
        return str(obj)
    if isinstance(obj, float) and not math.isfinite(obj):
        return None
    if obj is None or isinstance(obj, bool | int | float | str):
        return obj
    raise InputError("something JSON can say", type(obj).__name__, "numbers, texts, lists, mappings or arrays")
