"""Panels of a search for the number of classes: the scores of each number, and what its classes look like."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from latscape import plot
from latscape.plot.images import visible
from latscape.runs import Panel, axes_panel

Pictures = NDArray[np.floating]


def number_panel(rows: Mapping[int, Mapping[str, Any]]) -> Panel:
    """ELBO, dispersion and used classes over the number of classes."""
    counts = list(rows)
    elbo, used, middle, quartiles = (
        [rows[count][name] for count in counts]
        for name in ("elbo", "used_classes", "dispersion", "dispersion_quartiles")
    )

    def draw(figure: Figure) -> None:
        left, centre, right = figure.subplots(1, 3)
        none: list[list[float]] = [[] for _ in counts]
        band = {"band": tuple(zip(*quartiles, strict=True)), "band_name": "middle half of the samples"}
        plot.class_count_curve(left, counts, elbo, label="held-out ELBO [nat]")
        plot.class_count_curve(centre, counts, none, label="dispersion of the members", middle=middle, **band)
        plot.class_count_curve(right, counts, used, label="used classes", whole=True, limit=True)

    caption = (
        "Held-out samples, over the number of classes. Left: ELBO; a dot for each member, the line is their mean. "
        "Middle: how far the members differ about a sample, on average, and where the middle half of the samples lie. "
        "Right: classes that hold at least 1% of the samples, for each member and on average."
    )
    return Panel("classes", caption, draw, (11.0, 3.3), wide=True)


def picture_panel(pictures: Mapping[int, Pictures]) -> Panel:
    """What the classes look like, a row for every number of them; pictures (classes, ...) of at least one number."""
    counts, most = sorted(pictures), max(pictures)
    look: dict[str, Any] = {"values": range(1, most + 1), "names": [f"{k} classes" for k in counts], "label": "class"}
    caption = (
        "What each class of the member with the best ELBO decodes to in the middle of its content, without pose. "
        "Classes that look alike are one too many."
    )
    if pictures[counts[0]].ndim == 2:
        curves = _padded([pictures[count] for count in counts], most, math.nan)
        size = (11.0, 0.6 + 1.9 * math.ceil(len(curves) / 4))
        return Panel("class-pictures", caption, partial(plot.curve_traversals, curves=curves, **look), size, wide=True)
    images = [visible(pictures[count]) for count in counts]
    low, high = np.quantile(np.concatenate([one.ravel() for one in images]), (0.005, 0.995)).tolist()
    look |= {"images": _padded(images, most, high), "low": low, "high": high}
    side = min(1.0, 9.0 / most)
    size = (1.3 + side * most, 0.6 + side * len(counts))
    return axes_panel("class-pictures", caption, plot.traversal, size=size, wide=most > 5, **look)


def _padded(rows: Sequence[Pictures], most: int, blank: float) -> Pictures:
    return np.stack([np.concatenate([row, np.full((most - len(row), *row.shape[1:]), blank)]) for row in rows])
