"""Models on disk: one safetensors file whose metadata holds the options as JSON. Nothing is ever unpickled."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from latscape.autoencoders.continuous import ContinuousBernoulli
from latscape.autoencoders.facts import Facts, Scaling
from latscape.autoencoders.known import Condition, Factors, Labels, Paired, Unused
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian, Poisson
from latscape.curves import DampedSine, Periodic, Ramp, Segments
from latscape.errors import InputError
from latscape.geometry.pose import Rotation, Scale, Shear, Shift, Translation
from latscape.nets.conv import ConvDecoder
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import ConvEncoder, DenseEncoder
from latscape.nets.factorised import FactorisedDecoder
from latscape.nets.warp import WarpDecoder

FORMAT = "latscape-model-2"
_LIKELIHOODS = (Bernoulli, ContinuousBernoulli, Gaussian, Poisson)
_CURVES = (Ramp, Segments, Periodic, DampedSine)
_POSE = (Rotation, Translation, Shift, Scale, Shear)
_ENCODERS = (DenseEncoder, ConvEncoder)
_DECODERS = (DenseDecoder, ConvDecoder, WarpDecoder, FactorisedDecoder, CoordinateDecoder)
_KNOWN = (Unused, Condition, Labels, Factors, Paired, Facts, Scaling)
_ALL = (*_LIKELIHOODS, *_CURVES, *_POSE, *_ENCODERS, *_DECODERS, *_KNOWN)
_PARTS: dict[str, type] = {part.__name__: part for part in _ALL}


@dataclass(frozen=True)
class Fitted:
    """What a fitted estimator is, beside its weights.

    Attributes
    ----------
    kind : str
        Name of its class.
    options : dict
        Its parameters when it was fitted; the device and terms of one's own are not stored.
    history : dict of list
    learned : dict
        Whatever else it needs to be itself: shapes, scalings.
    """

    kind: str
    options: dict[str, Any]
    history: dict[str, list[float]]
    learned: dict[str, Any]

    def portable(self) -> dict[str, Any]:
        """Its fields, of the options only those that are stored."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {"options": portable(self.options)}


def portable(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options without the device and terms of one's own."""
    return {name: value for name, value in options.items() if name not in ("device", "terms")}


def save(weights: Mapping[str, Tensor], fitted: Fitted, path: str | Path) -> Path:
    """Write a model; a reader sees the old file or the whole new one."""
    header = {"format": FORMAT, "kind": fitted.kind, "history": json.dumps(fitted.history)}
    header |= {"options": to_json(portable(fitted.options)), "learned": to_json(fitted.learned)}
    return write(weights, header, Path(path))


def to_json(values: Mapping[str, Any]) -> str:
    """Options with their parts by name, as JSON."""
    return json.dumps(values, default=_encode)


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


def read(path: str | Path) -> tuple[Fitted, dict[str, Tensor]]:
    """What `save` wrote."""
    with safe_open(path, framework="pt") as file:
        header = file.metadata() or {}
        if header.get("format") != FORMAT:
            raise ValueError("another format")
        options, learned = (json.loads(header[name], object_hook=_decode) for name in ("options", "learned"))
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
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
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise InputError(expected, str(path), hint) from error


def _encode(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type) and type(value) is _PARTS.get(type(value).__name__):
        # Not asdict, which would strip the name from a part within a part.
        return {"part": type(value).__name__} | {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise InputError("parts that latscape ships", type(value).__name__, "saving model_.state_dict() yourself")


def _decode(value: dict[str, Any]) -> Any:
    """Parts by name; lists come back as the tuples they were, arrays among the options as tuples too."""
    items = {name: _tuple(item) for name, item in value.items() if name != "part"}
    return _PARTS[value["part"]](**items) if "part" in value else items


def _tuple(item: Any) -> Any:
    return tuple(_tuple(one) for one in item) if isinstance(item, list) else item
