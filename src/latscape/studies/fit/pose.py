"""The pose of the samples of a fit, in units people know."""

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import lognorm, norm, uniform

from latscape import plot
from latscape.runs import Panel, axes_panel
from latscape.studies.fit.stages import FitRun, latents, results

Density = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class PoseNumber(NamedTuple):
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


def pose(run: FitRun) -> list[PoseNumber]:
    """Each number of the pose of a fit's samples."""
    shape, found = results(run)["data"]["shape"], []
    half, pixels = max(shape[:2]) / 2, "points" if len(shape) == 1 else "pixels"  # in half a side
    for name, prior in results(run)["pose"].items():
        values = latents(run)[name].astype(np.float64)
        if name in ("rotation", "shear"):
            width = 180.0 if prior is None else math.degrees(prior)
            density = partial(uniform.pdf, loc=-180.0, scale=360.0) if prior is None else partial(norm.pdf, scale=width)
            found.append(PoseNumber(name, name, "degrees", np.degrees(values[:, 0]), density, (-width, width)))
        elif name == "scale":
            density, span = partial(lognorm.pdf, s=prior), (math.exp(-prior), math.exp(prior))
            found.append(PoseNumber(name, "magnification", "", np.exp(values[:, 0]), density, span))
        elif name in ("shift", "translation"):
            width = prior * half
            for column, way in zip(values.T * half, ("right", "up"), strict=False):
                density = partial(norm.pdf, scale=width)
                found.append(PoseNumber(f"{name}-{way}", f"shift {way}", pixels, column, density, (-width, width)))
        else:  # a factor of somebody's own, in its own unit
            density = partial(np.full_like, fill_value=np.nan) if prior is None else partial(norm.pdf, scale=prior)
            span = (-(prior or 1.0), prior or 1.0)
            found += [PoseNumber(f"{name}-{k}", name, "", column, density, span) for k, column in enumerate(values.T)]
    return found


def pose_panels(run: FitRun) -> list[Panel]:
    """One histogram for each number of the pose, in units people know."""
    panels = []
    for one in pose(run):
        look = {"values": one.values, "prior": one.prior, "span": one.span}
        look["label"] = f"{one.name} [{one.unit}]" if one.unit else one.name
        way = ", counter-clockwise" if one.name == "rotation" else ""
        caption = f"{one.name.capitalize()}{way}: posterior mean of every sample. The line is the prior."
        draw = plot.pose_histogram
        panels.append(axes_panel(f"pose-{one.key}", caption, draw, size=(3.9, 2.8), small=True, **look))
    return panels
