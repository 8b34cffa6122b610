"""A scalarizer."""

from dataclasses import dataclass

import numpy as np

from latscape.lab.measurement import Measurement


@dataclass(frozen=True)
class Top:
    """A quantile of the values, by default the largest."""

    quantile: float = 1.0

    def __call__(self, measurement: Measurement) -> float:
        """In the unit of the values."""
        return float(np.nanquantile(measurement.values, self.quantile))
