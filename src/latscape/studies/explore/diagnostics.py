"""What should make one doubt an experiment: initial places alike, values unforeseen, an embedding that collapsed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from latscape.campaign.evaluation import Evaluation
from latscape.campaign.record import CampaignRecord

ALIKE = 0.5  # spread of the middles of the patches of the initial places, as a share of that of all patches
THIN = 1e-3  # variance of the embedding across, as a share of that along
FEW = 8  # initial places, or predicted values, below which nothing is said of them


def diagnostics(
    rows: Sequence[Evaluation],
    patches: NDArray,
    measured: NDArray[np.intp],
    predictions: NDArray | None = None,
    embedding: NDArray | None = None,
) -> list[str]:
    """Sentences that each name a doubt and what to do.

    Parameters
    ----------
    rows
        In order.
    patches, embedding
        Of all places, (m, ...) and (m, k).
    measured
        Indices of the places of the rows that have a value.
    predictions
        See `one_step_predictions`.
    """
    found: list[str] = []
    done = [one for one in rows if one.value is not None]
    starts = measured[[one.role == "start" for one in done]] if done else measured
    if len(starts) >= FEW and _alike(patches, starts):
        found.append(
            "The initial places look alike: they vary by less than half of what the image does, as if all lay in one "
            "phase. What was learned holds there. Try a larger --n-initial, or --policy grid."
        )
    if predictions is not None and len(predictions) >= FEW and skill(predictions) < 0:
        found.append(
            f"Values were not foreseen: before they were measured, predictions of {len(predictions)} of them were "
            "worse than the mean of what was known. Either the scalarizer is noisy (try a wider window, a fit, longer "
            "measurements), or patches do not tell the property (try --position, another --window or --descriptor), or "
            "the network explains what it was shown one by one (try --surrogate exact, or a larger --n-initial)."
        )
    if embedding is not None and embedding.shape[1] > 1:
        variances = np.linalg.eigvalsh(np.cov(embedding.T))
        if variances[0] <= THIN * max(variances[-1], 1e-300):
            found.append(
                "The embedding has collapsed to a line: its second latent says nothing. That is right for a target "
                "that one number of the patch tells; else try another --seed, or --surrogate exact."
            )
    if sum(one.status == "failed" for one in rows) > len(done):
        found.append("More measurements failed than succeeded; the table of failures says why.")
    return found


def one_step_predictions(
    record: CampaignRecord, rows: Sequence[Evaluation], index: dict[int, int]
) -> NDArray[np.float64]:
    """What was predicted of a place before it was measured, what was measured, and the mean of all values before.

    Of acquired rows that have a value, (n, 3); `index` is the place among the candidates by number of the evaluation.
    """
    steps = [number for number in record.numbers("mean") if number >= 0]
    found = []
    for number, following in zip(steps, [*steps[1:], len(rows)][: len(steps)], strict=True):
        mean = record.arrays(number)["mean"]
        known = [one.value for one in rows[:number] if one.value is not None]
        if known:
            new = [one for one in rows[number:following] if one.role == "acquired" and one.value is not None]
            found += [(float(mean[index[one.index]]), float(one.value or 0.0), float(np.mean(known))) for one in new]
    return np.array(found).reshape(-1, 3)


def skill(predictions: NDArray) -> float:
    """One minus the squared error of predictions over that of the mean of what was known: 1 foresees all, 0 nothing.

    Examples
    --------
    >>> skill(np.array([[1.0, 1.0, 3.0], [2.0, 2.0, 3.0]]))
    1.0
    """
    predicted, measured, mean = predictions.T
    scale = float(np.mean((measured - mean) ** 2))
    return 1.0 - float(np.mean((measured - predicted) ** 2)) / scale if scale > 0 else 0.0


def _alike(patches: NDArray, starts: NDArray[np.intp]) -> bool:
    """Whether the middles of some patches vary less than those of all."""
    if patches.ndim > 2:
        height, width = patches.shape[1:3]
        patches = patches[:, height // 4 : -(height // 4) or None, width // 4 : -(width // 4) or None]
    spread, some = (float(one.std(axis=0).mean()) for one in (patches, patches[starts]))
    return spread > 0 and some < ALIKE * spread
