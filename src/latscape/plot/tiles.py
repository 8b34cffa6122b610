"""What pictures of many samples share: small axes on common scales, gaps, names beside rows."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from latscape.plot.style import FAINT, INK, MUTED


def panels(figure: Figure | SubFigure, count: int, columns: int) -> list[Axes]:
    """Small axes on common scales, those without neighbours below or to the left with numbers."""
    columns = min(columns, count)
    rows = -(-count // columns)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for ax in grid.ravel()[count:]:
        ax.set_axis_off()
    for above in grid[-2, count - (rows - 1) * columns :] if rows > 1 else []:
        above.tick_params(labelbottom=True)  # nothing stands below it
    for ax in grid.ravel()[:count]:
        ax.grid(color=FAINT, linewidth=0.6)
        ax.tick_params(labelsize=7.5, colors=MUTED, labelcolor=INK)
    figure.supxlabel("place along the curve", fontsize=9)
    return list(grid.ravel()[:count])


def gap_of(height: int) -> int:
    """Pixels between neighbours, in proportion to the images."""
    return max(1, round(height / 24))


def frame_of_tiles(ax: Axes) -> None:
    """No spines and no ticks, but room for names."""
    ax.set_axis_on()
    ax.tick_params(length=0, colors=MUTED, labelcolor=INK, labelsize=8.5)
    for spine in ax.spines.values():
        spine.set_visible(False)
