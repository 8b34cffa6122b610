"""What a model is fitted to: the samples of a file, what is known of them, and which of them are held out."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.data.dataset import Dataset
from latscape.data.mnist import mnist
from latscape.data.samples import load_labels, load_samples, sample_file
from latscape.errors import InputError
from latscape.random import numpy_generator
from latscape.signals.stored import Rows
from latscape.studies.models import ModelOptions

Values = NDArray[np.float32] | Rows

#: What each likelihood takes, and what to try where it does not.
RANGES = {
    "bernoulli": ((0.0, 1.0), "in [0, 1]", "--normalize, or --likelihood gaussian"),
    "poisson": ((0.0, np.inf), "of at least zero", "--likelihood gaussian"),
    "gaussian": ((-np.inf, np.inf), "", ""),
}


@dataclass(frozen=True)
class DataOptions:
    """Which samples, as plain JSON types.

    Attributes
    ----------
    data : str
        "mnist", or a file of images, curves or what was measured at each place; see `latscape.data.load_samples`.
    labels : str, optional
        A file of labels; default those that the file of samples holds, if any.
    target : str, optional
        A file of what is to be decoded, for `ved`.
    axes : str, optional
        Names for the axes of the file of samples, "y, x | energy [eV]": those before the bar count the samples.
    finite : bool
        Leave out samples with NaN, such as the places that an unfinished grid did not reach.
    normalize : bool
        Scale all values of a file linearly, so that they fill [0, 1].
    images : int, optional
        Size of a random subset.
    held_out : float
        Share of the samples that the model is not fitted to.
    """

    data: str
    labels: str | None = None
    target: str | None = None
    axes: str | None = None
    finite: bool = False
    normalize: bool = False
    images: int | None = None
    held_out: float = 0.1

    def __post_init__(self) -> None:
        for name in ("data", "target", "labels"):  # a run is repeated from anywhere
            path = getattr(self, name)
            if path not in (None, "mnist"):
                if name != "labels":
                    sample_file(path)
                object.__setattr__(self, name, str(Path(path).expanduser().absolute()))
        if not 0 < self.held_out < 1:
            raise InputError("a share of held-out samples between 0 and 1", self.held_out, "--held-out 0.1")
        if self.images is not None and self.images < 3:
            raise InputError("at least 3 samples", f"--images {self.images}", "--images 1000")

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples of one study.

    Attributes
    ----------
    x : array, shape (n, height, width), (n, height, width, channels) or (n, length)
        In memory, or `Rows` of a file beyond it, which are read when they are taken.
    held_out : ndarray of bool, shape (n,)
    index : ndarray, shape (n,)
        Place of each in the file.
    labels : ndarray, shape (n,), optional
        -1 = unknown; None where nobody knows one.
    target : array, shape (n, ...), optional
        What is to be decoded, where it is not `x`.
    source, licence : str
    scaling : dict
        "x" (and "target"): what became 0 and 1, [low, high], if the values were scaled.
    """

    x: Values
    held_out: NDArray[np.bool_]
    index: NDArray[np.int64]
    labels: NDArray[np.int64] | None
    target: Values | None
    source: str
    licence: str
    scaling: dict[str, list[float]]

    def __len__(self) -> int:
        return len(self.x)

    @property
    def decoded(self) -> Values:
        """What a model is to give back."""
        return self.x if self.target is None else self.target

    def told(self, what: str) -> Any:
        """The `y` of a preset that is told "labels", "target" or nothing."""
        return {"labels": self.labels, "target": self.target}.get(what)


def load(options: DataOptions, model: ModelOptions) -> Samples:
    """Read and split the samples for a model; the same options give the same samples."""
    told = model.preset.told
    data = _read(options.data, options, model, axes=options.axes, finite=options.finite)
    labels = _labels(options, data, model)
    if (told == "target") != (options.target is not None):
        got, hint = (options.target or "no --target"), ("--target spectra.npy" if told else "--model ved")
        raise InputError("a --target for ved, and for ved alone", got, hint)
    target = None if options.target is None else _read(options.target, options, model).images
    if target is not None and len(target) != len(data):
        got = f"{len(target)} of {options.target}, {len(data)} of {options.data}"
        raise InputError("as many targets as samples", got, "files of one length")
    order = numpy_generator(model.seed, "subset").permutation(len(data))[: options.images]
    samples = Samples(
        x=_taken(data.images, order),
        held_out=_held_out(len(order), options.held_out, model.seed),
        index=order if data.places is None else data.places[order],
        labels=None if labels is None else labels[order],
        target=None if target is None else _taken(target, order),
        source=data.source,
        licence=data.licence,
        scaling={},
    )
    samples = _normalized(samples) if options.normalize else samples
    _check_range(samples.decoded, model)
    return samples


def _read(path: str, options: DataOptions, model: ModelOptions, **how: Any) -> Dataset:
    if path == "mnist":
        return mnist("embedded")
    return load_samples(path, scaled=not options.normalize and model.decoded != "poisson", **how)


def _taken(values: Values, order: NDArray[np.int64]) -> Values:
    """Samples in this order; those of packed files are unpacked once, in the order of the file."""
    if not isinstance(values, Rows):
        return values[order]
    return values[np.sort(order)].scratch()[np.argsort(np.argsort(order))]


def _labels(options: DataOptions, data: Dataset, model: ModelOptions) -> NDArray[np.int64] | None:
    labels = data.labels if options.labels is None else load_labels(options.labels, len(data))
    needed = model.preset.told == "labels"
    if labels is None or (labels < 0).all():
        if needed:
            raise InputError(f"labels for {model.model}", "none", "--labels FILE, or --model jrvae, which needs none")
        return None
    least = 0 if model.model == "cvae" else -1
    most = (model.classes if needed else None) or int(labels.max()) + 1
    if labels.min() < least or labels.max() >= most:
        unknown = ", -1 = unknown" if least else ""
        got, hint = f"{labels.min()} to {labels.max()}", "more classes, or np.unique(labels, return_inverse=True)[1]"
        raise InputError(f"labels in 0...{most - 1}{unknown}", got, hint)
    return labels


def _held_out(n: int, share: float, seed: int) -> NDArray[np.bool_]:
    held_out = max(1, round(share * n))
    if n - held_out < 2:
        raise InputError("at least 2 samples beside those held out", f"{n - held_out} of {n}", "more samples")
    mask = np.zeros(n, dtype=bool)
    mask[numpy_generator(seed, "split").permutation(n)[:held_out]] = True
    return mask


def _normalized(samples: Samples) -> Samples:
    scaled: dict[str, Any] = {"x": samples.x} | ({} if samples.target is None else {"target": samples.target})
    scaling = {name: [float(values.min()), float(values.max())] for name, values in scaled.items()}
    for name, (low, high) in scaling.items():
        if low == high:
            raise InputError("samples that differ somewhere", f"the value {low:g} in every place", "more samples")
        values = scaled[name]
        rows = isinstance(values, Rows)
        scaled[name] = values.scaled(low, high) if rows else ((values - low) / (high - low)).clip(0.0, 1.0)
    return replace(samples, **scaled, scaling=scaling)


def _check_range(values: Values, model: ModelOptions) -> None:
    low, high = float(values.min()), float(values.max())
    (least, most), where, hint = RANGES[model.decoded]
    if low < least or high > most:
        expected = f"values {where} for a {model.decoded} likelihood"
        raise InputError(expected, f"values from {low:g} to {high:g}", hint)
