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
from latscape.report.panels import Panel, on_axes
from latscape.studies.comparison import hand_made
from latscape.studies.contenders import found_on_mnist
from latscape.studies.searches import schedules
from latscape.studies.zbo import Study
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

OBJECTIVE_NAMES = {
    "l1": "l1, SSIM loss between classes",
    "l2": "l2, SSIM loss within classes",
    "l1-l2": "l1 - l2, SSIM loss",
    "elbo": "held-out ELBO [nat per image]",
    "agreement": "agreement of an ensemble (NMI)",
    "information": "what the classes tell of the images [nat]",
}


def plane_panels(study: Study, space: TrajectorySpace) -> list[Panel]:
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
            f"{SEARCHED[study.settings.search]}, so it is one point in a space of {space.length} dimensions.",
            on_axes("a  Families of schedules", partial(_families, study=study, space=space)),
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
        draw = partial(_decoded, study=study, trajectory=curve)
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


def landscape_panels(study: Study, space: TrajectorySpace) -> list[Panel]:
    """Figure 6: mean and deviation over the plane, the best schedule."""
    known = study.record.get("landscape")
    candidates = np.array(known["candidates"], dtype=float)
    optimum = candidates[int(np.argmax(known["mean"]))]
    done = [e for e in study.evaluations if e.role != "optimum"]
    best = max((e for e in done if e.value is not None), key=lambda e: e.value or 0.0)
    name = OBJECTIVE_NAMES[study.settings.objective]

    marks = {"optimum": optimum, "best": best.point, "bounds": space.bounds_}

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
            f"The schedule at the maximum of the GP mean, which zBO hands on to the comparison, {_beside(study)}.",
            on_axes("c  The schedule zBO found", partial(_compared, study=study)),
        ),
    ]


def convergence_panel(study: Study) -> Panel:
    """Values in order."""
    evaluations = study.evaluations
    label = OBJECTIVE_NAMES[study.settings.objective]
    return Panel(
        "convergence",
        "Every evaluation in order: light dots are random schedules, dark ones were chosen by the Gaussian "
        "process, the red one is the maximum of its mean. The line is the best so far. The search helps where the "
        "dark dots lie above the light ones.",
        on_axes("", lambda ax: plot.convergence(ax, evaluations, label=label)),
    )


def training_panels(study: Study) -> list[Panel]:
    """The training of the best evaluation, if it reported any."""
    curves = {name: values for name, values in study.best.curves.items() if name not in ("step", PARTIAL)}
    if not curves or not study.best.curves["step"]:
        return []
    caption = (
        f"Training of evaluation {study.best.index + 1}, the best: the loss and its unweighted terms per cycle "
        "(linear up to 1, logarithmic above)."
    )
    return [Panel("training", caption, on_axes("Training", lambda ax: plot.training(ax, curves)))]


def search_panel(study: Study, space: TrajectorySpace) -> Panel:
    """Where the campaign looked, and what it met there."""

    label = OBJECTIVE_NAMES[study.settings.objective]
    draw = on_axes(
        "Where it looked",
        lambda ax: plot.search(ax, space.candidates(), space.bounds_, study.evaluations, label=label),
    )
    return Panel(
        "search",
        "Every schedule that was tried, where it lies in the plane, by the value that was measured there.",
        draw,
    )


def _families(ax: Axes, study: Study, space: TrajectorySpace) -> None:
    plot.families(ax, space.trajectories_, space.family_, list(space.r2_))
    if study.settings.search in AXES:
        ax.set_ylabel(AXES[study.settings.search][0])


def _decoded(ax: Axes, study: Study, trajectory: NDArray[np.float64]) -> None:
    _schedules(ax, study, trajectory, high=1.05 * study.settings.high if study.settings.search != "capacity" else None)


def _schedules(
    ax: Axes,
    study: Study,
    trajectory: NDArray[np.float64],
    label: str = "",
    *,
    high: float | None = None,
    others: Mapping[str, NDArray[np.float64]] = MappingProxyType({}),
) -> None:
    """All schedules that a trajectory stands for, the first of them strongly."""
    (name, curve), *rest = schedules(study.settings, trajectory).items()
    overlays = {**others} | {SYMBOLS[other]: values for other, values in rest}
    plot.trajectory(ax, curve, label=SYMBOLS[name] if rest else label, color=PALETTE[0], overlays=overlays, high=high)
    if study.settings.search in AXES:
        ax.set_ylabel(AXES[study.settings.search][1])


def _beside(study: Study) -> str:
    """What the schedule is shown with."""
    if study.settings.search != "beta_c":
        return "as the models are trained with it"
    known = "the one found on MNIST" if study.settings.data == "plasmonics" else "the one people made by hand"
    return f"beside {known} and the usual constant weight"


def _compared(ax: Axes, study: Study) -> None:
    cycles, others = study.settings.cycles, {}
    if study.settings.search == "beta_c":
        known = {"found on MNIST": found_on_mnist} if study.settings.data == "plasmonics" else {"hand-made": hand_made}
        others = {title: make(cycles) for title, make in known.items()} | {"constant 1": np.ones(cycles)}
    _schedules(ax, study, study.optimum.decoded, "zBO", others=others)
