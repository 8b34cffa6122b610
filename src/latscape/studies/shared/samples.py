"""What a model is fitted to: samples of a file, what is known of them, which are held out, and the model."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.likelihoods import COUNTS, Likelihood
from latscape.campaign.record import CampaignRecord
from latscape.data.dataset import Dataset
from latscape.data.digits import mnist
from latscape.data.samples import load_labels, load_samples, sample_file
from latscape.errors import InputError
from latscape.random import numpy_generator
from latscape.signals.stored import Rows
from latscape.studies.shared.models import build, check, likelihood, preset
from latscape.studies.shared.options import NAMED, SampleModelOptions

Values = NDArray[np.float32] | Rows


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples of one study.

    Attributes
    ----------
    x : array, shape (n, height, width), (n, height, width, channels) or (n, length)
        In memory, or `Rows` of a file beyond it, which are read when they are taken.
    validation : ndarray of bool, shape (n,)
    index : ndarray, shape (n,)
        Place of each in the file.
    labels : ndarray, shape (n,), optional
        -1 = unknown; None where nobody knows one.
    target : array, shape (n, ...), optional
        What is to be decoded, where it is not `x`.
    scaling : dict
        "x" (and "target"): what became 0 and 1, [low, high], if the values were scaled.
    """

    x: Values
    validation: NDArray[np.bool_]
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

    @property
    def validation_labels(self) -> NDArray[np.int64] | None:
        """Labels of those held out; None where nobody knows one."""
        labels = None if self.labels is None else self.labels[self.validation]
        return None if labels is None or (labels < 0).all() else labels

    def told(self, what: str) -> Any:
        """The `y` of a preset that is told "labels", "target" or nothing."""
        return {"labels": self.labels, "target": self.target}.get(what)


class Prepared(NamedTuple):
    """The unfitted model, its samples, and the options with the classes that labels tell."""

    model: VAE
    samples: Samples
    options: SampleModelOptions


def prepare(options: SampleModelOptions) -> Prepared:
    """Read the samples and compose the model: bad input shows here."""
    if options.data not in NAMED:
        sample_file(options.data)  # a missing file is said before anything that is missing for it
    check(options)
    samples = load(options)
    if preset(options.model).y == "labels" and options.classes is None and samples.labels is not None:
        options = options.changed(classes=int(samples.labels.max()) + 1)
    model = build(options, samples.x.shape[1:], float(samples.decoded.max()))
    spread, sigma = float(samples.decoded.max() - samples.decoded.min()), getattr(model.likelihood, "sigma", 0.0)
    if sigma >= spread:
        got = f"sigma {sigma:g}, and values over a range of {spread:g}"
        hint = f"--likelihood gaussian:{spread / 10:.2g}, or --normalize"
        raise InputError("a sigma below the range of the values", got, hint)
    return Prepared(model, samples, options)


def describe(samples: Samples) -> dict[str, Any]:
    """What is worth keeping of the samples: where they are from, how many, of which shape."""
    return {
        "source": samples.source,
        "licence": samples.licence,
        "samples": len(samples),
        "fitted": int((~samples.validation).sum()),
        "validation": int(samples.validation.sum()),
        "shape": list(samples.x.shape[1:]),
        "labelled": 0 if samples.labels is None else int((samples.labels >= 0).sum()),
        "scaling": samples.scaling,
        "digest": hashlib.sha256(np.asarray(samples.x[np.array([0, len(samples) - 1])]).tobytes()).hexdigest()[:16],
    }


def check_same_samples(record: CampaignRecord, samples: Samples) -> Samples:
    """The samples, if a run was begun with them; the first time, its record learns which they are.

    Raises
    ------
    InputError
        For others.
    """
    found, kept = describe(samples), record.get("data")
    if kept is None:
        record.put("data", found)
    elif kept != found:
        raise InputError("the samples this run was begun with", f"{samples.source}, which has changed", "a new run")
    return samples


def load(options: SampleModelOptions) -> Samples:
    """Read and split the samples for a model; the same options give the same samples."""
    y = preset(options.model).y
    data = _read(options.data, options, axes=options.axes, finite=options.finite)
    labels = _labels(options, data, y)
    if (y == "target") != (options.target is not None):
        got, hint = (options.target or "no --target"), ("--target spectra.npy" if y else "--model ved")
        raise InputError("a --target for ved, and for ved alone", got, hint)
    target = None if options.target is None else _read(options.target, options).images
    if target is not None and len(target) != len(data):
        got = f"{len(target)} of {options.target}, {len(data)} of {options.data}"
        raise InputError("as many targets as samples", got, "files of one length")
    order = numpy_generator(options.seed, "subset").permutation(len(data))[: options.images]
    samples = Samples(
        x=_taken(data.images, order),
        validation=_validation_mask(len(order), options.validation_count(len(order)), options.seed),
        index=order if data.places is None else data.places[order],
        labels=None if labels is None else labels[order],
        target=None if target is None else _taken(target, order),
        source=data.source,
        licence=data.licence,
        scaling={},
    )
    samples = _normalized(samples) if options.normalize else samples
    _check_range(samples.decoded, likelihood(options), options.likelihood or "bernoulli")
    return samples


def _read(path: str, options: SampleModelOptions, **how: Any) -> Dataset:
    if path == "mnist":
        return mnist("embedded")
    return load_samples(path, scaled=not options.normalize and likelihood(options).support != COUNTS, **how)


def _taken(values: Values, order: NDArray[np.int64]) -> Values:
    """Samples in this order; those of packed files are unpacked once, in the order of the file."""
    if not isinstance(values, Rows):
        return values[order]
    return values[np.sort(order)].scratch()[np.argsort(np.argsort(order))]


def _labels(options: SampleModelOptions, data: Dataset, y: str) -> NDArray[np.int64] | None:
    labels = data.labels if options.labels is None else load_labels(options.labels, len(data))
    if labels is None or (labels < 0).all():
        if y == "labels":
            hint = "--labels FILE, or --model jrvae, which needs none"
            raise InputError(f"labels for {options.model}", "none", hint)
        return None
    least = 0 if options.model == "cvae" else -1
    most = (options.classes if y == "labels" else None) or int(labels.max()) + 1
    if labels.min() < least or labels.max() >= most:
        unknown = ", -1 = unknown" if least else ""
        got, hint = f"{labels.min()} to {labels.max()}", "more classes, or np.unique(labels, return_inverse=True)[1]"
        raise InputError(f"labels in 0...{most - 1}{unknown}", got, hint)
    return labels


def _validation_mask(n: int, validation: int, seed: int) -> NDArray[np.bool_]:
    if n - validation < 2:
        raise InputError("at least 2 samples beside those for validation", f"{n - validation} of {n}", "more samples")
    mask = np.zeros(n, dtype=bool)
    mask[numpy_generator(seed, "split").permutation(n)[:validation]] = True
    return mask


def _normalized(samples: Samples) -> Samples:
    scaled: dict[str, Any] = {"x": samples.x} | ({} if samples.target is None else {"target": samples.target})
    scaling = {name: [float(values.min()), float(values.max())] for name, values in scaled.items()}
    for name, (low, high) in scaling.items():
        if low == high:
            raise InputError("samples that differ somewhere", f"the value {low:g} in every place", "more samples")
        values, span = scaled[name], high - low
        scaled[name] = values.scaled(low, high) if isinstance(values, Rows) else ((values - low) / span).clip(0.0, 1.0)
    return replace(samples, **scaled, scaling=scaling)


def _check_range(values: Values, of: Likelihood, word: str) -> None:
    low, high = float(values.min()), float(values.max())
    least, most = of.support
    if low < least or high > most:
        where = f"in [{least:g}, {most:g}]" if np.isfinite(most) else f"of at least {least:g}"
        expected = f"values {where} for a {word.partition(':')[0]} likelihood"
        hint = f"{'--normalize, or ' if np.isfinite(most) else ''}--likelihood gaussian"
        raise InputError(expected, f"values from {low:g} to {high:g}", hint)
