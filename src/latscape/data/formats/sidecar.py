"""What a JSON file beside the data says of the measurement."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from latscape.signals.signal import Signal

_DEEP = 8


def sidecar(file: Path) -> dict[str, Any] | None:
    """What a JSON file of the same name says of the measurement."""
    path = file.with_suffix(".json")
    if path == file or not path.is_file() or path.stat().st_size > 2**20:
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def described(signal: Signal, beside: dict[str, Any]) -> Signal:
    """The signal with further metadata, and with the field of view of an image if they tell it."""
    signal = replace(signal, metadata={**signal.metadata, **beside})
    view = _find(beside, "field_of_view_x"), _find(beside, "field_of_view_y")
    names = {axis.name: axis for axis in signal.axes}
    if not all(isinstance(size, int | float) and size > 0 for size in view) or not {"x", "y"} <= set(names):
        return signal
    if names["x"].calibrated or names["y"].calibrated:
        return signal
    units = _find(beside, "field_of_view_units")
    made = signal.calibrated((float(view[1]), float(view[0])), units if isinstance(units, str) else "")
    return replace(made, axes=tuple(replace(a, navigate=a.navigate and a.name not in "xy") for a in made.axes))


def _find(found: Any, key: str, deep: int = _DEEP) -> Any:
    if not isinstance(found, dict) or not deep:
        return None
    return (
        found[key] if key in found else next((v for part in found.values() if (v := _find(part, key, deep - 1))), None)
    )
