"""One model fitted to a file of samples: what it says of each of them, and how well it does on those held out."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from latscape.autoencoders.estimator import VAE
from latscape.autoencoders.saved import load as load_model
from latscape.campaign.storage import versions
from latscape.errors import InputError, RecordError
from latscape.geometry.pose import Rotation, Transform
from latscape.studies.arrays import read_arrays, write_arrays
from latscape.studies.findings import examples, latents_of, meaning, scores_of
from latscape.studies.models import PRESETS, ModelOptions
from latscape.studies.run import MODEL, RESULT, read_result, write_result
from latscape.studies.samples import DataOptions, Samples, load

LATENTS, SHOWN = "latents.npz", "shown.npz"
OnCycle = Callable[[int, int, str], None]


@dataclass
class Fit:
    """A fitted model in its folder.

    Attributes
    ----------
    folder : Path
    result : dict
        What `result.json` holds: kind, created (UTC), command, versions, options, parameters (of the estimator), data,
        pose (deviation of the prior of each factor, None where it is uniform), seconds [s], history (mean loss and
        terms per cycle [nat per sample]), scores, arrays (of `latents.npz`).
    """

    folder: Path
    result: dict[str, Any]

    @classmethod
    def open(cls, folder: Path) -> "Fit":
        """A fit that is done."""
        result = read_result(folder)
        if result["kind"] != "fit":
            raise RecordError("a fit", f"{folder / RESULT} of another kind", "`latscape runs` for those there are")
        return cls(folder, result)

    @property
    def classes(self) -> int:
        """Classes that the model finds or is told."""
        return self.result["options"]["classes"] or 0

    @property
    def told(self) -> bool:
        """Whether its classes are those of labels."""
        return PRESETS[self.result["options"]["model"]].told == "labels"

    @property
    def model_file(self) -> Path:
        """Where the fitted model is."""
        return self.folder / MODEL

    @cached_property
    def model(self) -> VAE:
        """The fitted model, read from the folder."""
        return load_model(self.model_file)

    @cached_property
    def latents(self) -> dict[str, NDArray[Any]]:
        """What the model says of every sample, by name; `findings.MEANINGS` says what the names are."""
        return read_arrays(self.folder / LATENTS)

    @cached_property
    def shown(self) -> dict[str, NDArray[Any]]:
        """Some held-out samples: "original" and "decoded", and "input" where that is something else."""
        return read_arrays(self.folder / SHOWN)


class Prepared(NamedTuple):
    """All that a fit needs: the unfitted model, its samples, and the options with the classes that labels tell."""

    model: VAE
    samples: Samples
    options: ModelOptions


def prepare(data: DataOptions, options: ModelOptions) -> Prepared:
    """Read the samples and compose the model: bad input shows here."""
    samples = load(data, options)
    if options.preset.told == "labels" and options.classes is None and samples.labels is not None:
        options = replace(options, classes=int(samples.labels.max()) + 1)
    model = options.build(samples.x.shape[1:], float(samples.decoded.max()))
    spread, sigma = float(samples.decoded.max() - samples.decoded.min()), getattr(model.likelihood, "sigma", 0.0)
    if sigma >= spread:
        got, hint = (
            f"sigma {sigma:g}, and values over a range of {spread:g}",
            f"--sigma {spread / 10:.2g}, or --normalize",
        )
        raise InputError("a sigma below the range of the values", got, hint)
    return Prepared(model, samples, options)


def fit(
    data: DataOptions,
    prepared: Prepared,
    folder: Path,
    *,
    command: str = "",
    on_cycle: OnCycle = lambda cycle, cycles, note: None,
    checkpoint: Path | None = None,
) -> Fit:
    """Train, look at every sample, and write the folder: the numbers last, which make it a run."""
    model, samples, options = prepared
    y, fitted = samples.told(options.preset.told), ~samples.held_out
    begun = time.perf_counter()
    model.fit(
        samples.x[fitted],
        None if y is None else y[fitted],
        on_cycle=lambda cycle, means: on_cycle(cycle + 1, model.cycles, f"loss {means['loss']:.5g}"),
        checkpoint=checkpoint,
    )
    seconds = time.perf_counter() - begun
    latents = latents_of(model, samples, options)
    shown = examples(model, samples, options)
    model.save(folder / MODEL)
    write_arrays(folder / LATENTS, latents)
    write_arrays(folder / SHOWN, shown)
    result = {
        "kind": "fit",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "versions": versions(),
        "options": {**data.as_dict(), **options.as_dict()},
        "parameters": {name: str(value) for name, value in model.get_params(deep=False).items()},
        "data": describe(samples),
        "pose": {factor.name: prior_of(factor) for factor in model.pose},
        "seconds": seconds,
        "history": model.history_,
        "scores": scores_of(model, samples, options, latents),
        "arrays": {name: f"{meaning(name)}, shape {values.shape}" for name, values in latents.items()},
    }
    write_result(folder, result)
    return Fit(folder, result)


def prior_of(factor: Transform) -> float | None:
    """Deviation of the prior; None where it is uniform, as several starts around the turn together are."""
    uniform = factor.prior == math.inf or (isinstance(factor, Rotation) and factor.starts > 1)
    return None if uniform else factor.prior


def describe(samples: Samples) -> dict[str, Any]:
    """What is worth keeping of the samples: where they are from, how many, of which shape."""
    return {
        "source": samples.source,
        "licence": samples.licence,
        "samples": len(samples),
        "fitted": int((~samples.held_out).sum()),
        "held_out": int(samples.held_out.sum()),
        "shape": list(samples.x.shape[1:]),
        "labelled": 0 if samples.labels is None else int((samples.labels >= 0).sum()),
        "scaling": samples.scaling,
    }
