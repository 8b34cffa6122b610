"""An experiment while it runs: two maps on a terminal, lines anywhere else."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.columns import Columns
from rich.console import Group
from rich.live import Live
from rich.style import Style
from rich.text import Text

from latscape.cli.live import quiet_libraries
from latscape.cli.output import number, say, stderr

if TYPE_CHECKING:
    from latscape.campaign.events import Event, Observer
    from latscape.studies.explore import Exploration

CELLS = 36  # along the longer side of a map on a terminal
#: Matplotlib's viridis at nine places.
RAMP = np.array(
    [
        [68, 1, 84],
        [71, 44, 122],
        [59, 81, 139],
        [44, 113, 142],
        [33, 144, 141],
        [39, 173, 129],
        [92, 200, 99],
        [170, 220, 50],
        [253, 231, 37],
    ]
)


@contextmanager
def watching(run: "Exploration") -> Iterator["list[Observer]"]:
    """Observers that suit stderr, while an experiment runs."""
    with quiet_libraries():
        if not sys.stderr.isatty():
            yield [_Lines(run)]
            return
        with Live(console=stderr(), refresh_per_second=4, transient=True) as live:
            yield [_Maps(run, live)]


class _Lines:
    """One line for a measurement, ten or so in all, and one for each failure."""

    def __init__(self, run: "Exploration") -> None:
        self.every = max(run.settings.budget // 10, 1)

    def __call__(self, event: "Event") -> None:
        from latscape.campaign.events import Ended, EvaluationEnded

        if isinstance(event, EvaluationEnded):
            one = event.evaluation
            if one.error is not None:
                say(f"{event.finished} of {event.budget}: failed at {_place(one.point)}: {one.error}")
            elif event.finished % self.every == 0 or event.finished == event.budget:
                best = number(event.best.value if event.best else None)
                say(f"{event.finished} of {event.budget}: {number(one.value)} at {_place(one.point)}, best {best}")
        elif isinstance(event, Ended):
            say(event.reason)


class _Maps:
    """Prediction and acquisition as blocks of colour, and what happened last."""

    def __init__(self, run: "Exploration", live: Live) -> None:
        self.places, self.live = run.space.candidates(), live
        self.maps: list[Text] = []

    def __call__(self, event: "Event") -> None:
        from latscape.campaign.events import EvaluationEnded, Proposed

        if isinstance(event, Proposed):
            titles = {"mean": "prediction", "std": "uncertainty", "acquisition": "acquisition"}
            drawn = [(titles[name], event.maps[name]) for name in titles if name in event.maps]
            self.maps = [Text(f"{title}\n", style="bold") + blocks(self.places, values) for title, values in drawn]
        elif isinstance(event, EvaluationEnded):
            one, best = event.evaluation, number(event.best.value if event.best else None)
            what = number(one.value) if one.error is None else one.error[:60]
            line = Text(f"{event.finished} of {event.budget}: {what} at {_place(one.point)}, best {best}")
            self.live.update(Group(Columns(self.maps, padding=(0, 3)), line))


def blocks(places: NDArray, values: NDArray) -> Text:
    """A map of places (m, 2) as half blocks, two rows of cells to a line; white space where there is no place.

    Examples
    --------
    >>> blocks(np.argwhere(np.ones((4, 6))), np.arange(24.0)).plain
    '▀▀▀▀▀▀\\n▀▀▀▀▀▀'
    """
    low, span = places.min(axis=0), np.ptp(places, axis=0)
    distinct = np.array([len(np.unique(axis)) for axis in places.T])
    scale = min(1.0, CELLS / distinct.max())
    shape = np.maximum(np.ceil(distinct * scale), 1).astype(int)
    index = np.minimum(((places - low) / np.where(span > 0, span, 1) * shape).astype(int), shape - 1)
    total, many = np.zeros(shape), np.zeros(shape)
    np.add.at(total, tuple(index.T), np.nan_to_num(values))
    np.add.at(many, tuple(index.T), 1.0)
    cells = np.where(many > 0, total / np.maximum(many, 1), np.nan)
    bottom, top = np.nanpercentile(cells, (2, 98))
    shade = np.clip((cells - bottom) / ((top - bottom) or 1.0), 0, 1)
    if len(shade) % 2:
        shade = np.concatenate([shade, np.full((1, shade.shape[1]), np.nan)])
    text = Text()
    for upper, lower in zip(shade[::2], shade[1::2], strict=True):
        for a, b in zip(upper, lower, strict=True):
            text.append("▀", Style(color=_color(a), bgcolor=_color(b)))
        text.append("\n")
    text.rstrip()
    return text


def _color(shade: float) -> Color | None:
    if np.isnan(shade):
        return None
    red, green, blue = (int(np.interp(shade, np.linspace(0, 1, len(RAMP)), RAMP[:, k])) for k in range(3))
    return Color.from_rgb(red, green, blue)


def _place(point: NDArray) -> str:
    return f"({', '.join(f'{x:g}' for x in point)})"
