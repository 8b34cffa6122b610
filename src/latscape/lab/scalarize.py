"""Scalarizers of spectra and loops: (Measurement) -> float, "(any) function that transforms spectrum into measure of
interest" (the lecture on deep kernel learning). Each is a callable dataclass, so that a record can say which it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.optimize import least_squares

from latscape.errors import EvaluationError, InputError
from latscape.lab.measurement import Measurement

Window = tuple[float, float]
Spectrum = NDArray[np.float64]
PeakWord = Literal["height", "center", "width", "area"]
Shape = Literal["gauss", "lorentz"]
WILD = 6.0  # robust standard deviations from the running median beyond which a value is a failed fit


def spectrum(measurement: Measurement) -> tuple[Spectrum, Spectrum]:
    """Axis and values of a measurement that has one axis, or of the mean over all but the first, both (k,), in order.

    Further axes are repetitions, such as cycles; values that are NaN are left out of the mean, and points without any
    out of the spectrum.

    Raises
    ------
    EvaluationError
        If nothing but NaN was measured.
    """
    y = np.asarray(measurement)
    if y.ndim == 0:
        raise EvaluationError("a single number has no spectrum")
    flat = y.reshape(len(y), -1)
    known = np.isfinite(flat).any(axis=1)
    if not known.any():
        raise EvaluationError("the spectrum is all NaN")
    return measurement.axes[0].positions[known], np.nanmean(flat[known], axis=1)


@dataclass(frozen=True)
class Integral:
    """Integral over a window of the axis, by the trapezoidal rule, in units of values times axis.

    Parameters
    ----------
    low, high
        Ends of the window.
    background
        Whether to take off the straight line between the values at its ends (each the mean of three points).

    Examples
    --------
    >>> from latscape.signals import Axis
    >>> Integral(0.0, 2.0)(Measurement([1.0, 1.0, 1.0, 5.0], (Axis.at("energy", [0, 1, 2, 3], "eV"),)))
    2.0
    """

    low: float
    high: float
    background: bool = False

    def __post_init__(self) -> None:
        _check_window(self.low, self.high)

    def __call__(self, measurement: Measurement) -> float:
        """The integral; EvaluationError where the window holds fewer than two points."""
        x, y = _inside(measurement, self.low, self.high, least=2)
        return float(np.trapezoid(y - _line(x, y) if self.background else y, x))


@dataclass(frozen=True)
class Peak:
    """A parameter of one peak on a straight background, by least squares that wild values hardly move.

    The loss is the soft L1 norm of residuals in units of their robust spread.

    Parameters
    ----------
    low, high
        Window in which the peak is.
    what
        "height" (default), "center", "width" (full width at half maximum) or "area".
    shape
        "gauss" (default) or "lorentz".
    sign
        1 (default) for a peak, -1 for a dip, whose height counts positive.

    Examples
    --------
    >>> from latscape.signals import Axis
    >>> x = np.linspace(0, 10, 101)
    >>> found = Measurement(3 * np.exp(-0.5 * (x - 4) ** 2) + 0.1 * x, (Axis.at("shift", x, "1/cm"),))
    >>> print(f"{Peak(0, 10)(found):.2f} at {Peak(0, 10, 'center')(found):.2f}")
    3.00 at 4.00
    """

    low: float
    high: float
    what: PeakWord = "height"
    shape: Shape = "gauss"
    sign: int = 1

    def __post_init__(self) -> None:
        _check_window(self.low, self.high)
        words, shapes = get_args(PeakWord), get_args(Shape)
        if self.what not in words or self.shape not in shapes or self.sign not in (1, -1):
            expected = f"what among {', '.join(words)}, shape among {', '.join(shapes)}, sign 1 or -1"
            raise InputError(expected, f"what={self.what!r}, shape={self.shape!r}, sign={self.sign}", "Peak()")

    def __call__(self, measurement: Measurement) -> float:
        """The parameter; EvaluationError where there is no such peak."""
        x, y = _inside(measurement, self.low, self.high, least=6)
        height, center, width = self._fit(x, self.sign * y)
        if not (self.low <= center <= self.high) or height <= 0:
            raise EvaluationError(f"no peak between {self.low:g} and {self.high:g}")
        area = height * width * (np.sqrt(np.pi / (4 * np.log(2))) if self.shape == "gauss" else np.pi / 2)
        return float({"height": height, "center": center, "width": width, "area": area}[self.what])

    def _fit(self, x: Spectrum, y: Spectrum) -> tuple[float, float, float]:
        """Height, centre and full width at half maximum, above a straight line."""
        middle, half = (x[0] + x[-1]) / 2, abs(x[-1] - x[0]) / 2
        t, line = (x - middle) / half, _line(x, y)
        top = int(np.argmax(median_filter(y - line, size=3)))
        height = max(float(y[top] - line[top]), 1e-12 * float(np.ptp(y)) or 1e-300)
        start = np.array([1.0, t[top], np.log(0.25), line.mean() / height, (line[-1] - line[0]) / (2 * height)])

        def residual(p: Spectrum) -> Spectrum:
            return p[0] * _bell((t - p[1]) / np.exp(p[2]), self.shape) + p[3] + p[4] * t - y / height

        spread = 1.4826 * float(np.median(np.abs(np.diff(y / height)))) + 1e-6
        low = [0.0, -1.2, np.log(np.ptp(t) / len(t) / 4), -np.inf, -np.inf]
        high = [np.inf, 1.2, np.log(2.0), np.inf, np.inf]
        found = least_squares(residual, start, bounds=(low, high), loss="soft_l1", f_scale=spread)
        return float(found.x[0] * height), float(middle + half * found.x[1]), float(2 * half * np.exp(found.x[2]))


@dataclass(frozen=True)
class Ratio:
    """Ratio of two peaks: their heights above straight backgrounds, each in a window of its own.

    Heights are medians of the three largest values, so that one wild value does not make a peak.

    Examples
    --------
    >>> from latscape.signals import Axis
    >>> x = np.arange(21.0)
    >>> y = 6 * np.exp(-((x - 5) ** 2) / 8) + 3 * np.exp(-((x - 15) ** 2) / 8)
    >>> print(f"{Ratio((0, 10), (10, 20))(Measurement(y, (Axis.at('energy', x, 'eV'),))):.1f}")
    2.0
    """

    first: Window
    second: Window

    def __post_init__(self) -> None:
        _check_window(*self.first)
        _check_window(*self.second)

    def __call__(self, measurement: Measurement) -> float:
        """The ratio; EvaluationError where the second peak does not stand above its background."""
        heights, spans = [], []
        for low, high in (self.first, self.second):
            x, y = _inside(measurement, low, high, least=5)
            above = np.sort(y - _line(x, y))
            heights.append(float(np.median(above[-3:])))
            spans.append(float(above[-1] - above[0]))
        if heights[1] <= 0.05 * spans[1]:  # a dip, or nothing
            raise EvaluationError(f"no second peak between {self.second[0]:g} and {self.second[1]:g}")
        return heights[0] / heights[1]


@dataclass(frozen=True)
class Vertex:
    """Of a parabola through a spectrum: the position of its vertex, or its curvature.

    The vertex of a frequency shift over bias is the contact potential difference of Kelvin probe microscopy.

    Examples
    --------
    >>> from latscape.signals import Axis
    >>> bias = np.linspace(-1, 1, 9)
    >>> print(f"{Vertex()(Measurement(3 - 2 * (bias - 0.25) ** 2, (Axis.at('bias', bias, 'V'),))):.2f}")
    0.25
    """

    what: Literal["position", "curvature"] = "position"

    def __post_init__(self) -> None:
        if self.what not in ("position", "curvature"):
            raise InputError("what among position, curvature", repr(self.what), "Vertex('position')")

    def __call__(self, measurement: Measurement) -> float:
        """The number asked for; EvaluationError for fewer than three points or a straight line."""
        x, y = spectrum(measurement)
        if len(x) < 3:
            raise EvaluationError(f"a parabola needs three points, there are {len(x)}")
        curvature, slope, _ = np.polyfit(x, y, 2)
        if self.what == "curvature":
            return float(curvature)
        if curvature == 0:
            raise EvaluationError("a straight line has no vertex")
        return float(-slope / (2 * curvature))


@dataclass(frozen=True)
class LoopArea:
    """Area that a hysteresis loop encloses, |integral of the response over the closed bias|: the work of switching.

    Values of fits that failed are left out before, see `despike_loop`.

    Examples
    --------
    >>> from latscape.signals import Axis
    >>> bias = np.array([-1.0, 1.0, 1.0, -1.0])
    >>> LoopArea(robust=False)(Measurement([-1.0, -1.0, 1.0, 1.0], (Axis.at("bias", bias, "V"),)))
    4.0
    """

    robust: bool = True

    def __call__(self, measurement: Measurement) -> float:
        """The area, in units of response times bias."""
        x, y = spectrum(despike_loop(measurement) if self.robust else measurement)
        return float(abs(np.sum((np.roll(y, -1) + y) / 2 * (np.roll(x, -1) - x))))


@dataclass(frozen=True)
class LoopHeight:
    """Mean response of the upper half of a loop less that of the lower half: how much switches.

    The branches are told apart by the direction of the bias.
    """

    robust: bool = True

    def __call__(self, measurement: Measurement) -> float:
        """The difference, in units of the response."""
        x, y = spectrum(despike_loop(measurement) if self.robust else measurement)
        rising = np.gradient(x) > 0
        if rising.all() or not rising.any():
            raise EvaluationError("the bias does not turn: this is no loop")
        return float(abs(y[rising].mean() - y[~rising].mean()))


@dataclass(frozen=True)
class Robust:
    """Another scalarizer, of a spectrum whose wild values were replaced by the running median.

    Examples
    --------
    >>> from latscape.signals import Axis
    >>> y = np.array([1.0, 1.1, 0.9, 1e6, 1.0, 1.1, 0.9, 1.0])
    >>> scan = Measurement(y, (Axis.at("bias", np.arange(8.0), "V"),))
    >>> Robust(Integral(0, 7))(scan) < 8
    True
    """

    scalarizer: Callable[[Measurement], float]

    def __call__(self, measurement: Measurement) -> float:
        """The value of the other one."""
        return self.scalarizer(despike(measurement))


def despike(measurement: Measurement, size: int = 5) -> Measurement:
    """The measurement with every value that is wild replaced by the median of its `size` neighbours along the axis.

    Wild is what lies more than 6 robust standard deviations (1.4826 times the median of absolute deviations) from that
    median, of all the deviations of the spectrum.
    """
    y = np.asarray(measurement)
    smooth = median_filter(y, size=(size,) + (1,) * (y.ndim - 1), mode="nearest")
    off = np.abs(y - smooth)
    low, high = np.nanpercentile(smooth, (10, 90))
    spread = max(1.4826 * float(np.nanmedian(off)), 0.02 * float(high - low))
    return replace(measurement, values=np.where(off > WILD * spread, smooth, y)) if spread > 0 else measurement


def despike_loop(measurement: Measurement) -> Measurement:
    """A loop without the values of fits that failed, which come in runs: straight lines bridge them.

    A loop keeps near its two branches: wild is what lies further outside the range from the 10th to the 90th percentile
    than that range is wide. A tenth of the values may be wild on either side.
    """
    y = np.asarray(measurement)
    low, high = np.nanpercentile(y, (10, 90))
    wild = (y < 2 * low - high) | (y > 2 * high - low)
    if not (high > low and wild.any()):
        return measurement
    flat, steps = np.where(wild, np.nan, y).reshape(len(y), -1), np.arange(len(y))
    for column in flat.T:
        known = np.isfinite(column)
        if known.any():
            column[~known] = np.interp(steps[~known], steps[known], column[known], period=len(y))  # a loop closes
    return replace(measurement, values=flat.reshape(y.shape))


def _bell(u: Spectrum, shape: str) -> Spectrum:
    """A peak of height 1 with half width 1 at half maximum."""
    return np.exp(-np.log(2.0) * u**2) if shape == "gauss" else 1.0 / (1.0 + u**2)


def _inside(measurement: Measurement, low: float, high: float, least: int) -> tuple[Spectrum, Spectrum]:
    x, y = spectrum(measurement)
    order = np.argsort(x, kind="stable")
    kept = order[(x[order] >= low) & (x[order] <= high)]
    if len(kept) < least:
        where = f"points of the axis from {x.min():g} to {x.max():g} lie between {low:g} and {high:g}"
        raise EvaluationError(f"{len(kept)} {where}, at least {least} needed")
    return x[kept], y[kept]


def _line(x: Spectrum, y: Spectrum) -> Spectrum:
    """The straight line through the means of the three points at either end."""
    k = min(3, len(x) // 2)
    (x0, y0), (x1, y1) = ((x[:k].mean(), y[:k].mean()), (x[-k:].mean(), y[-k:].mean()))
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0) if x1 > x0 else np.full_like(y, y0)


def _check_window(low: float, high: float) -> None:
    if not (np.isfinite([low, high]).all() and low < high):
        raise InputError("a window with low < high", f"{low} to {high}", "Integral(1.6, 1.9)")
