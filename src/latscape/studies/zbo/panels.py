"""Panels of the search: the plane of trajectories, what the Gaussian process made of it, and how the campaign went."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from latscape import plot
from latscape.campaign.evaluate import PARTIAL
from latscape.plot.style import PALETTE, STD_MAP
from latscape.runs import Panel, on_axes
from latscape.studies.zbo.contenders import found_on_mnist, hand_made
from latscape.studies.zbo.results import ZboRun, best, evaluations, landscape, objective, optimum
from latscape.studies.zbo.searches import schedules
from latscape.trajectories.space import TrajectorySpace

#: What a schedule that is searched says of every training cycle.
SEARCHED = {
    "beta_c": "gives the weight of the continuous KL term in every training cycle",
    "both": "gives the weight of the continuous KL term in every training cycle, and then that of the discrete one",
    "capacity": "gives the information that the content is to carry in every training cycle",
}
SYMBOLS = {"beta_c": "β$_c$", "beta_d": "β$_d$", "capacity_c": "C"}
#: What the vertical axis is of a trajectory as it is searched, and of the schedules it stands for.
AXES = {
    "both": ("β$_c$, then β$_d$", "weight"),
    "capacity": ("C as a share of the largest, times the largest weight", "capacity of the content [nat]"),
}


def plane_panels(run: ZboRun, space: TrajectorySpace) -> list[Panel]:
    """Figure 5: families, map of the plane, three decoded points."""
    names = list(space.r2_)
    points = examples(space)
    where = ", ".join(f"{letter} ({x:.1f}, {y:.1f})" for letter, (x, y) in points.items())

    def draw_map(ax: Axes) -> None:
        plot.latent_map(
            ax, space.candidates(), space.bounds_, space.embedding_, space.family_, names, marks=dict(points)
        )

    panels = [
        Panel(
            "families",
            "Training schedules drawn at random from each family, one drawn strongly. A schedule "
            f"{SEARCHED[run.spec.search]}, so it is one point in a space of {space.length} dimensions.",
            on_axes("a  Families of schedules", partial(_families, run=run, space=space)),
        ),
        Panel(
            "latent-map",
            f"The same schedules, squeezed to two numbers. Every light point ({space.feasible_share:.0%} of the plane) "
            "decodes to an allowed schedule and may be tried; dark points decode to one that leaves the range. "
            f"Points of one colour are of one family. Marked: {where}.",
            on_axes("b  The plane that is searched", draw_map),
        ),
    ]
    for letter, point in points.items():
        caption = f"The schedule that point {letter} = ({point[0]:.1f}, {point[1]:.1f}) of the plane stands for."
        curve = space.decode(point)[0]
        draw = partial(_decoded, run=run, trajectory=curve)
        panels.append(
            Panel(f"decoded-{letter}", caption, on_axes(f"{letter}  Decoded schedule", draw), (3.9, 2.9), small=True)
        )
    return panels


def examples(space: TrajectorySpace) -> dict[str, NDArray[np.float64]]:
    """Feasible points at one end of the trajectories, in their middle and at the other end, by letter.

    The ends lie along the line from the first family to the last; with one family, along its largest extent.
    """
    embedding, member = space.embedding_, space.family_
    centre = np.median(embedding, axis=0)
    ends = [np.median(embedding[member == index], axis=0) for index in (0, member.max())]
    axis = ends[1] - ends[0] if member.max() else np.linalg.svd(embedding - centre, full_matrices=False)[2][0]
    axis = axis / max(float(np.linalg.norm(axis)), np.finfo(float).tiny)
    along = np.quantile((embedding - centre) @ axis, (0.05, 0.5, 0.95))
    candidates = space.candidates()
    targets = centre + along[:, None] * axis
    nearest = ((candidates[None] - targets[:, None]) ** 2).sum(axis=-1).argmin(axis=1)
    return dict(zip("cde", candidates[nearest], strict=True))


def landscape_panels(run: ZboRun, space: TrajectorySpace) -> list[Panel]:
    """Figure 6: mean and deviation over the plane, the best schedule."""
    known = landscape(run)
    candidates = known["candidates"]
    done = [e for e in evaluations(run) if e.role != "optimum"]
    top = max((e for e in done if e.value is not None), key=lambda e: e.value or 0.0)
    name = objective(run.spec).heading

    marks = {"optimum": candidates[int(np.argmax(known["mean"]))], "best": top.point, "bounds": space.bounds_}

    def mean(ax: Axes) -> None:
        plot.landscape(ax, candidates, known["mean"], done, **marks, label=name)

    def std(ax: Axes) -> None:
        plot.landscape(ax, candidates, known["std"], done, **marks, label="standard deviation", cmap=STD_MAP)

    return [
        Panel(
            "gp-mean",
            "What the Gaussian process expects of every allowed schedule; bright is good. Its maximum was evaluated "
            "as well, after all others.",
            on_axes("a  Expected objective", mean),
        ),
        Panel(
            "gp-std",
            "How sure it is of that, in the units of the objective: dark where schedules were tried, bright where "
            "nobody looked.",
            on_axes("b  Uncertainty", std),
        ),
        Panel(
            "best-schedule",
            f"The schedule at the maximum of the GP mean, which zBO hands on to the comparison, {_beside(run)}.",
            on_axes("c  The schedule zBO found", partial(_compared, run=run)),
        ),
    ]


def convergence_panel(run: ZboRun) -> Panel:
    """Values in order."""
    rows, label = evaluations(run), objective(run.spec).heading
    return Panel(
        "convergence",
        "Every evaluation in order: light dots are random schedules, dark ones were chosen by the Gaussian "
        "process, the red one is the maximum of its mean. The line is the best so far. The search helps where the "
        "dark dots lie above the light ones.",
        on_axes("", lambda ax: plot.convergence(ax, rows, label=label)),
    )


def training_panels(run: ZboRun) -> list[Panel]:
    """The training of the best evaluation, if it reported any."""
    top = best(run)
    curves = {name: values for name, values in top.curves.items() if name not in ("step", PARTIAL)}
    if not curves or not top.curves["step"]:
        return []
    caption = (
        f"Training of evaluation {top.index + 1}, the best: the loss and its unweighted terms per cycle "
        "(linear up to 1, logarithmic above)."
    )
    return [Panel("training", caption, on_axes("Training", lambda ax: plot.training(ax, curves)))]


def search_panel(run: ZboRun, space: TrajectorySpace) -> Panel:
    """Where the campaign looked, and what it met there."""

    label = objective(run.spec).heading
    draw = on_axes(
        "Where it looked",
        lambda ax: plot.search(ax, space.candidates(), space.bounds_, evaluations(run), label=label),
    )
    return Panel(
        "search",
        "Every schedule that was tried, where it lies in the plane, by the value that was measured there.",
        draw,
    )


def _families(ax: Axes, run: ZboRun, space: TrajectorySpace) -> None:
    plot.families(ax, space.trajectories_, space.family_, list(space.r2_))
    if run.spec.search in AXES:
        ax.set_ylabel(AXES[run.spec.search][0])


def _decoded(ax: Axes, run: ZboRun, trajectory: NDArray[np.float64]) -> None:
    _schedules(ax, run, trajectory, high=1.05 * run.spec.high if run.spec.search != "capacity" else None)


def _schedules(
    ax: Axes,
    run: ZboRun,
    trajectory: NDArray[np.float64],
    label: str = "",
    *,
    high: float | None = None,
    others: Mapping[str, NDArray[np.float64]] = MappingProxyType({}),
) -> None:
    """All schedules that a trajectory stands for, the first of them strongly."""
    (name, curve), *rest = schedules(run.spec, trajectory).items()
    overlays = {**others} | {SYMBOLS[other]: values for other, values in rest}
    plot.trajectory(ax, curve, label=SYMBOLS[name] if rest else label, color=PALETTE[0], overlays=overlays, high=high)
    if run.spec.search in AXES:
        ax.set_ylabel(AXES[run.spec.search][1])


def _beside(run: ZboRun) -> str:
    """What the schedule is shown with."""
    if run.spec.search != "beta_c":
        return "as the models are trained with it"
    known = "the one found on MNIST" if run.spec.data == "plasmonics" else "the one people made by hand"
    return f"beside {known} and the usual constant weight"


def _compared(ax: Axes, run: ZboRun) -> None:
    cycles, others = run.spec.cycles, {}
    if run.spec.search == "beta_c":
        known = {"found on MNIST": found_on_mnist} if run.spec.data == "plasmonics" else {"hand-made": hand_made}
        others = {title: make(cycles) for title, make in known.items()} | {"constant 1": np.ones(cycles)}
    _schedules(ax, run, optimum(run).decoded, "zBO", others=others)
