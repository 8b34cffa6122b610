"""What every loader of images returns."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images, their labels when there are any, and where they come from.

    Parameters
    ----------
    images
        (n, h, w) or (n, h, w, c), float32.
    labels
        (n,) int64, -1 where unlabelled; None when the source has no labels.
    places
        (n,) number of each in its file; None for all, in order.
    name, source, licence
        What the set is called, where it was found, and under which terms it may be used.
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int64] | None
    name: str
    source: str
    licence: str
    places: NDArray[np.int64] | None = field(default=None, kw_only=True)

    def __len__(self) -> int:
        return len(self.images)
