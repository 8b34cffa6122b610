"""An experiment as its page reads it, from the folder alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from latscape.campaign.evaluation import Evaluation
from latscape.runs import Run
from latscape.studies.explore.spec import NETWORKS, ExploreSpec

SURVEY = -1  # beside this number the record keeps the image, the places, and the truth where it is known


def measured(rows: Sequence[Evaluation]) -> list[Evaluation]:
    """Those that have a value."""
    return [one for one in rows if one.value is not None]


def survey(run: Run[ExploreSpec]) -> dict[str, NDArray[np.float32]]:
    """The image "survey", the "places" (m, 2), and the "truth" (m,), as far as they are known."""
    return run.record.arrays(SURVEY)


def about(run: Run[ExploreSpec]) -> dict[str, Any]:
    """Of the sample: name, about, image (what it shows), scalarizer (in words), window (side of the patches)."""
    return run.record.get("about") or {}


def steps(run: Run[ExploreSpec]) -> list[int]:
    """Numbers of evaluations at which maps were kept."""
    return [number for number in run.record.numbers("mean") if number >= 0]


def place_indices(run: Run[ExploreSpec], rows: Sequence[Evaluation]) -> NDArray[np.intp]:
    """The places of rows, by their numbers among all places."""
    places = survey(run)["places"]
    where = np.array([one.where for one in rows]).reshape(-1, places.shape[1])
    return np.asarray(KDTree(places).query(where)[1], dtype=np.intp)


def learns_map(run: Run[ExploreSpec]) -> bool:
    """Whether the embedding is that of a network."""
    return run.spec.surrogate.partition(":")[0] in NETWORKS
