"""The page of the study of field histories."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from latscape import plot
from latscape.plot.styling import FAINT, MARK, MUTED, PALETTE, colorbar
from latscape.runs import Panel, Run, Section
from latscape.studies.ferrosim_history.spec import HistorySpec
from latscape.studies.shared.pages import stage_numbers, stage_story

Spec = HistorySpec
Numbers = Mapping[str, Any]


def _surface_facts(run: Run[Spec], found: Numbers) -> list[tuple[str, str]]:
    """The truth on the grid, and how much of the curves the plane keeps."""
    said = {"{grid_best:.2f}": "best of the grid", "{grid_points}": "points on the grid"}
    said["{r2:.2f}"] = "R² of the curves in the plane"
    return [(number.format(**found), what) for number, what in said.items()]


def _pictures(title: str, *drawn: Callable[[Run[Spec]], Panel]) -> Callable[[Run[Spec], Numbers], Section]:
    return lambda run, found: Section(title, panels=[draw(run) for draw in drawn])


def _surface_sentence(run: Run[Spec], found: Numbers) -> str:
    return (
        f"The best of {found['grid_points']} points of the plane has a sum of |curl| of {found['grid_best']:.2f}; "
        f"{found['share_within_1_percent']:.1%} of the plane come within 1 % of it. Without any field it is "
        f"{found['no_field']:.2f}, the best of 1,000 training curves has {found['training_best']:.2f}."
    )


def _search_sentence(run: Run[Spec], found: Numbers) -> str:
    reached = found["to_99_percent"]
    when = f"after {reached} evaluations it came within 1 % of it" if reached else "it did not come within 1 % of it"
    return (
        f"After {run.spec.budget} evaluations the campaign's best is {found['best']:.2f}, {found['regret']:.2%} below "
        f"the best of the grid; {when}. Its surface and the true one correlate by {found['surface_correlation']:.3f}."
    )


def _physics_sentences(run: Run[Spec], found: Numbers) -> list[str]:
    said = [
        f"In equilibration the curl falls in {found['decays']:.0%} of the histories; the rate and the curl at the "
        f"onset correlate by {found['decay_correlation']:+.2f}.",
        f"The curl of unit vectors and the mean size of the vectors correlate by {found['size_correlation']:+.2f}.",
    ]
    if found["lag_steps"] is not None:
        low, high = found["lag_quartiles"]
        said.append(
            f"After the coercive field (mean polarization zero, {found['crossings']} times) the curl has its next "
            f"maximum {found['lag_steps']:.0f} steps later (middle half: {low:.0f} to {high:.0f})."
        )
    said.append(
        f"Without disorder px stays {found['px_without_disorder']:.1g}, and the sum of |curl| is "
        f"{found['without_disorder']:.2f}: what the open edges make."
    )
    return said


def _improved_sentences(run: Run[Spec], found: Numbers) -> list[str]:
    top = stage_numbers(run, "surface")["grid_best"]
    words = {
        "beyond": "A search that may leave the plane finds {:.2f}, {:+.2%} of the grid's best.",
        "joint": "With Ex(t) and Ey(t) in one plane the best is {:.2f}, {:+.2%} of that.",
    }
    return [said.format(found[name], found[name] / top - 1) for name, said in words.items() if name in found]


def _surface(run: Run[Spec]) -> Panel:
    """The truth, what the campaign believes, and where it looked."""
    known, found = run.arrays("surface"), run.arrays("search")

    def draw(figure: Figure) -> None:
        left, middle, right = figure.subplots(1, 3)
        limits = (float(known["truth"].min()), float(known["truth"].max()))
        mesh = plot.objective_landscape(
            left, known["points"], known["truth"], label="sum of |curl|", bounds=known["bounds"]
        )
        mesh.set_clim(*limits)
        left.plot(*known["points"][known["truth"].argmax()], "x", color=MARK, markersize=9, markeredgewidth=2)
        left.set_title("true surface")
        if found:
            again = plot.objective_landscape(middle, known["points"], found["mean"], label="", bounds=known["bounds"])
            again.set_clim(*limits)
            middle.set_title("reconstructed surface")
            right.set_title("explored points")
            right.scatter(*known["embedding"].T, s=2, color=FAINT)
            dots = right.scatter(*found["explored"].T, c=found["values"], s=14, vmin=limits[0], vmax=limits[1])
            colorbar(right, dots, "")
        else:
            middle.set_axis_off()
            right.scatter(*known["embedding"].T, c=known["curve_values"], s=6)
        right.set(xlim=known["bounds"][0], ylim=known["bounds"][1])

    caption = (
        "Sum of |curl| at the end of the decoded history: the truth on the whole grid (cross: its best), the mean of "
        "the campaign's Gaussian process, and where the campaign looked. Grey: the training curves."
    )
    return Panel("surface", caption, draw, (12.0, 3.8), wide=True)


def _course(run: Run[Spec]) -> Panel:
    """The best histories and a loop."""
    known, found, seen = (run.arrays(stage) for stage in ("surface", "search", "physics"))

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        left.axhline(0.0, color=FAINT, linewidth=0.8)
        # The broad line is seen also where both are the same.
        left.plot(known["best"], color=PALETTE[1], linewidth=2.5, alpha=0.6, label="best of the grid")
        left.plot(found["history"], color=PALETTE[0], linewidth=0.9, label="best of the campaign")
        left.set(xlabel="step", ylabel="field E$_y$")
        left.legend()
        if seen:
            plot.hysteresis_loop(right, seen["field"][:, 1], seen["loop"][:, 1])
        else:
            right.set_axis_off()

    return Panel("histories", "The best histories, and the loop that the second drives.", draw, (9.0, 3.4), wide=True)


def _observations(run: Run[Spec]) -> Panel:
    """What the curl does along histories and at their ends."""
    seen, length = run.arrays("physics"), run.spec.length

    def draw(figure: Figure) -> None:
        first, second, third = figure.subplots(1, 3)
        first.plot(seen["curl"].T, color=PALETTE[0], alpha=0.4, linewidth=0.9)
        first.axvline(length - 1, color=MUTED, linestyle="--", linewidth=0.8)
        first.set(xlabel="step", ylabel="sum of |curl|")
        second.plot(seen["onset"], seen["rate"], ".", color=PALETTE[0], markersize=4)
        second.set(xlabel="curl at the onset of equilibration", ylabel="decay per step")
        third.plot(seen["size"], seen["normalized"], ".", color=PALETTE[0], markersize=4)
        third.set(xlabel="mean size of the polarization", ylabel="sum of normalised |curl|")

    caption = (
        "Curves of the family. Left: the curl along some histories; the field is held from the dashed line on. Middle: "
        "how fast it falls then. Right: the curl of unit vectors at the end, over the size of the vectors."
    )
    return Panel("observations", caption, draw, (12.0, 3.4), wide=True)


def _states(run: Run[Spec]) -> Panel:
    """The best history's end, with and without disorder."""
    seen = run.arrays("physics")

    def draw(figure: Figure) -> None:
        one, two, three = figure.subplots(1, 3)
        plot.quiver(one, seen["final"])
        plot.polarization_angle(two, seen["final"])
        plot.quiver(three, seen["plain_final"])
        for ax, title in ((one, "the best history's end"), (two, "its angles"), (three, "without disorder")):
            ax.set_title(title)

    return Panel("states", "The polarization at the end of the campaign's best history.", draw, (11.0, 3.6), wide=True)


def _improved(run: Run[Spec]) -> Panel:
    """The searches beyond the plane and over two fields."""
    found, known = run.arrays("improved"), run.arrays("surface")

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        searches = {"beyond": "beyond the plane", "joint": "two fields"}
        for k, name in enumerate(name for name in searches if name in found):
            best = np.maximum.accumulate(found[name])
            left.plot(np.arange(1, len(best) + 1), best, color=PALETTE[k], label=searches[name])
        left.axhline(float(known["truth"].max()), color=MUTED, linestyle="--", linewidth=0.8, label="best of the grid")
        left.set(xlabel="evaluations", ylabel="best sum of |curl|")
        left.legend()
        if "joint_history" in found:
            ex, ey = np.split(found["joint_history"], 2)
            right.plot(ex, color=PALETTE[1], label="E$_x$ of two fields")
            right.plot(ey, color=PALETTE[2], label="E$_y$ of two fields")
        if "beyond_history" in found:
            right.plot(found["beyond_history"], color=PALETTE[0], label="E$_y$ beyond the plane")
        right.set(xlabel="step", ylabel="field")
        right.legend()

    caption = "Searches that alternate between the whole space and the neighbourhood of the best."
    return Panel("improved", caption, draw, (9.5, 3.5), wide=True)


STORY = stage_story(
    {
        "search": _search_sentence,
        "surface": _surface_sentence,
        "physics": _physics_sentences,
        "improved": _improved_sentences,
    },
    {
        "surface": _pictures("The plane and its truth", _surface),
        "search": _pictures("The histories", _course),
        "physics": _pictures("What the curl does", _observations, _states),
        "improved": _pictures("Beyond the plane, and two fields at once", _improved),
    },
    {"surface": _surface_facts},
    line=lambda run: {"best_value": stage_numbers(run, "search").get("best")},
)
