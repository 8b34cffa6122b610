"""Trainings of a stage, which go on from where they were stopped."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numpy.typing import NDArray

from latscape.autoencoders import VAE
from latscape.autoencoders.likelihoods import Gaussian
from latscape.campaign.record import CampaignRecord
from latscape.random import derive_seed
from latscape.runs import Progress, Run
from latscape.studies.shared.patch_options import OrientedPatchOptions, PatchOptions


def fit_resumably(
    model: VAE, run: Run[Any], name: str, progress: Progress, x: NDArray[Any], y: NDArray[Any] | None = None
) -> VAE:
    """Fit a model; a training that was stopped goes on from its checkpoint, which is kept until the stage is done."""
    every, checkpoint = max(1, model.epochs // 50), run.partial(f"{name}.checkpoint")
    return model.fit(x, y, on_epoch=progress.on_epoch(model.epochs), checkpoint=checkpoint, every=every)


def fit_and_save(model: VAE, run: Run[Any], name: str, progress: Progress, x: NDArray[Any]) -> VAE:
    """The same, and the fitted model is kept beside the record, in `name`.safetensors."""
    fit_resumably(model, run, name, progress, x).save(run.file(f"{name}.safetensors"))
    return model


@contextmanager
def timed(record: CampaignRecord, name: str) -> Iterator[None]:
    """Add the time that the block takes [s], also where it is stopped, to that of earlier sittings under this name."""
    begun, before = time.perf_counter(), record.get(name) or 0.0
    try:
        yield
    finally:
        record.put(name, before + time.perf_counter() - begun)


def pose_options(spec: OrientedPatchOptions) -> dict[str, Any]:
    """The pose that autoencoders of patches absorb: turns within the symmetry, and shifts."""
    return {"n_orientations": spec.n_orientations, "turn": 2.0 * math.pi / spec.symmetry, "shift": spec.shift}


def training_options(spec: PatchOptions, noise: float, name: str) -> dict[str, Any]:
    """How autoencoders of patches with pixels of some noise are trained; their seed is derived from a name."""
    options: dict[str, Any] = {"latent": spec.latent, "epochs": spec.epochs, "batch": 50, "learning_rate": 3e-3}
    return options | {"likelihood": Gaussian(noise), "seed": derive_seed(spec.seed, name)}
