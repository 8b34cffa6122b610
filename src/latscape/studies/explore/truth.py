"""What an experiment was worth, where the truth was recorded everywhere."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from latscape.lab.measurement import Measurement, Scan


def ground_truth(scan: Scan, scalarizer: Callable[[Measurement], float]) -> NDArray[np.float64]:
    """The scalarizer at all places of a scan, (m,); NaN where it fails. For judgement afterwards; no loop sees it."""
    found = np.full(len(scan), np.nan)
    for index in range(len(scan)):
        try:
            value = scalarizer(scan.measurement(index))
        except Exception:
            continue
        found[index] = value if np.isfinite(value) else np.nan
    return found


def score(truth: NDArray, mean: NDArray, measured: NDArray[np.intp]) -> dict[str, float]:
    """What a run was worth where the truth is known.

    Parameters
    ----------
    truth, mean
        Of all places, and as they are predicted, (m,).
    measured
        Indices of the places that were measured.

    Returns
    -------
    dict
        `r2` of the prediction over all places; `top_found`, the share measured of the best places (top 1 %, or 5 % of
        fewer than 2,500 places); `regret`, how far the best measured place is from the best there is, in standard
        deviations of the truth.
    """
    known = np.isfinite(truth)
    spread = float(truth[known].std()) or 1.0
    residual, found = float(np.mean((truth[known] - mean[known]) ** 2)), truth[measured]
    return {
        "r2": 1.0 - residual / spread**2,
        "top_found": float(np.isin(top(truth), measured).mean()),
        "regret": float((np.nanmax(truth) - (np.nanmax(found) if np.isfinite(found).any() else np.nan)) / spread),
    }


def top(truth: NDArray) -> NDArray[np.intp]:
    """Indices of the best places: the top 1 %, or the top 5 % of fewer than 2,500 places."""
    known = int(np.isfinite(truth).sum())
    k = max(round(known * (0.01 if known >= 2500 else 0.05)), 1)
    return np.argsort(np.where(np.isfinite(truth), -truth, np.inf), kind="stable")[:k]
