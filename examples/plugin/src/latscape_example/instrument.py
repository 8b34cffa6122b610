"""An instrument: a lamp over the sample, whose spectrum is brighter where the image is."""

import numpy as np
from numpy.typing import NDArray

from latscape.lab import Axis, Measurement, Scan


class Lamp:
    """Measures a line whose height is the brightness of the image at a place.

    Parameters
    ----------
    width
        Of the line [nm].
    scan
        What is explored; it is not typed.
    """

    def __init__(self, width: float = 20.0, *, scan: Scan) -> None:
        self.width, self.scan = width, scan
        self.axis = Axis.at("wavelength", np.linspace(400.0, 700.0, 31), "nm")

    def measure(self, point: NDArray[np.float64]) -> Measurement:
        """The spectrum at a place (row, column)."""
        row, column = np.round(point).astype(int)
        height = float(np.mean(self.scan.image.values[row, column]))
        line = np.exp(-0.5 * ((self.axis.positions - 550.0) / self.width) ** 2)
        return Measurement(height * line, (self.axis,))
