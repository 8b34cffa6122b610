"""The page of the study of coupling and depolarization."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latscape import plot
from latscape.plot.styling import MARK, MUTED, PALETTE
from latscape.runs import Panel, Run, Section, Table, axes_panel
from latscape.studies.ferrosim_hamiltonian.spec import HamiltonianSpec
from latscape.studies.ferrosim_hamiltonian.stages import OBSERVABLES, WITHIN
from latscape.studies.shared.pages import stage_story

Spec = HamiltonianSpec
Grid = dict[str, dict[str, Any]]
NAMES = {"match": "likeness to a loop", "loop_area": "area of the loop", "coercive_field": "coercive field"}
HEAD = ["observable", "K", "depolarization", "best", "grid k x k", "grid in random order", "BO, median (range)"]
COSTS = (
    f"Evaluations until a value within {WITHIN:.0%} of the observable's range of the best on the grid: of the coarsest "
    "grid that holds one, of the grid in random order on average, and of Bayesian optimization."
)


def _sentences(run: Run[Spec], grid: Grid) -> list[str]:
    """Where every observable is best, and what it took to find out."""
    return [_sentence(name, row, _needed(run, name)) for name, row in grid.items()]


def _sentence(name: str, row: Mapping[str, Any], needed: str) -> str:
    best = "is best at K = {coupling:.3g}, depolarization {depolarization:.3g}: {best:.4g}.".format(**row)
    order = f"the grid in random order after {row['random_order']:.0f}"
    search = f" BO comes within {WITHIN:.0%} after {needed} evaluations, {order}." if needed else ""
    return f"{NAMES[name][0].upper()}{NAMES[name][1:]} {best}{search}"


def _section(run: Run[Spec], grid: Grid) -> Section:
    """The table and the pictures."""
    forms, rows = {"coupling": ".3g", "depolarization": ".3g", "best": ".4g"}, []
    for name, row in grid.items():
        coarse = "–" if row["coarse_grid"] is None else str(row["coarse_grid"])
        found = [f"{row[key]:{form}}" for key, form in forms.items()]
        rows.append([NAMES[name], *found, coarse, f"{row['random_order']:.0f}", _needed(run, name) or "–"])
    return Section("In numbers", [COSTS], [_maps(run), _loops(run)], Table(HEAD, rows))


def _needed(run: Run[Spec], name: str) -> str:
    """Evaluations that campaigns needed, median and range; "" before there are any."""
    late = [np.inf if one is None else one for one in run.numbers("search").get("needed", {}).get(name, [])]
    if not late:
        return ""
    words = [f"{one:g}" if np.isfinite(one) else "more" for one in (np.median(late), min(late), max(late))]
    return f"{words[0]} ({words[1]} to {words[2]})"


def _maps(run: Run[Spec]) -> Panel:
    known, found = run.arrays("grid"), run.arrays("search")

    def draw(figure: Figure) -> None:
        axes = figure.subplots(2, 3) if found else figure.subplots(1, 3)[None]
        for ax, name in zip(axes[0], OBSERVABLES, strict=True):
            plot.objective_landscape(ax, known["points"], known[name], label="")
            ax.set(title=NAMES[name], xlabel="coupling K", ylabel="depolarization")
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
    ax.set(yscale="log", xlabel="evaluations", ylabel="distance to the best")


def _loops(run: Run[Spec]) -> Panel:
    known = run.arrays("grid")

    def draw(ax: Axes) -> None:
        for k, (at, mean) in enumerate(zip(known["few"], known["loops"], strict=True)):
            coupling, depolarization = known["points"][at]
            label = f"K = {coupling:.2g}, dep = {depolarization:.2g}"
            plot.hysteresis_loop(ax, known["field"], mean, color=PALETTE[k % len(PALETTE)], label=label)
        ax.legend()

    return axes_panel("loops", "Mean polarization over the field, second period, for some of the parameters.", draw)


STORY = stage_story(
    {"grid": _sentences},
    {"grid": _section},
    {"grid": lambda run, grid: (str(run.spec.grid_points**2), "loops on the grid")},
)
