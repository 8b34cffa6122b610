"""Instruments that need no microscope: a data set that is replayed, and a simulation."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from latscape.errors import EvaluationError, InputError
from latscape.lab.measurement import Measurement, Scan
from latscape.random import numpy_generator
from latscape.signals import Axis


class ReplayInstrument:
    """A recorded data set that poses as an instrument.

    Parameters
    ----------
    noise
        Standard deviation of Gaussian noise that is added, in units of the values; 0 (default): none.
    delay
        Seconds that a measurement takes; 0 (default): none.
    seed
        Of the noise; a place has the same noise however often and in whatever order places are measured.
    reach
        Largest distance to a recorded place, in the unit of the coordinates; default half a pixel of the image.

    Raises
    ------
    InputError
        For negative noise, delay or reach.

    Examples
    --------
    >>> from latscape.lab.measurement import over_places
    >>> loops = over_places([[1.0, 2.0], [3.0, 4.0]], [Axis.at("bias", [0.0, 1.0], "V")])
    >>> ReplayInstrument(Scan(np.zeros((4, 4)), loops, np.array([[0.0, 0.0], [2.0, 2.0]]))).measure([2.0, 2.0]).values
    array([3., 4.])
    """

    def __init__(self, scan: Scan, noise: float = 0.0, delay: float = 0.0, seed: int = 0, reach: float = 0.5) -> None:
        if min(noise, delay, reach) < 0:
            raise InputError("noise, delay and reach of at least 0", f"{noise}, {delay}, {reach}", "the defaults")
        self.scan, self.noise, self.delay, self.seed, self.reach = scan, noise, delay, seed, reach
        self._tree = KDTree(scan.coordinates)

    def measure(self, point: ArrayLike) -> Measurement:
        """What was recorded at the nearest place.

        Raises
        ------
        EvaluationError
            If nothing was recorded within reach.
        """
        distance, index = self._tree.query(np.asarray(point, dtype=float))
        if distance > self.reach:
            raise EvaluationError(f"nothing was recorded within {self.reach:g} of {np.asarray(point).tolist()}")
        if self.delay:
            time.sleep(self.delay)
        found = self.scan.measurement(int(index))
        if not self.noise:
            return found
        noise = numpy_generator(self.seed, "noise", int(index)).normal(size=found.shape)
        return replace(found, values=found.values + self.noise * noise)


@dataclass(frozen=True, eq=False)
class Simulated:
    """A simulation in the place of an instrument: `(place (d,)) -> values` over these axes, or a whole `Measurement`.

    Examples
    --------
    >>> axis = Axis.at("bias", [0.0, 1.0, 2.0], "V")
    >>> Simulated(lambda place: place[0] * axis.positions, [axis]).measure(np.array([2.0, 0.0])).values
    array([0., 2., 4.])
    """

    simulate: Callable[[NDArray[np.float64]], ArrayLike | Measurement]
    axes: Sequence[Axis] = ()

    def measure(self, point: NDArray[np.float64]) -> Measurement:
        """What the simulation says of a place."""
        found = self.simulate(point)
        return found if isinstance(found, Measurement) else Measurement(found, tuple(self.axes))
