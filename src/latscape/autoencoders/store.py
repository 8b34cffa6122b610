"""Models on disk: one safetensors file whose metadata holds the options as JSON. Nothing is ever unpickled."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from latscape.autoencoders.continuous import ContinuousBernoulli
from latscape.autoencoders.likelihoods import Bernoulli, Gaussian, Poisson
from latscape.curves import DampedSine, Periodic, Ramp, Segments
from latscape.errors import InputError
from latscape.geometry.pose import Rotation, Scale, Shear, Shift, Translation
from latscape.nets.conv import ConvDecoder
from latscape.nets.coordinate import CoordinateDecoder
from latscape.nets.dense import DenseDecoder
from latscape.nets.encoders import ConvEncoder, DenseEncoder
from latscape.nets.factorised import FactorisedDecoder
from latscape.nets.turned import TurnedDecoder
from latscape.nets.warp import WarpDecoder

FORMAT = "latscape-vae-1"
_LIKELIHOODS = (Bernoulli, ContinuousBernoulli, Gaussian, Poisson)
_CURVES = (Ramp, Segments, Periodic, DampedSine)
_POSE = (Rotation, Translation, Shift, Scale, Shear)
_ENCODERS = (DenseEncoder, ConvEncoder)
_DECODERS = (DenseDecoder, ConvDecoder, WarpDecoder, FactorisedDecoder, CoordinateDecoder, TurnedDecoder)
_PARTS: dict[str, type] = {part.__name__: part for part in (*_LIKELIHOODS, *_CURVES, *_POSE, *_ENCODERS, *_DECODERS)}


@dataclass(frozen=True)
class Fitted:
    """What a fitted estimator is, beside its weights.

    Attributes
    ----------
    options : dict
        Its parameters when it was fitted; the device and terms of one's own are not stored.
    shape : tuple
        Shape of one sample.
    history : dict of list
    """

    options: dict[str, Any]
    shape: tuple[int, ...]
    history: dict[str, list[float]]


def save(model: nn.Module, fitted: Fitted, path: str | Path) -> Path:
    """Write a model; a reader sees the old file or the whole new one."""
    options = {name: value for name, value in fitted.options.items() if name not in ("device", "terms")}
    header = {"format": FORMAT, "options": json.dumps(options, default=_encode)}
    header |= {"shape": json.dumps(fitted.shape), "history": json.dumps(fitted.history)}
    path = Path(path)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    weights = {name: value.contiguous().cpu() for name, value in model.state_dict().items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(weights, partial, metadata=header)
        partial.replace(path)
    except (OSError, SafetensorError) as error:
        partial.unlink(missing_ok=True)
        raise InputError("a place that can be written", f"{path} ({error})", "another folder") from error
    return path


def read(path: str | Path) -> tuple[Fitted, dict[str, Tensor]]:
    """What `save` wrote."""
    with safe_open(path, framework="pt") as file:
        header = file.metadata() or {}
        if header.get("format") != FORMAT:
            raise ValueError("another format")
        options = json.loads(header["options"], object_hook=_decode)
        options["pose"] = tuple(options["pose"])
        shape = tuple(int(side) for side in json.loads(header["shape"]))
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
        return Fitted(options, shape, dict(json.loads(header["history"]))), weights


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Turn whatever a missing, damaged or foreign file causes into one error."""
    try:
        yield
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        hint = "the .safetensors file that VAE.save wrote"
        raise InputError("a model file written by latscape", str(path), hint) from error


def _encode(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type) and type(value) is _PARTS.get(type(value).__name__):
        # Not asdict, which would strip the name from a part within a part.
        return {"part": type(value).__name__, **{field.name: getattr(value, field.name) for field in fields(value)}}
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise InputError("parts that latscape ships", type(value).__name__, "saving model_.state_dict() yourself")


def _decode(value: dict[str, Any]) -> Any:
    if "part" not in value:
        return value
    options = {name: tuple(item) if isinstance(item, list) else item for name, item in value.items() if name != "part"}
    return _PARTS[value["part"]](**options)
