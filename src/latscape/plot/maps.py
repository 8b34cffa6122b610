"""The latent plane: where trajectories may lie, and what the Gaussian process predicts.

Figures 5b, 6a and 6b of Biswas et al. 2023, arXiv:2207.00128.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection, QuadMesh
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.legend import Legend
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike, NDArray

from latscape.campaign.evaluation import Evaluation
from latscape.checks import check_bounds
from latscape.errors import InputError
from latscape.plot.styling import FEASIBLE, INFEASIBLE, INK, MARK, MEAN_MAP, color_of, colorbar, dress, text_beside

Point = ArrayLike
MOST_CELLS = 4096  # of a lattice along one axis


def latent_map(
    ax: Axes,
    candidates: ArrayLike,
    bounds: ArrayLike,
    embedding: ArrayLike | None = None,
    family: ArrayLike | None = None,
    names: Sequence[str] = (),
    *,
    marks: Mapping[str, Point] | None = None,
) -> QuadMesh:
    """The plane of trajectories: light where a point decodes to an allowed one, dark where it does not.

    Parameters
    ----------
    candidates
        (m, 2), the feasible points of a lattice, as `TrajectorySpace.candidates()` gives them.
    bounds
        (2, 2), a row [low, high] per axis of the plane; its dark part reaches to them.
    embedding
        (n, 2), where the training trajectories lie.
    family
        (n,) indices into `names`; default: all of one family.
    marks
        Points (2,) by the letter to write beside them.

    Raises
    ------
    InputError
        If the candidates are no part of a lattice in a plane.
    """
    mesh = _cells(ax, candidates, np.ones(len(np.asarray(candidates))), ListedColormap([FEASIBLE]), bounds)
    if embedding is not None:
        _dots(ax, np.asarray(embedding, dtype=float), family, names)
    for letter, point in (marks or {}).items():
        _mark(ax, point, "o", letter)
        _name(ax, point, letter)
    return mesh


def objective_landscape(
    ax: Axes,
    candidates: ArrayLike,
    values: ArrayLike,
    evaluations: Sequence[Evaluation] = (),
    *,
    optimum: Point | None = None,
    best: Point | None = None,
    bounds: ArrayLike | None = None,
    label: str = "GP mean of the objective",
    cmap: str = MEAN_MAP,
) -> QuadMesh:
    """What a Gaussian process predicts over the feasible lattice, the points that were evaluated, and the two optima.

    Parameters
    ----------
    candidates
        (m, 2), feasible points of a lattice.
    values
        (m,), mean or deviation there, in the units of the objective.
    evaluations
        Drawn as open circles where done and as crosses where failed.
    optimum
        (2,), the maximum of the GP mean: the red dot.
    best
        (2,), the best evaluated point: the red cross.
    bounds
        (2, 2), a row [low, high] per axis of the plane; default: what the candidates need.

    Raises
    ------
    InputError
        If the candidates are no part of a lattice in a plane, or there is not one value for each.
    """
    mesh = _cells(ax, candidates, values, cmap, bounds)
    _evaluated(ax, evaluations)
    if best is not None:
        _mark(ax, best, "x", "best evaluated")
    if optimum is not None:
        _mark(ax, optimum, "o", "max of GP mean")
    if ax.collections[1:]:
        _legend(ax, 3)
    colorbar(ax, mesh, label)
    return mesh


def evaluation_map(
    ax: Axes, candidates: ArrayLike, bounds: ArrayLike, evaluations: Sequence[Evaluation], *, label: str = "objective"
) -> Collection:
    """Where a campaign looked, as dots coloured by the value measured there, if there is one.

    Parameters
    ----------
    candidates, bounds
        As in `latent_map`.
    """
    latent_map(ax, candidates, bounds)
    done = [e for e in evaluations if e.value is not None]
    points, values = np.array([e.point for e in done]).reshape(-1, 2), np.array([e.value for e in done], dtype=float)
    dots = ax.scatter(points[:, 0], points[:, 1], c=values, s=45, edgecolors="white", linewidths=0.8, clip_on=False)
    colorbar(ax, dots, label)
    return dots


def lattice(
    candidates: ArrayLike, values: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Feasible points of a lattice as axes x (nx,), y (ny,) and a matrix (ny, nx), NaN where there is no candidate.

    Examples
    --------
    >>> x, y, cells = lattice([[0, 0], [0, 1], [1, 0]], [1, 2, 3])
    >>> cells
    array([[ 1.,  3.],
           [ 2., nan]])
    """
    points, heights = np.asarray(candidates, dtype=float), np.asarray(values, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or heights.shape != points.shape[:1]:
        got = f"shapes {points.shape} and {heights.shape}"
        raise InputError("candidates (m, 2) and one value for each", got, "space.candidates()")
    (x, column), (y, row) = (_axis(coordinate) for coordinate in points.T)
    cells = np.full((len(y), len(x)), np.nan)
    cells[row, column] = heights
    return x, y, cells


def _axis(coordinate: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The equidistant axis that a coordinate lies on, gaps filled, and the place of each point on it."""
    present = np.unique(coordinate)
    if len(present) == 1:
        return present, np.zeros(len(coordinate), dtype=np.int64)
    place = (coordinate - present[0]) / np.diff(present).min()
    nearest = np.rint(place).astype(np.int64)
    if nearest.max() > MOST_CELLS or np.abs(place - nearest).max() > 0.1:
        raise InputError("candidates on a lattice", "scattered ones", "a space whose candidates() are a grid")
    return np.linspace(present[0], present[-1], nearest.max() + 1), nearest


def _cells(
    ax: Axes, candidates: ArrayLike, values: ArrayLike, cmap: str | Colormap, bounds: ArrayLike | None
) -> QuadMesh:
    """Values over the feasible cells of the plane, dark besides."""
    x, y, cells = lattice(candidates, values)
    ax.set_facecolor(INFEASIBLE)
    mesh = ax.pcolormesh(x, y, cells, cmap=cmap, shading="nearest", rasterized=True)
    if bounds is not None:
        horizontal, vertical = check_bounds(bounds, 2)
        ax.set(xlim=horizontal, ylim=vertical)
    dress(ax, "latent z$_1$", "latent z$_2$")
    return mesh


def _evaluated(ax: Axes, evaluations: Sequence[Evaluation]) -> None:
    done = np.array([e.point for e in evaluations if e.status == "done"]).reshape(-1, 2)
    failed = np.array([e.point for e in evaluations if e.status == "failed"]).reshape(-1, 2)
    shown = {"zorder": 3, "clip_on": False}  # a point may lie on the edge
    if len(done):
        ax.scatter(*done.T, s=17, marker="o", color="white", edgecolors=INK, linewidths=0.7, label="evaluated", **shown)
    if len(failed):
        ax.scatter(*failed.T, s=24, marker="x", color=INK, linewidths=1.2, label="failed", **shown)


def _dots(ax: Axes, embedding: NDArray[np.float64], family: ArrayLike | None, names: Sequence[str]) -> None:
    member = np.zeros(len(embedding), dtype=int) if family is None else np.asarray(family)
    for index in np.unique(member):
        name = names[index] if index < len(names) else "trajectories"
        ax.scatter(*embedding[member == index].T, s=9, color=color_of(index), alpha=0.55, linewidths=0, label=name)
    for handle in _legend(ax, len(names) or 1, markerscale=1.8).legend_handles:
        if handle is not None:
            handle.set_alpha(1.0)


def _legend(ax: Axes, columns: int, markerscale: float = 1.0) -> Legend:
    below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.15), "borderaxespad": 0.2}
    return ax.legend(ncols=columns, handletextpad=0.1, markerscale=markerscale, **below)


def _mark(ax: Axes, point: Point, marker: str, name: str) -> None:
    x, y = np.asarray(point, dtype=float)
    whole = {"color": MARK, "zorder": 5, "label": name, "clip_on": False}  # an optimum may lie on the edge
    if marker == "x":  # its arms show beside the dot where both coincide
        cross = ax.scatter([x], [y], s=110, marker="x", linewidths=2.2, **whole)
        cross.set_path_effects([withStroke(linewidth=4.4, foreground="white")])
    else:
        ax.scatter([x], [y], s=44, marker=marker, edgecolors="white", linewidths=1.0, **whole)


def _name(ax: Axes, point: Point, name: str) -> None:
    x, y = np.asarray(point, dtype=float)
    shift = -10 if x > sum(ax.get_xlim()) / 2 else 10  # write towards the middle
    text_beside(ax, name, (x, y), shift, fontsize=8.5, fontweight="bold", zorder=6)
