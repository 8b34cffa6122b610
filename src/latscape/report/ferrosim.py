"""The pages of the two studies of FerroSIM."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latscape import plot
from latscape.plot.style import FAINT, MARK, MUTED, PALETTE
from latscape.report.page import Section, Table
from latscape.report.panels import Panel
from latscape.report.study import Content
from latscape.studies.ferrosim_hamiltonian import OBSERVABLES, WITHIN
from latscape.studies.study import NamedStudy

NAMES = {"match": "likeness to a loop", "loop_area": "area of the loop", "coercive_field": "coercive field"}


def hamiltonian(study: NamedStudy) -> Content:
    """What the study of coupling and depolarization says, as far as it has come."""
    grid, needed = study.numbers("grid").get("grid", {}), study.numbers("search").get("needed", {})
    if not grid:
        return Content(["Nothing was found yet."], [], [])
    said = [
        f"{NAMES[name][0].upper()}{NAMES[name][1:]} is best at K = {row['coupling']:.3g}, depolarization "
        f"{row['depolarization']:.3g}: {row['best']:.4g}." + _search_words(needed.get(name), row)
        for name, row in grid.items()
    ]
    head = ["observable", "K", "depolarization", "best", "grid k x k", "grid in random order", "BO, median (range)"]
    rows = [
        [
            NAMES[name],
            f"{row['coupling']:.3g}",
            f"{row['depolarization']:.3g}",
            f"{row['best']:.4g}",
            "–" if row["coarse_grid"] is None else str(row["coarse_grid"]),
            f"{row['random_order']:.0f}",
            _needed(needed.get(name)),
        ]
        for name, row in grid.items()
    ]
    text = [
        f"Evaluations until a value within {WITHIN:.0%} of the observable's range of the best on the grid: of the "
        "coarsest grid that holds one, of the grid in random order on average, and of Bayesian optimization."
    ]
    sections = [Section("In numbers", text, [_maps(study), _loops(study)], Table(head, rows))]
    return Content(said, [(str(study.settings.grid**2), "loops on the grid")], sections)


def _search_words(needed: Sequence[int | None] | None, row: dict) -> str:
    if not needed:
        return ""
    order = f"the grid in random order after {row['random_order']:.0f}"
    return f" BO comes within {WITHIN:.0%} after {_needed(needed)} evaluations, {order}."


def _needed(needed: Sequence[int | None] | None) -> str:
    if not needed:
        return "–"
    late = [np.inf if one is None else one for one in needed]
    words = [f"{one:g}" if np.isfinite(one) else "more" for one in (np.median(late), min(late), max(late))]
    return f"{words[0]} ({words[1]} to {words[2]})"


def _maps(study: NamedStudy) -> Panel:
    known, found = study.arrays("grid"), study.arrays("search")

    def draw(figure: Figure) -> None:
        axes = figure.subplots(2, 3) if found else figure.subplots(1, 3)[None]
        for ax, name in zip(axes[0], OBSERVABLES, strict=True):
            plot.landscape(ax, known["points"], known[name], label="")
            ax.set_title(NAMES[name])
            ax.set_xlabel("coupling K")
            ax.set_ylabel("depolarization")
            ax.plot(*known["points"][known[name].argmax()], "x", color=MARK, markersize=9, markeredgewidth=2)
        for ax, name in zip(axes[1] if found else [], OBSERVABLES, strict=False):
            _bests(ax, known[name], found[name])

    caption = (
        "Above: the observables over both parameters; the cross is the best of the grid. Below: how far the best seen "
        "so far is from it, in shares of the range, for each campaign."
    )
    return Panel("hamiltonian", caption, draw, (11.0, 6.2 if found else 3.3), wide=True)


def _bests(ax: Axes, truth: np.ndarray, curves: np.ndarray) -> None:
    gap = (truth.max() - curves) / (truth.max() - truth.min())
    ax.plot(np.arange(1, gap.shape[1] + 1), np.maximum(gap, 1e-4).T, color=PALETTE[0], alpha=0.6, linewidth=1.0)
    ax.axhline(WITHIN, color=MUTED, linewidth=0.8, linestyle="--")
    ax.set_yscale("log")
    ax.set_xlabel("evaluations")
    ax.set_ylabel("distance to the best")


def _loops(study: NamedStudy) -> Panel:
    known = study.arrays("grid")

    def draw(figure: Figure) -> None:
        ax = figure.subplots()
        for k, (at, mean) in enumerate(zip(known["few"], known["loops"], strict=True)):
            coupling, depolarization = known["points"][at]
            label = f"K = {coupling:.2g}, dep = {depolarization:.2g}"
            plot.loop(ax, known["field"], mean, color=PALETTE[k % len(PALETTE)], label=label)
        ax.legend()

    return Panel("loops", "Mean polarization over the field, second period, for some of the parameters.", draw)


def history(study: NamedStudy) -> Content:
    """What the study of field histories says, as far as it has come."""
    surface, search = study.numbers("surface").get("surface", {}), study.numbers("search").get("search", {})
    if not surface:
        return Content(["Nothing was found yet."], [], [])
    physics, improved = study.numbers("physics").get("physics", {}), study.numbers("improved").get("improved", {})
    said, sections = [_surface_words(surface)], [Section("The plane and its truth", panels=[_surface(study, search)])]
    if search:
        reached = search["to_99_percent"]
        said.insert(0, _search_sentence(search, reached, study.settings.budget))
        sections.append(Section("The histories", panels=[_course(study)]))
    if physics:
        said += _physics_words(physics)
        sections.append(Section("What the curl does", panels=[_observations(study), _states(study)]))
    if improved:
        said += _improved_words(improved, surface)
        sections.append(Section("Beyond the plane, and two fields at once", panels=[_improved(study)]))
    facts = [(f"{surface['grid_best']:.2f}", "best of the grid"), (str(surface["grid_points"]), "points on the grid")]
    return Content(said, [*facts, (f"{surface['r2']:.2f}", "R² of the curves in the plane")], sections)


def _surface_words(found: dict) -> str:
    return (
        f"The best of {found['grid_points']} points of the plane has a sum of |curl| of {found['grid_best']:.2f}; "
        f"{found['share_within_1_percent']:.1%} of the plane come within 1 % of it. Without any field it is "
        f"{found['no_field']:.2f}, the best of 1,000 training curves has {found['training_best']:.2f}."
    )


def _search_sentence(found: dict, reached: int | None, budget: int) -> str:
    when = f"after {reached} evaluations it came within 1 % of it" if reached else "it did not come within 1 % of it"
    return (
        f"After {budget} evaluations the campaign's best is {found['best']:.2f}, {found['regret']:.2%} below the best "
        f"of the grid; {when}. Its surface and the true one correlate by {found['surface_correlation']:.3f}."
    )


def _physics_words(found: dict) -> list[str]:
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


def _improved_words(found: dict, surface: dict) -> list[str]:
    said = []
    if "beyond" in found:
        gain = found["beyond"] / surface["grid_best"] - 1
        said.append(f"A search that may leave the plane finds {found['beyond']:.2f}, {gain:+.2%} of the grid's best.")
    if "joint" in found:
        gain = found["joint"] / surface["grid_best"] - 1
        said.append(f"With Ex(t) and Ey(t) in one plane the best is {found['joint']:.2f}, {gain:+.2%} of that.")
    return said


def _surface(study: NamedStudy, search: dict) -> Panel:
    known, found = study.arrays("surface"), study.arrays("search")

    def draw(figure: Figure) -> None:
        left, middle, right = figure.subplots(1, 3)
        limits = (float(known["truth"].min()), float(known["truth"].max()))
        mesh = plot.landscape(left, known["points"], known["truth"], label="sum of |curl|", bounds=known["bounds"])
        mesh.set_clim(*limits)
        left.plot(*known["points"][known["truth"].argmax()], "x", color=MARK, markersize=9, markeredgewidth=2)
        left.set_title("true surface")
        if search:
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


def _course(study: NamedStudy) -> Panel:
    known, found, seen = (study.arrays(stage) for stage in ("surface", "search", "physics"))

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


def _observations(study: NamedStudy) -> Panel:
    seen, settings = study.arrays("physics"), study.settings

    def draw(figure: Figure) -> None:
        first, second, third = figure.subplots(1, 3)
        first.plot(seen["curl"].T, color=PALETTE[0], alpha=0.4, linewidth=0.9)
        first.axvline(settings.length - 1, color=MUTED, linestyle="--", linewidth=0.8)
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


def _states(study: NamedStudy) -> Panel:
    seen = study.arrays("physics")

    def draw(figure: Figure) -> None:
        one, two, three = figure.subplots(1, 3)
        plot.quiver(one, seen["final"])
        one.set_title("the best history's end")
        plot.angle(two, seen["final"])
        two.set_title("its angles")
        plot.quiver(three, seen["plain_final"])
        three.set_title("without disorder")

    return Panel("states", "The polarization at the end of the campaign's best history.", draw, (11.0, 3.6), wide=True)


def _improved(study: NamedStudy) -> Panel:
    found, known = study.arrays("improved"), study.arrays("surface")

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
