"""A panel: one picture with its caption, drawn when it is needed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latscape.plot import report_style

DPI = 200  # twice what the page shows


@dataclass(frozen=True, eq=False)
class Panel:
    """One picture of the report.

    Attributes
    ----------
    name
        Of its file, without suffix.
    caption
        What it shows and how to read it.
    draw
        Fills an empty figure.
    size
        Width and height [inch].
    wide, small
        Whether it takes a whole row of the page, or a third of one.
    """

    name: str
    caption: str
    draw: Callable[[Figure], object]
    size: tuple[float, float] = (5.4, 3.7)
    wide: bool = False
    small: bool = False

    def png(self) -> bytes:
        """The picture, on white, in the style of the report."""
        with report_style():
            figure = Figure(figsize=self.size, layout="constrained")
            self.draw(figure)
            stream = BytesIO()
            figure.savefig(stream, format="png", dpi=DPI, metadata={"Software": None})
        return stream.getvalue()


def on_axes(title: str, draw: Callable[[Axes], object]) -> Callable[[Figure], object]:
    """A drawing for a figure of a single titled axes."""

    def fill(figure: Figure) -> None:
        ax = figure.subplots()
        draw(ax)
        if title:
            ax.set_title(title)

    return fill


def axes_panel(
    name: str,
    caption: str,
    draw: Callable[..., object],
    *,
    title: str = "",
    size: tuple[float, float] = (5.4, 3.7),
    wide: bool = False,
    small: bool = False,
    **arguments: Any,
) -> Panel:
    """A picture on a single pair of axes.

    Parameters
    ----------
    name, caption, size, wide, small
        As in `Panel`.
    draw
        `(ax, **arguments)`, such as a function of `latscape.plot`, which refuses arguments it does not know.
    title
        Above the axes.
    """
    return Panel(name, caption, on_axes(title, partial(draw, **arguments)), size, wide, small)
