"""Models on disk: one safetensors file whose metadata holds the options as JSON. Nothing is ever unpickled."""

import json
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from latscape.autoencoders.likelihoods import Bernoulli, Gaussian
from latscape.curves import as_array
from latscape.errors import InputError
from latscape.geometry.pose import Rotation, Scale, Shear, Translation
from latscape.nets.decoders import CoordinateDecoder, DenseDecoder, WarpDecoder
from latscape.nets.encoders import DenseEncoder

if TYPE_CHECKING:
    from latscape.autoencoders.estimator import VAE

FORMAT = "latscape-vae-1"
_PARTS: dict[str, type] = {
    part.__name__: part
    for part in (
        Bernoulli,
        Gaussian,
        Rotation,
        Translation,
        Scale,
        Shear,
        DenseDecoder,
        WarpDecoder,
        CoordinateDecoder,
        DenseEncoder,
    )
}


def save(estimator: "VAE", path: str | Path) -> Path:
    """Write a fitted estimator; schedules are stored as their values, terms of one's own are not stored."""
    options = {
        name: value for name, value in estimator.get_params(deep=False).items() if name not in ("device", "terms")
    }
    for name in ("beta_c", "beta_d", "learning_rate"):
        options[name] = as_array(options[name], estimator.cycles).tolist()
    fitted = {"shape": estimator.shape_, "channels": estimator.channels_, "history": estimator.history_}
    header = {"format": FORMAT, "options": json.dumps(options, default=_encode), "fitted": json.dumps(fitted)}
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    weights = {name: value.contiguous().cpu() for name, value in estimator.model_.state_dict().items()}
    save_file(weights, partial, metadata=header)
    partial.replace(path)  # a reader sees the old file or the whole new one
    return path


def read(path: str | Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, Tensor]]:
    """Options, fitted attributes and weights from a file that `save` wrote."""
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT:
                raise _foreign(path)
            options = json.loads(header["options"], object_hook=_decode)
            fitted = json.loads(header["fitted"])
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise _foreign(path) from error
    return options, fitted, weights


def load_weights(model: nn.Module, weights: dict[str, Tensor], path: str | Path) -> None:
    """Put the weights into the model, or say that the file is not its."""
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise _foreign(path) from error


def _foreign(path: str | Path) -> InputError:
    return InputError("a model file written by latscape", str(path), "the .safetensors file that VAE.save wrote")


def _encode(value: Any) -> Any:
    if is_dataclass(value) and type(value).__name__ in _PARTS:
        return {"part": type(value).__name__, **asdict(value)}  # type: ignore[arg-type]
    if isinstance(value, np.generic):
        return value.item()
    raise InputError("parts that latscape ships", f"{type(value).__name__}", "saving model_.state_dict() yourself")


def _decode(value: dict[str, Any]) -> Any:
    if "part" not in value:
        return value
    fields = {name: tuple(item) if isinstance(item, list) else item for name, item in value.items() if name != "part"}
    return _PARTS[value["part"]](**fields)
