"""What should make one doubt an experiment: starts alike, values that nothing tells, an embedding that collapsed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from latscape.campaign.record import Evaluation
from latscape.metrics.roughness import roughness

ALIKE = 0.25  # spread of the patches of the starts, as a share of the spread of all patches
FLAT = 0.25  # spread of the prediction at the measured places, as a share of the spread of the values there
ROUGH = 0.8  # roughness of the values over the embedding
THIN = 1e-3  # variance of the embedding across, as a share of that along
FEW = 8  # starts below which nothing is said of them


def doubts(
    rows: Sequence[Evaluation],
    patches: NDArray,
    measured: NDArray[np.intp],
    mean: NDArray | None = None,
    embedding: NDArray | None = None,
) -> list[str]:
    """Sentences that each name a doubt and what to do.

    Parameters
    ----------
    rows
        Evaluations in order.
    patches
        Of all places, (m, ...).
    measured
        Indices of the places of the rows that have a value.
    mean
        Prediction over all places, (m,).
    embedding
        Of all places, (m, k).
    """
    found: list[str] = []
    done = [one for one in rows if one.value is not None]
    flat = patches.reshape(len(patches), -1)
    starts = measured[[one.role == "start" for one in done]] if len(done) else measured
    spread = float(flat.std(axis=0).mean())
    if len(starts) >= FEW and spread > 0 and float(flat[starts].std(axis=0).mean()) < ALIKE * spread:
        found.append(
            "The starts look alike: they vary by less than a quarter of what the image does, as if all lay in one "
            "phase. What was learned holds there. Try more starts, or --policy grid."
        )
    values = np.array([one.value for one in done], dtype=float)
    if mean is not None and len(values) >= FEW and values.std() > 0:
        told = float(mean[measured].std() / values.std())
        if told < FLAT:
            found.append(
                f"The prediction varies by {told:.0%} of what the values do at the same places: most of a value is noise "
                "to it. Either the scalarizer is noisy (try a wider window, a fit, longer measurements), or patches "
                "do not tell the property (try --position, another --window or --describe)."
            )
    if embedding is not None and len(values) > FEW:
        found += _collapsed(embedding, measured, values)
    if done and sum(one.status == "failed" for one in rows) > len(done):
        found.append("More measurements failed than succeeded; the table of failures says why.")
    return found


def _collapsed(embedding: NDArray, measured: NDArray[np.intp], values: NDArray) -> list[str]:
    if embedding.shape[1] > 1:
        variances = np.linalg.eigvalsh(np.cov(embedding.T))
        if variances[0] <= THIN * max(variances[-1], 1e-300):
            return [
                "The embedding has collapsed to a line: its second latent says nothing. That is right for a target "
                "that one number of the patch tells; else try another --seed, or --surrogate exact."
            ]
    rough = roughness(embedding[measured], values, neighbours=min(5, len(values) - 1))
    if rough > ROUGH:
        return [
            f"Neighbours in the embedding do not have like values (roughness {rough:.2f}; 1 is chance): the network "
            "explains the measured points one by one. Try --surrogate exact, or more measurements."
        ]
    return []
