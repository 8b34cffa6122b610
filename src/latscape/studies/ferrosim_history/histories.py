"""What a field history is worth: hold its last field, follow it with FerroSIM, and look at the last state.

And the lectures' observations, on curves of the family: decay, the coercive field, normalised curl and size.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.campaign import EvaluationResult
from latscape.errors import InputError
from latscape.physics.ferrosim import FerroSIM, curl_sum, normalized_curl_sum, random_field
from latscape.physics.ferrosim.observables import magnitude
from latscape.physics.ferrosim.run import FerroSIMRun
from latscape.random import numpy_generator
from latscape.runs import Progress, Run, StageResult
from latscape.studies.ferrosim_history.spec import HistorySpec
from latscape.trajectories import damped_sine_family

FloatArray = NDArray[np.floating]
#: Curves of which the observations are made, and steps between two pictures of a history.
OBSERVED, SHOWN_STEPS = 100, 20


@dataclass(frozen=True, eq=False)
class Histories:
    """The sum of |curl| at the end of a history: an evaluator for `Campaign`, and for many histories at once.

    Parameters
    ----------
    hold
        Steps at the last field, after the history: its equilibration.
    scale
        Field units in one unit of a history.
    components
        1: a history is Ey (length,). 2: it is Ex and Ey, joined end to end (2 * length,).

    Examples
    --------
    >>> target = Histories(FerroSIM(6, field=random_field(6)))
    >>> target.values(np.zeros((2, 30))).shape, target(np.zeros(30)).value > 0
    ((2,), True)
    """

    simulator: FerroSIM = field(default_factory=lambda: FerroSIM(20, field=random_field(20, 0.3, seed=0)))
    hold: int = 50
    scale: float = 1.0
    components: int = 1

    def __post_init__(self) -> None:
        if self.hold < 0 or self.components not in (1, 2) or not np.isfinite(self.scale):
            got = f"hold={self.hold}, components={self.components}, scale={self.scale}"
            raise InputError("hold of at least 0, components 1 or 2, a finite scale", got, "Histories(simulator)")

    def fields(self, trajectories: ArrayLike) -> FloatArray:
        """Applied fields (n, steps, 2) of trajectories (n, length) in their own unit."""
        rows = self.scale * np.atleast_2d(np.asarray(trajectories, dtype=float))
        if self.components == 1:
            history = np.stack([np.zeros_like(rows), rows], axis=-1)
        else:
            history = rows.reshape(len(rows), 2, -1).swapaxes(1, 2)
        return np.concatenate([history, np.repeat(history[:, -1:], self.hold, axis=1)], axis=1)

    def run(self, trajectories: ArrayLike, keep: int | ArrayLike | None = None, threads: int = 1) -> FerroSIMRun:
        """What becomes of them; see `FerroSIM.run`."""
        return self.simulator.run(self.fields(trajectories), keep=keep, threads=threads)

    def values(self, trajectories: ArrayLike, chunk: int = 1000) -> FloatArray:
        """The target of trajectories (n, length), (n,)."""
        rows = np.atleast_2d(np.asarray(trajectories, dtype=float))
        parts = [self.run(rows[k : k + chunk]).expect_finite() for k in range(0, len(rows), chunk)]
        return np.concatenate([self.target(part.final) for part in parts]).astype(float)

    def target(self, states: FloatArray) -> FloatArray:
        """Sum of |curl| of states (..., 2, rows, columns)."""
        return curl_sum(states, self.simulator.edges == "periodic")

    def __call__(self, trajectory: ArrayLike) -> EvaluationResult:
        """One evaluation of a campaign; a history that diverges raises, and so fails with its reason."""
        run = self.run(trajectory).expect_finite()
        periodic = self.simulator.edges == "periodic"
        metrics = {
            "normalized_curl": float(normalized_curl_sum(run.final, periodic)[0]),
            "magnitude": float(magnitude(run.final)[0]),
            "mean_py": float(run.mean[0, -1, 1]),
            "last_field": float(run.field[0, -1, 1]),
        }
        return EvaluationResult(float(self.target(run.final)[0]), metrics)


def default_histories(
    size: int = 20, sigma: float = 0.3, disorder_seed: int = 0, start: str = "zero", scale: float = 1.0, hold: int = 50
) -> Histories:
    """The studies' sample: tetragonal with the reference parameters, open edges, a Gaussian random field."""
    return Histories(FerroSIM(size, field=random_field(size, sigma, disorder_seed), start=start), hold, scale)


def target_of(spec: HistorySpec) -> Histories:
    """The sample of a study and what is asked of it."""
    return default_histories(
        spec.sites, spec.field_disorder, spec.disorder_seed, spec.initial_state, spec.field_scale, spec.hold
    )


def physics_stage(run: Run[HistorySpec], progress: Progress) -> StageResult:
    """What the curl does, and the course of the best history."""
    spec, target = run.spec, target_of(run.spec)
    curves = damped_sine_family()(OBSERVED, spec.length, numpy_generator(spec.seed, "observations"))
    found = []
    for first in range(0, OBSERVED, 20):  # all states of all histories would be a gigabyte
        seen = target.run(curves[first : first + 20], keep=1)
        found.append((curl_sum(seen.frames), seen.mean[:, : spec.length, 1], seen.final))
        progress(first + 20, OBSERVED, "observations")
    # (curves, steps), (curves, length), (curves, 2, rows, columns)
    curl, mean, final = (np.concatenate(one) for one in zip(*found, strict=True))
    onset = curl[:, spec.length - 1]
    rate = (onset - curl[:, -1]) / max(spec.hold, 1)
    size, turned = magnitude(final), normalized_curl_sum(final)
    lags, grew = coercive_lags(mean, curl)
    best = run.arrays("search")["history"]
    shown = target.run(best, keep=SHOWN_STEPS)
    plain = target_of(spec.changed(field_disorder=0.0, disorder_seed=0)).run(best)
    numbers = {
        "decay_correlation": float(np.corrcoef(onset, rate)[0, 1]),
        "decays": float((rate > 0).mean()),
        "size_correlation": float(np.corrcoef(size, turned)[0, 1]),
        "lag_steps": float(np.median(lags)) if len(lags) else None,
        "lag_quartiles": np.quantile(lags, (0.25, 0.75)).tolist() if len(lags) else None,
        "crossings": len(lags) + grew,
        "crossings_without_maximum": grew,
        "without_disorder": float(target.target(plain.final)[0]),
        "px_without_disorder": float(np.abs(plain.final[0, 0]).max()),
    }
    arrays = {"onset": onset, "rate": rate, "size": size, "normalized": turned, "curl": curl[:20], "lags": lags}
    arrays |= {"frames": shown.frames[0], "kept": shown.kept, "final": shown.final[0], "plain_final": plain.final[0]}
    arrays |= {"field": shown.field[0], "loop": shown.mean[0]}
    return StageResult({"physics": numbers}, arrays)


def coercive_lags(mean: FloatArray, curl: FloatArray) -> tuple[FloatArray, int]:
    """Steps from each zero of the mean polarization to the next maximum of the curl, and how many zeros have none."""
    lags = []
    for p, c in zip(mean, curl, strict=True):
        for k in np.flatnonzero(p[1:-1] * p[2:] < 0) + 1:
            falls = np.flatnonzero(np.diff(c[k : len(p)]) <= 0)
            lags.append(float(falls[0]) if len(falls) else np.nan)
    found = np.array(lags)
    return found[np.isfinite(found)], int(np.isnan(found).sum())
