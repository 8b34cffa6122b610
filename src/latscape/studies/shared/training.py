"""Trainings of a stage, which go on from where they were stopped."""

from typing import Any

from numpy.typing import NDArray

from latscape.autoencoders.estimator import VAE
from latscape.runs import Progress, Run


def fit_resumably(
    model: VAE, run: Run[Any], name: str, progress: Progress, x: NDArray[Any], y: NDArray[Any] | None = None
) -> VAE:
    """Fit a model; a training that was stopped goes on from its checkpoint, which is kept until the stage is done."""
    return model.fit(
        x,
        y,
        on_cycle=progress.on_cycle(model.cycles),
        checkpoint=run.partial(f"{name}.checkpoint"),
        every=max(1, model.cycles // 50),
    )
