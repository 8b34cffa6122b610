"""An experiment on a terminal while it runs: one line for each measurement, maps as blocks of colour."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from rich.color import Color
from rich.columns import Columns
from rich.console import Group
from rich.style import Style
from rich.text import Text

from latscape.campaign.events import CampaignEnded, CandidatesProposed, EvaluationEnded, Event
from latscape.runs import Progress, Run

CELLS = 36  # along the longer side of a map on a terminal
LETTERS = 100  # of the line below the maps
TITLES = {"mean": "prediction", "std": "uncertainty", "acquisition": "acquisition"}


def measurement_line(event: EvaluationEnded) -> str:
    """What was measured where, and the best so far; of a failure, why.

    Examples
    --------
    >>> import numpy as np
    >>> from latscape.campaign.evaluation import Evaluation
    >>> row = Evaluation(0, "start", np.array([3.0, 7.0]), np.zeros(1), 0, error="tip crashed")
    >>> measurement_line(EvaluationEnded(row, 1, 5, None))
    'failed at (3, 7): tip crashed'
    """
    one = event.evaluation
    where = f"({', '.join(f'{x:g}' for x in one.point)})"
    if one.value is None:
        return f"failed at {where}: {one.error}"
    best = one.value if event.best is None or event.best.value is None else event.best.value
    return f"{one.value:.4g} at {where}, best {best:.4g}"


def report(progress: Progress, event: Event) -> None:
    """Say how a measurement went; a failure and the end are messages, which are never left out."""
    if isinstance(event, EvaluationEnded) and event.evaluation.error is not None:
        progress(0, 0, f"{event.finished} of {event.budget}: {measurement_line(event)}")
    elif isinstance(event, EvaluationEnded):
        progress(event.finished, event.budget, measurement_line(event))
    elif isinstance(event, CampaignEnded):
        progress(0, 0, event.reason)


class MapDisplay:
    """Prediction, uncertainty and acquisition of the last step, and what was measured last, as `update` is told."""

    def __init__(self, run: Run[Any], update: Callable[[Any], None]) -> None:
        self.places, self.update = run.prepared.space.candidates(), update
        self.maps: list[Text] = []

    def __call__(self, event: Event) -> None:
        """Show what an event brings."""
        if isinstance(event, CandidatesProposed):
            drawn = [(title, event.maps[name]) for name, title in TITLES.items() if name in event.maps]
            self.maps = [Text(f"{title}\n", style="bold") + blocks(self.places, values) for title, values in drawn]
        elif isinstance(event, EvaluationEnded):
            line = Text(f"{event.finished} of {event.budget}: {measurement_line(event)[:LETTERS]}")
            self.update(Group(Columns(self.maps, padding=(0, 3)), line))


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
    return None if np.isnan(shade) else Color.from_rgb(*colormaps["viridis"](float(shade), bytes=True)[:3])
