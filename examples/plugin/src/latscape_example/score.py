"""A score of classes, and so a column of every table of scores."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from latscape.studies.shared.scores import Score


def evenness(predicted: NDArray[np.integer], classes: int, labels: Any) -> float:
    """Entropy of the shares of the classes over its largest value."""
    share = np.bincount(predicted, minlength=classes) / len(predicted)
    share = share[share > 0]
    return float(-(share * np.log(share)).sum() / np.log(max(classes, 2)))


EVENNESS = Score("evenness", ".2f", None, False, evenness, "1 where all classes are equally large")
