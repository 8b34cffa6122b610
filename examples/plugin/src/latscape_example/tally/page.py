"""What is said and shown of it."""

from matplotlib.axes import Axes

from latscape.runs import Run, Section, Story, Table, axes_panel
from latscape_example.tally.spec import SPEC


def headline(run: Run[SPEC]) -> list[str]:
    """One sentence."""
    counts = run.numbers("count").get("counts")
    return [f"The commonest side came {max(counts)} times."] if counts else ["Nothing is counted yet."]


def sections(run: Run[SPEC]) -> list[Section]:
    """A bar for each side, and a table."""
    counts = run.numbers("count").get("counts")
    if not counts:
        return []

    def draw(ax: Axes) -> None:
        ax.bar(range(1, len(counts) + 1), counts)

    rows = [[str(side), str(count)] for side, count in enumerate(counts, start=1)]
    return [Section("Counts", panels=[axes_panel("counts", "How often.", draw)], table=Table(["side", "times"], rows))]


STORY = Story(headline, sections)
