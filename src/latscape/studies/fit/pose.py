"""The pose of the samples of a fit, in units people know."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.stats import lognorm, norm

from latscape import plot
from latscape.runs import Panel, on_axes
from latscape.studies.fit.view import FitView

Density = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class PoseNumber:
    """One number of the pose of every sample, in a unit people know.

    Attributes
    ----------
    key, name, unit : str
        Of its file, for people, and of what it counts.
    values : ndarray, shape (n,)
    prior : callable
        Density in that unit.
    span : tuple of float
        One standard deviation of the prior to either side.
    """

    key: str
    name: str
    unit: str
    values: NDArray[np.float64]
    prior: Density
    span: tuple[float, float]


def pose(fit: FitView) -> list[PoseNumber]:
    """Each number of the pose of a fit's samples."""
    shape, found = fit.numbers["data"]["shape"], []
    half, pixels = max(shape[:2]) / 2, "points" if len(shape) == 1 else "pixels"  # in half a side
    for name, prior in fit.numbers["pose"].items():
        values = fit.latents[name].astype(np.float64)
        if name in ("rotation", "shear"):
            width = 180.0 if prior is None else math.degrees(prior)
            density = _turn if prior is None else partial(norm.pdf, scale=width)
            found.append(PoseNumber(name, name, "degrees", np.degrees(values[:, 0]), density, (-width, width)))
        elif name == "scale":
            span = (math.exp(-prior), math.exp(prior))
            found.append(
                PoseNumber(name, "magnification", "", np.exp(values[:, 0]), partial(lognorm.pdf, s=prior), span)
            )
        elif name not in ("shift", "translation"):  # of a factor of somebody's own, in its own unit
            density = _anywhere if prior is None else partial(norm.pdf, scale=prior)
            span = (-(prior or 1.0), prior or 1.0)
            found += [PoseNumber(f"{name}-{k}", name, "", column, density, span) for k, column in enumerate(values.T)]
        else:
            width = prior * half
            for column, way in zip(values.T * half, ("right", "up"), strict=False):
                density = partial(norm.pdf, scale=width)
                found.append(PoseNumber(f"{name}-{way}", f"shift {way}", pixels, column, density, (-width, width)))
    return found


def pose_panels(fit: FitView) -> list[Panel]:
    """One histogram for each number of the pose, in units people know."""
    panels = []
    for one in pose(fit):
        label = f"{one.name} [{one.unit}]" if one.unit else one.name
        way = ", counter-clockwise" if one.name == "rotation" else ""
        caption = f"{one.name.capitalize()}{way}: posterior mean of every sample. The line is the prior."
        draw = partial(plot.pose_histogram, values=one.values, label=label, prior=one.prior, span=one.span)
        panels.append(Panel(f"pose-{one.key}", caption, on_axes("", draw), (3.9, 2.8), small=True))
    return panels


def _anywhere(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.full(values.shape, np.nan)


def _turn(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(degrees) <= 180.0, 1.0 / 360.0, 0.0)
