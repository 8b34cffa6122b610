"""The pictures of the study of field histories."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from latscape import plot
from latscape.plot.style import FAINT, MARK, MUTED, PALETTE
from latscape.runs import Panel, Run


def surface(run: Run[Any]) -> Panel:
    """The truth, what the campaign believes, and where it looked."""
    known, found = run.arrays("surface"), run.arrays("search")

    def draw(figure: Figure) -> None:
        left, middle, right = figure.subplots(1, 3)
        limits = (float(known["truth"].min()), float(known["truth"].max()))
        mesh = plot.landscape(left, known["points"], known["truth"], label="sum of |curl|", bounds=known["bounds"])
        mesh.set_clim(*limits)
        left.plot(*known["points"][known["truth"].argmax()], "x", color=MARK, markersize=9, markeredgewidth=2)
        left.set_title("true surface")
        if found:
            again = plot.landscape(middle, known["points"], found["mean"], label="", bounds=known["bounds"])
            again.set_clim(*limits)
            middle.set_title("reconstructed surface")
            right.set_title("explored points")
            right.scatter(*known["embedding"].T, s=2, color=FAINT)
            dots = right.scatter(*found["explored"].T, c=found["values"], s=14, vmin=limits[0], vmax=limits[1])
            plot.colorbar(right, dots, "")
        else:
            middle.set_axis_off()
            right.scatter(*known["embedding"].T, c=known["curve_values"], s=6)
        right.set_xlim(*known["bounds"][:, 0])
        right.set_ylim(*known["bounds"][:, 1])

    caption = (
        "Sum of |curl| at the end of the decoded history: the truth on the whole grid (cross: its best), the mean of "
        "the campaign's Gaussian process, and where the campaign looked. Grey: the training curves."
    )
    return Panel("surface", caption, draw, (12.0, 3.8), wide=True)


def course(run: Run[Any]) -> Panel:
    """The best histories and a loop."""
    known, found, seen = (run.arrays(stage) for stage in ("surface", "search", "physics"))

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        left.axhline(0.0, color=FAINT, linewidth=0.8)
        # The broad line is seen also where both are the same.
        left.plot(known["best"], color=PALETTE[1], linewidth=2.5, alpha=0.6, label="best of the grid")
        left.plot(found["history"], color=PALETTE[0], linewidth=0.9, label="best of the campaign")
        left.set_xlabel("step")
        left.set_ylabel("field E$_y$")
        left.legend()
        if seen:
            plot.loop(right, seen["field"][:, 1], seen["loop"][:, 1])
        else:
            right.set_axis_off()

    return Panel("histories", "The best histories, and the loop that the second drives.", draw, (9.0, 3.4), wide=True)


def observations(run: Run[Any]) -> Panel:
    """What the curl does along histories and at their ends."""
    seen, length = run.arrays("physics"), run.spec.length

    def draw(figure: Figure) -> None:
        first, second, third = figure.subplots(1, 3)
        first.plot(seen["curl"].T, color=PALETTE[0], alpha=0.4, linewidth=0.9)
        first.axvline(length - 1, color=MUTED, linestyle="--", linewidth=0.8)
        first.set_xlabel("step")
        first.set_ylabel("sum of |curl|")
        second.plot(seen["onset"], seen["rate"], ".", color=PALETTE[0], markersize=4)
        second.set_xlabel("curl at the onset of equilibration")
        second.set_ylabel("decay per step")
        third.plot(seen["size"], seen["normalized"], ".", color=PALETTE[0], markersize=4)
        third.set_xlabel("mean size of the polarization")
        third.set_ylabel("sum of normalised |curl|")

    caption = (
        "Curves of the family. Left: the curl along some histories; the field is held from the dashed line on. Middle: "
        "how fast it falls then. Right: the curl of unit vectors at the end, over the size of the vectors."
    )
    return Panel("observations", caption, draw, (12.0, 3.4), wide=True)


def states(run: Run[Any]) -> Panel:
    """The best history's end, with and without disorder."""
    seen = run.arrays("physics")

    def draw(figure: Figure) -> None:
        one, two, three = figure.subplots(1, 3)
        plot.quiver(one, seen["final"])
        one.set_title("the best history's end")
        plot.angle(two, seen["final"])
        two.set_title("its angles")
        plot.quiver(three, seen["plain_final"])
        three.set_title("without disorder")

    return Panel("states", "The polarization at the end of the campaign's best history.", draw, (11.0, 3.6), wide=True)


def improved(run: Run[Any]) -> Panel:
    """The searches beyond the plane and over two fields."""
    found, known = run.arrays("improved"), run.arrays("surface")

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        for k, name in enumerate(name for name in ("beyond", "joint") if name in found):
            best = np.maximum.accumulate(found[name])
            words = {"beyond": "beyond the plane", "joint": "two fields"}[name]
            left.plot(np.arange(1, len(best) + 1), best, color=PALETTE[k], label=words)
        left.axhline(float(known["truth"].max()), color=MUTED, linestyle="--", linewidth=0.8, label="best of the grid")
        left.set_xlabel("evaluations")
        left.set_ylabel("best sum of |curl|")
        left.legend()
        if "joint_history" in found:
            ex, ey = np.split(found["joint_history"], 2)
            right.plot(ex, color=PALETTE[1], label="E$_x$ of two fields")
            right.plot(ey, color=PALETTE[2], label="E$_y$ of two fields")
        if "beyond_history" in found:
            right.plot(found["beyond_history"], color=PALETTE[0], label="E$_y$ beyond the plane")
        right.set_xlabel("step")
        right.set_ylabel("field")
        right.legend()

    caption = "Searches that alternate between the whole space and the neighbourhood of the best."
    return Panel("improved", caption, draw, (9.5, 3.5), wide=True)
