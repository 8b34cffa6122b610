"""What a fit learned of its data beside the weights, and the checks `y` passes at the border."""

from collections.abc import Sized
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from latscape.autoencoders.samples import Shape
from latscape.errors import InputError

AnySized = TypeVar("AnySized", bound=Sized)


@dataclass(frozen=True)
class Scaling:
    """Mean and deviation of each known number; models see (value - mean) / std.

    Examples
    --------
    >>> scaling = Scaling.of(np.array([[1.0], [3.0], [np.nan]]))
    >>> scaling, scaling.apply(np.array([[3.0]]))
    (Scaling(mean=(2.0,), std=(1.0,)), array([[1.]]))
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, values: NDArray[np.floating]) -> "Scaling":
        """Of rows (n, width) that may hold NaN; a number that never changes keeps its unit."""
        std = np.nanstd(values, axis=0)
        return cls(tuple(np.nanmean(values, axis=0).tolist()), tuple(np.where(std > 0, std, 1.0).tolist()))

    def apply(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Standardised rows."""
        return (values - np.array(self.mean)) / np.array(self.std)

    def undo(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Rows in their own units."""
        return values * np.array(self.std) + np.array(self.mean)


@dataclass(frozen=True)
class DataStatistics:
    """What a fit learned of its data beside the weights."""

    output: Shape  # of one decoded sample
    scaling: Scaling | None = None  # of the known numbers
    content: Scaling | None = None  # of the content of a model without a prior
    classes: int = 0  # that labels may name

    @property
    def factor_scaling(self) -> Scaling:
        """The scaling of the known numbers."""
        assert self.scaling is not None
        return self.scaling

    def scaled(self, values: NDArray[np.float64]) -> Tensor:
        """Known numbers as the model sees them."""
        return torch.from_numpy(self.factor_scaling.apply(values).astype(np.float32))


def labels(y: ArrayLike | None, n: int, classes: int, *, least: int) -> NDArray[np.int64]:
    """Labels (n,) from `least` to below `classes`."""
    expected = f"one whole number per sample in 0...{classes - 1}{', -1 = unknown' if least < 0 else ''}"
    found = _array(given(y, "a class"))
    if found.ndim != 1 or found.dtype.kind not in "biuf" or not (found == np.floor(found)).all():
        raise InputError(expected, f"{found.dtype} of shape {found.shape}", "np.unique(y, return_inverse=True)[1]")
    if found.size and (found.min() < least or found.max() >= classes):
        got = f"{found.min():g} to {found.max():g}"
        raise InputError(expected, got, "more classes, or np.unique(y, return_inverse=True)[1]")
    return matched(found, n).astype(np.int64)


def rows(y: ArrayLike | None, n: int, width: int, *, partial: bool = False) -> NDArray[np.float64]:
    """Numbers (n, width), finite or, if `partial`, NaN."""
    expected = f"finite numbers of shape (n, {width}){', NaN = unknown' if partial else ''}"
    values = _array(given(y, "a number"))
    if values.dtype.kind not in "biuf":
        raise InputError(expected, f"dtype {values.dtype}", "an array of floats")
    values = values.astype(np.float64)
    values = values[:, None] if values.ndim == 1 and width == 1 else values
    if values.ndim != 2 or values.shape[1] != width:
        raise InputError(expected, f"shape {values.shape}", "one row per sample")
    if not (np.isfinite(values) | (partial & np.isnan(values))).all():
        raise InputError(expected, "NaN or infinite ones", "leaving those samples out")
    return matched(values, n)


def given(y: ArrayLike | None, what: str) -> ArrayLike:
    """`y`, or an error if there is none."""
    if y is None:
        raise InputError(f"y, {what} for each sample", "none", "passing y beside X")
    return y


def matched(y: AnySized, n: int) -> AnySized:
    """`y`, or an error if it is not as long as X."""
    if len(y) != n:
        raise InputError("as many y as samples", f"{len(y)} y, {n} samples", "arrays of one length")
    return y


def _array(y: ArrayLike) -> NDArray:
    try:
        return np.asarray(y)
    except ValueError as error:
        raise InputError("y of one shape", error, "a numpy array") from error
