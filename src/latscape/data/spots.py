"""Gaussian spots added to an image: what an atomic column looks like in a scanning transmission electron microscope."""

import numpy as np
from numpy.typing import NDArray

from latscape.compilation import OPTIONS, compiled_loop

REACH = 4.0  # of a spot [sigma]: what is beyond is below 0.04 % of its height


@compiled_loop(OPTIONS)
def add_spots(image: NDArray, position: NDArray, height: NDArray, sigma: NDArray) -> None:
    """Add height exp(-r^2 / 2 sigma^2) around every position (n, 2) of row and column [pixels], in place.

    Examples
    --------
    >>> image = np.zeros((9, 9))
    >>> add_spots(image, np.array([[4.0, 4.0]]), np.array([2.0]), np.array([1.0]))
    >>> float(image[4, 4]), round(float(image[4, 5]), 2)
    (2.0, 1.21)
    """
    rows, columns = image.shape
    for k in range(len(position)):
        reach = REACH * abs(sigma[k])
        y, x = position[k, 0], position[k, 1]
        if not (-reach < y < rows + reach and -reach < x < columns + reach):
            continue
        scale = 0.5 / sigma[k] ** 2
        for i in range(max(0, int(np.ceil(y - reach))), min(rows, int(y + reach) + 1)):
            across = height[k] * np.exp(-scale * (i - y) ** 2)
            for j in range(max(0, int(np.ceil(x - reach))), min(columns, int(x + reach) + 1)):
                image[i, j] += across * np.exp(-scale * (j - x) ** 2)
