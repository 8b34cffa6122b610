"""Panels of the search: the plane of trajectories, what the Gaussian process made of it, and how the campaign went."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from latscape import plot
from latscape.campaign.evaluate import PARTIAL
from latscape.plot.styling import PALETTE, STD_MAP
from latscape.runs import Panel, axes_panel
from latscape.studies.zbo.contenders import found_on_mnist, hand_made
from latscape.studies.zbo.results import ZboRun, best, evaluations, landscape, objective, optimum
from latscape.studies.zbo.searches import schedules
from latscape.trajectories import TrajectorySpace

#: What a schedule that is searched says of every epoch.
SEARCHED = {
    "beta_c": "gives the weight of the continuous KL term in every epoch",
    "both": "gives the weight of the continuous KL term in every epoch, and then that of the discrete one",
    "capacity": "gives the information that the content is to carry in every epoch",
}
SYMBOLS = {"beta_c": "β$_c$", "beta_d": "β$_d$", "capacity_c": "C"}
#: What the vertical axis is of a trajectory as it is searched, and of the schedules it stands for.
AXES = {
    "both": ("β$_c$, then β$_d$", "weight"),
    "capacity": ("C as a share of the largest, times the largest weight", "capacity of the content [nat]"),
}


def plane_panels(run: ZboRun, space: TrajectorySpace) -> list[Panel]:
    """Figure 5: families, map of the plane, three decoded points."""
    points = examples(space)
    where = ", ".join(f"{letter} ({x:.1f}, {y:.1f})" for letter, (x, y) in points.items())
    plane = {"candidates": space.candidates(), "bounds": space.bounds_, "marks": points}
    plane |= {"embedding": space.embedding_, "family": space.family_, "names": list(space.r2_)}
    decoded = [
        axes_panel(
            f"decoded-{letter}",
            f"The schedule that point {letter} = ({point[0]:.1f}, {point[1]:.1f}) of the plane stands for.",
            _schedules,
            title=f"{letter}  Decoded schedule",
            size=(3.9, 2.9),
            small=True,
            run=run,
            trajectory=space.decode(point)[0],
            high=1.05 * run.spec.high if run.spec.search != "capacity" else None,
        )
        for letter, point in points.items()
    ]
    return [
        axes_panel(
            "families",
            "Training schedules drawn at random from each family, one drawn strongly. A schedule "
            f"{SEARCHED[run.spec.search]}, so it is one point in a space of {space.length} dimensions.",
            _families,
            title="a  Families of schedules",
            run=run,
            space=space,
        ),
        axes_panel(
            "latent-map",
            f"The same schedules, squeezed to two numbers. Every light point ({space.feasible_share:.0%} of the plane) "
            "decodes to an allowed schedule and may be tried; dark points decode to one that leaves the range. "
            f"Points of one colour are of one family. Marked: {where}.",
            plot.latent_map,
            title="b  The plane that is searched",
            **plane,
        ),
        *decoded,
    ]


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
    plane = {"candidates": candidates, "evaluations": done, "bounds": space.bounds_}
    plane |= {"optimum": candidates[int(np.argmax(known["mean"]))], "best": best(done).point}
    return [
        axes_panel(
            "gp-mean",
            "What the Gaussian process expects of every allowed schedule; bright is good. Its maximum was evaluated "
            "as well, after all others.",
            plot.objective_landscape,
            title="a  Expected objective",
            values=known["mean"],
            label=objective(run.spec).heading,
            **plane,
        ),
        axes_panel(
            "gp-std",
            "How sure it is of that, in the units of the objective: dark where schedules were tried, bright where "
            "nobody looked.",
            plot.objective_landscape,
            title="b  Uncertainty",
            values=known["std"],
            label="standard deviation",
            cmap=STD_MAP,
            **plane,
        ),
        _best_panel(run),
    ]


def _best_panel(run: ZboRun) -> Panel:
    shown, others = "as the models are trained with it", {}
    if run.spec.search == "beta_c":
        particles = run.spec.data == "plasmonics"
        title, known = ("found on MNIST", found_on_mnist) if particles else ("hand-made", hand_made)
        others = {title: known(run.spec.epochs), "constant 1": np.ones(run.spec.epochs)}
        by = "the one found on MNIST" if particles else "the one people made by hand"
        shown = f"beside {by} and the usual constant weight"
    caption = f"The schedule at the maximum of the GP mean, which zBO hands on to the comparison, {shown}."
    look = {"run": run, "trajectory": optimum(run).decoded, "label": "zBO", "others": others}
    return axes_panel("best-schedule", caption, _schedules, title="c  The schedule zBO found", **look)


def convergence_panel(run: ZboRun) -> Panel:
    """Values in order."""
    caption = (
        "Every evaluation in order: light dots are random schedules, dark ones were chosen by the Gaussian "
        "process, the red one is the maximum of its mean. The line is the best so far. The search helps where the "
        "dark dots lie above the light ones."
    )
    look = {"evaluations": evaluations(run), "label": objective(run.spec).heading}
    return axes_panel("convergence", caption, plot.convergence, **look)


def training_panels(run: ZboRun) -> list[Panel]:
    """The training of the best evaluation, if it reported any."""
    top = best(evaluations(run))
    curves = {name: values for name, values in top.curves.items() if name not in ("step", PARTIAL)}
    if not curves or not top.curves["step"]:
        return []
    caption = (
        f"Training of evaluation {top.index + 1}, the best: the loss and its unweighted terms per epoch "
        "(linear up to 1, logarithmic above)."
    )
    return [axes_panel("training", caption, plot.training_curves, title="Training", history=curves)]


def search_panel(run: ZboRun, space: TrajectorySpace) -> Panel:
    """Where the campaign looked, and what it met there."""
    caption = "Every schedule that was tried, where it lies in the plane, by the value that was measured there."
    look = {"evaluations": evaluations(run), "label": objective(run.spec).heading}
    plane = {"candidates": space.candidates(), "bounds": space.bounds_}
    return axes_panel("search", caption, plot.evaluation_map, title="Where it looked", **plane, **look)


def _families(ax: Axes, run: ZboRun, space: TrajectorySpace) -> None:
    plot.trajectory_families(ax, space.trajectories_, space.family_, list(space.r2_))
    if run.spec.search in AXES:
        ax.set_ylabel(AXES[run.spec.search][0])


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
