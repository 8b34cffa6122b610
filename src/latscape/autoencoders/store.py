"""Models on disk: one safetensors file whose metadata holds the options as JSON. Nothing is ever unpickled."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from latscape.errors import InputError
from latscape.parts.codec import dump, restore
from latscape.parts.registry import identify_part

#: What a file says it is; one that says an older thing is read by the version that wrote it.
FORMAT, OLDER = "latscape-model-3", {"latscape-model-1": "0.1.0", "latscape-model-2": "0.1.0"}


@dataclass(frozen=True)
class Fitted:
    """What a fitted estimator is, beside its weights."""

    kind: str  # name of its class
    options: dict[str, Any]  # of the fit; the device, and terms that nobody registered, are not stored
    history: dict[str, list[float]]
    learned: dict[str, Any]  # whatever else it needs to be itself: shapes, scalings

    def portable(self) -> dict[str, Any]:
        """Its fields, of the options only those that are stored."""
        return {**vars(self), "options": portable(self.options)}


def portable(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options without the device, and without terms that nobody registered."""
    terms = options.get("terms") or {}
    left = {"device"} if all(identify_part(term) for term, _ in terms.values()) else {"device", "terms"}
    return {name: value for name, value in options.items() if name not in left}


def save(weights: Mapping[str, Tensor], fitted: Fitted, path: str | Path) -> Path:
    """Write a model; a reader sees the old file or the whole new one."""
    header = {"format": FORMAT, "kind": fitted.kind, "history": json.dumps(fitted.history)}
    header |= {"options": dump(portable(fitted.options)), "learned": dump(fitted.learned)}
    return write(weights, header, Path(path))


def write(weights: Mapping[str, Tensor], header: dict[str, str], path: Path) -> Path:
    """Write tensors and texts to one safetensors file, whole or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    weights = {name: value.contiguous().cpu() for name, value in weights.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(weights, partial, metadata=header)
        partial.replace(path)
    except (OSError, SafetensorError) as error:
        with suppress(OSError):
            partial.unlink()
        raise InputError("a place that can be written", f"{path} ({error})", "another folder") from error
    return path


def contents(path: str | Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Texts and tensors that `write` wrote."""
    with safe_open(path, framework="pt") as file:
        return file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  no mapping


def read(path: str | Path) -> tuple[Fitted, dict[str, Tensor]]:
    """What `save` wrote."""
    header, weights = contents(path)
    if version := OLDER.get(header.get("format", "")):
        got = f"{path}, a model of latscape {version}"
        raise InputError("a model of this version", got, f"latscape {version}, which reads it, or fitting it again")
    if header.get("format") != FORMAT:
        raise ValueError("another format")
    options, learned = (restore(header[name]) for name in ("options", "learned"))
    return Fitted(header["kind"], options, dict(json.loads(header["history"])), learned), weights


@contextmanager
def reading(
    path: str | Path,
    expected: str = "a model file written by latscape",
    hint: str = "the .safetensors file that `save` wrote",
) -> Iterator[None]:
    """Turn whatever a missing, damaged or foreign file causes into one error."""
    try:
        yield
    except InputError:
        raise
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise InputError(expected, str(path), hint) from error
