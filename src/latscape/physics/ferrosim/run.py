"""What goes into a simulation and what comes out: a batch of histories, and what became of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.errors import EvaluationError, InputError

FloatArray = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class FerroSIMRun:
    """What became of a batch of histories.

    Attributes
    ----------
    time : (steps,)
        From 0, in the unit of dt.
    field : (batch, steps, 2)
        Applied field.
    mean : (batch, steps, 2)
        Mean polarization after each step; the first is that of the start.
    final : (batch, 2, rows, columns)
        The last state.
    kept : (frames,)
        Steps of which the states were kept.
    frames : (batch, frames, 2, rows, columns)
        Those states.
    diverged : (batch,)
        The step at which a history left finite numbers, or -1.
    """

    time: FloatArray
    field: FloatArray
    mean: FloatArray
    final: FloatArray
    kept: NDArray[np.int64]
    frames: FloatArray
    diverged: NDArray[np.int64]

    def expect_finite(self) -> "FerroSIMRun":
        """Itself.

        Raises
        ------
        EvaluationError
            If a history diverged; a campaign keeps that as the reason of a failed evaluation.
        """
        bad = np.flatnonzero(self.diverged >= 0)
        if len(bad):
            step = int(self.diverged[bad[0]])
            raise EvaluationError(
                f"Expected finite polarization. Got a simulation that diverges at step {step} of history {bad[0]}"
                f" ({len(bad)} of {len(self.diverged)} did). Try more substeps, or a weaker field."
            )
        return self


def as_histories(E: ArrayLike) -> FloatArray:
    """Histories (batch, steps, 2) from (steps,) or (batch, steps), which are along y, or (batch, steps, 2)."""
    given = np.asarray(E, dtype=float)
    expected = "histories (steps,), (batch, steps) or (batch, steps, 2) of at least 3 steps"
    histories = given[None] if given.ndim == 1 else given
    if histories.ndim == 2:
        histories = np.stack([np.zeros_like(histories), histories], axis=-1)
    if histories.ndim != 3 or histories.shape[2] != 2 or not len(histories) or histories.shape[1] < 3:
        hint = "E[None] for one history of two components" if given.ndim == 2 else "np.linspace(0, 1, 900)"
        raise InputError(expected, f"shape {given.shape}", hint)
    bad = ~np.isfinite(histories).all(axis=(1, 2))
    if bad.any():
        raise InputError("finite fields", f"NaN or infinity in history {int(bad.argmax())}", "leaving it out")
    return histories
