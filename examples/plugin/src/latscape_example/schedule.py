"""A schedule."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Stairs:
    """From `first` to `last` in so many equal steps."""

    first: float
    last: float
    steps: int = 4

    def __call__(self, t: NDArray[np.floating]) -> NDArray[np.floating]:
        """Values at times t in [0, 1]."""
        stair = np.minimum(np.floor(t * self.steps), self.steps - 1) / max(self.steps - 1, 1)
        return self.first + (self.last - self.first) * stair
