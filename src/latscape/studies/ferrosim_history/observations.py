"""The lectures' observations, on curves of the family: decay, the coercive field, normalised curl and size."""

import numpy as np
from numpy.typing import NDArray

from latscape.physics.ferrosim import curl_sum, magnitude, normalized_curl_sum
from latscape.random import numpy_generator
from latscape.runs import Progress, Run, StageResult
from latscape.studies.ferrosim_history.histories import default_histories
from latscape.studies.ferrosim_history.plane import target_of
from latscape.studies.ferrosim_history.spec import HistorySpec
from latscape.trajectories.families import damped_sine_family

FloatArray = NDArray[np.floating]
#: Curves of which the observations are made, and steps between two pictures of a history.
OBSERVED, SHOWN_STEPS = 100, 20


def physics_stage(run: Run[HistorySpec], progress: Progress) -> StageResult:
    """What the curl does, and the course of the best history."""
    spec, target = run.spec, target_of(run.spec)
    curves = damped_sine_family()(OBSERVED, spec.length, numpy_generator(spec.seed, "observations"))
    curl, means, finals = [], [], []
    for first in range(0, OBSERVED, 20):  # all states of all histories would be a gigabyte
        seen = target.run(curves[first : first + 20], keep=1)
        curl.append(curl_sum(seen.frames))
        means.append(seen.mean[:, : spec.length, 1])
        finals.append(seen.final)
        progress(first + 20, OBSERVED, "observations")
    curl, final = np.concatenate(curl), np.concatenate(finals)  # (curves, steps), (curves, 2, rows, columns)
    onset, end = curl[:, spec.length - 1], curl[:, -1]
    rate = (onset - end) / max(spec.hold, 1)
    size, turned = magnitude(final), normalized_curl_sum(final)
    lags, grew = coercive_lags(np.concatenate(means), curl)
    best = run.arrays("search")["history"]
    shown = target.run(best, keep=SHOWN_STEPS)
    plain = default_histories(spec.sites, 0.0, 0, spec.initial_state, spec.field_scale, spec.hold).run(best)
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
    arrays = {
        "onset": onset,
        "rate": rate,
        "size": size,
        "normalized": turned,
        "curl": curl[:20],
        "lags": lags,
        "frames": shown.frames[0],
        "kept": shown.kept,
        "final": shown.final[0],
        "plain_final": plain.final[0],
        "field": shown.field[0],
        "loop": shown.mean[0],
    }
    return StageResult({"physics": numbers}, arrays)


def coercive_lags(mean: FloatArray, curl: FloatArray) -> tuple[FloatArray, int]:
    """Steps from each zero of the mean polarization to the next maximum of the curl, and how many zeros have none."""
    lags, without = [], 0
    for p, c in zip(mean, curl, strict=True):
        for k in np.flatnonzero(p[1:-1] * p[2:] < 0) + 1:
            rising = np.diff(c[k : len(p)])
            falls = np.flatnonzero(rising <= 0)
            if len(falls):
                lags.append(float(falls[0]))
            else:
                without += 1
    return np.array(lags), without
