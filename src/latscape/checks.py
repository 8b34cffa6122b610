"""The checks that every array of samples and all bounds pass at the border."""

import math
from collections.abc import Collection
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from latscape.errors import InputError
from latscape.signals.foreign import samples_of


def check_array(
    x: ArrayLike,
    *,
    expected: str,  # what to say if `x` has none of the allowed numbers of axes
    axes: Collection[int],  # allowed numbers of axes
    least: int,  # how many samples there must be
    support: tuple[float, float] = (-math.inf, math.inf),  # (0, 1) for a Bernoulli likelihood, (0, inf) for counts
) -> NDArray[np.float32]:
    """A finite float32 array of samples along the first axis; no copy if `x` was one already.

    Signals of this package, of HyperSpy, sidpy or xarray give their samples.

    Raises
    ------
    InputError
        For anything else: ragged, not numeric, another number of axes, empty, too few, NaN, infinite, out of range.

    Examples
    --------
    >>> check_array([[0, 2]], expected="curves (n, length)", axes=(2,), least=1, support=(0, 1))
    Traceback (most recent call last):
    latscape.errors.InputError: Expected values in [0, 1] for this likelihood. Got values from min 0 to max 2. Try ...
    """
    x = samples_of(x)
    if hasattr(x, "detach"):  # a tensor, wherever it is
        x = x.detach().cpu()  # type: ignore[union-attr]
    try:
        array = np.asarray(x)
    except ValueError as error:
        raise InputError("samples of one shape", str(error), "a numpy array") from error
    if array.dtype.kind not in "buif":
        raise InputError("an array of real numbers", f"dtype {array.dtype}", "an array of floats or integers")
    if array.ndim not in axes:
        raise InputError(expected, f"shape {array.shape}", "one stack, with the samples along the first axis")
    if array.size == 0:
        raise InputError("samples with values", f"an empty array of shape {array.shape}", "another array or file")
    if len(array) < least:
        raise InputError(f"at least {least} samples", f"{len(array)} of shape {array.shape[1:]}", "a larger stack")
    with np.errstate(over="ignore"):
        samples = array.astype(np.float32, copy=False)
    low, high = _finite_range(samples)
    if low < support[0] or high > support[1]:
        got, bounded = f"values from min {low:g} to max {high:g}", support[1] < math.inf
        expected = f"values in [{support[0]:g}, {support[1]:g}]" if bounded else f"values of at least {support[0]:g}"
        hint = "rescaling by (x - x.min()) / (x.max() - x.min()), or a Gaussian likelihood"
        raise InputError(f"{expected} for this likelihood", got, hint if bounded else "a Gaussian likelihood")
    return samples


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number, of Python or of numpy."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def check_whole(name: str, value: Any, least: int | None = None) -> None:
    """Refuse anything but a whole number, of Python or of numpy, of at least so many.

    Examples
    --------
    >>> check_whole("epochs", np.int64(3), 1)
    >>> check_whole("epochs", 2.5, 1)
    Traceback (most recent call last):
    latscape.errors.InputError: Expected epochs to be a whole number of at least 1. Got 2.5. Try epochs=2.
    """
    if not is_whole(value) or (least is not None and value < least):
        bound = "" if least is None else f" of at least {least}"
        raise InputError(f"{name} to be a whole number{bound}", repr(value), f"{name}={2 if least else 0}")


def check_bounds(bounds: ArrayLike, dimensions: int | None = None) -> NDArray[np.float64]:
    """Bounds as everywhere here, (d, 2): the low and the high end of every coordinate.

    Raises
    ------
    InputError
        For another shape, such as a lower and an upper corner (2, d), and for bounds that are not finite or increasing.

    Examples
    --------
    >>> check_bounds([[0, 0, 0], [1, 1, 1]])
    Traceback (most recent call last):
    latscape.errors.InputError: Expected finite bounds (d, 2), a row [low, high] per dimension. Got [[0. 0. 0.] [1. ...
    """
    limits = np.array(bounds, dtype=np.float64)
    good = limits.ndim == 2 and limits.shape[1] == 2 and len(limits) > 0 and np.isfinite(limits).all()
    if not good or not (limits[:, 0] < limits[:, 1]).all() or dimensions not in (None, len(limits)):
        got = np.array2string(limits, threshold=8).replace("\n", "")
        shape = f"({'d' if dimensions is None else dimensions}, 2)"
        raise InputError(f"finite bounds {shape}, a row [low, high] per dimension", got, "[(0, 1), (0, 1)]")
    return limits


def _finite_range(samples: NDArray[np.float32]) -> tuple[float, float]:
    low, high = float(samples.min()), float(samples.max())  # NaN and infinities reach the extremes: no mask is needed
    if not (np.isfinite(low) and np.isfinite(high)):
        bad = ~np.isfinite(samples)
        first = tuple(int(i) for i in np.unravel_index(int(bad.argmax()), bad.shape))
        got = f"{int(bad.sum())} NaN, infinite or too large values, the first at index {first}"
        raise InputError("finite values", got, "np.nan_to_num, or leaving those samples out")
    return low, high
