"""The two objectives on a learned manifold of Biswas et al. (2023), arXiv:2207.00128, Table 2.

A manifold is what a joint model decodes on a grid of latent positions: (classes, cells, h, w). Good classes differ from
each other (a large `between_classes`, l1) and are alike within (a small `within_classes`, l2); the paper maximizes
l1 - l2, its equation 11. SSIM loss is 1 - SSIM.
"""

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.errors import InputError
from latscape.metrics.similarity import ssim_loss


def between_classes(manifold: Tensor | NDArray, data_range: float = 1.0) -> float:
    """l1: SSIM loss between equal cells of two classes, mean over cells, summed over all pairs of classes.

    Between 0 (all classes alike) and classes * (classes - 1); NaN if the manifold has a NaN.

    Parameters
    ----------
    manifold
        (classes, cells, h, w), at least two classes.
    data_range
        Difference between the largest and the smallest value a pixel may have.

    Raises
    ------
    InputError
        Another number of axes, no cells, one class only, or images smaller than 7 x 7.

    Examples
    --------
    >>> same = torch.rand(1, 4, 8, 8).expand(3, 4, 8, 8)
    >>> round(abs(between_classes(same)), 5)
    0.0
    """
    classes = _as_manifold(manifold)
    if len(classes) < 2:
        raise InputError("a manifold of at least two classes", f"{len(classes)}", "a model with classes=2 or more")
    # l1 = sum_i sum_{j > i} mean_cell (1 - SSIM(class i, class j)); one i at a time bounds the memory
    losses = [ssim_loss(classes[i], classes[i + 1 :], data_range).mean(dim=1).sum() for i in range(len(classes) - 1)]
    return float(torch.stack(losses).sum())


def within_classes(manifold: Tensor | NDArray, pairs: ArrayLike, data_range: float = 1.0) -> float:
    """l2: SSIM loss between two cells of one class, mean over the given pairs of cells, summed over classes.

    Between 0 (each class is one image) and 2 * classes; NaN if the manifold has a NaN. The manifold and its data range
    are as for `between_classes`, `pairs` (n, 2) as `draw_pairs` gives them, the same for every class.

    Raises
    ------
    InputError
        As `between_classes`; or pairs that are not pairs of different cells of the manifold, or that repeat.

    Examples
    --------
    >>> constant_classes = torch.rand(3, 1, 8, 8).expand(3, 4, 8, 8)
    >>> round(abs(within_classes(constant_classes, [[0, 1], [2, 3]])), 5)
    0.0
    """
    classes = _as_manifold(manifold)
    first, second = _check_pairs(pairs, cells=classes.shape[1])
    # l2 = sum_class mean_pair (1 - SSIM(cell i1, cell i2))
    losses = [ssim_loss(one[first], one[second], data_range).mean() for one in classes]
    return float(torch.stack(losses).sum())


def draw_pairs(cells: int, n: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Random unordered pairs of different cells of a manifold's grid, without replacement: (n, 2), smaller index first.

    Raises
    ------
    InputError
        `n` is below 1 or exceeds the number of pairs.

    Examples
    --------
    >>> pairs = draw_pairs(4, 6, np.random.default_rng(0))
    >>> sorted(map(tuple, pairs.tolist()))
    [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    """
    total = cells * (cells - 1) // 2
    if not 1 <= n <= total:
        raise InputError(f"between 1 and {total} pairs of {cells} cells", n, "fewer pairs or a finer grid")
    # Number the pairs row by row: row i holds (i, i + 1) ... (i, cells - 1), and starts at number starts[i].
    number = generator.choice(total, size=n, replace=False)
    rows = np.arange(cells)
    starts = rows * (2 * cells - rows - 1) // 2
    first = np.searchsorted(starts[:-1], number, side="right") - 1
    return np.stack([first, number - starts[first] + first + 1], axis=1).astype(np.int64)


def _as_manifold(manifold: Tensor | NDArray) -> Tensor:
    images = torch.as_tensor(manifold)
    if images.ndim != 4 or 0 in images.shape:
        got = f"shape {tuple(images.shape)}"
        raise InputError("a manifold (classes, cells, h, w)", got, "one cell axis for the grid")
    return images.detach()


def _check_pairs(pairs: ArrayLike, cells: int) -> tuple[Tensor, Tensor]:
    array = np.asarray(pairs)
    if array.ndim != 2 or array.shape[1] != 2 or len(array) == 0 or array.dtype.kind not in "iu":
        raise InputError("integer pairs of shape (n, 2)", f"{array.dtype} of shape {array.shape}", "draw_pairs")
    ordered = np.sort(array.astype(np.int64), axis=1)
    inside = ordered.min() >= 0 and ordered.max() < cells
    if not inside or (ordered[:, 0] == ordered[:, 1]).any() or len(np.unique(ordered, axis=0)) < len(ordered):
        raise InputError(f"unique pairs of different cells in 0...{cells - 1}", f"{len(array)} pairs", "draw_pairs")
    first, second = torch.from_numpy(ordered).unbind(dim=1)
    return first, second
