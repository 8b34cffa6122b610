"""Scores: the contenders side by side, and whether a label-free objective follows what labels would say."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter
from numpy.typing import ArrayLike

from latscape.errors import InputError
from latscape.plot.style import FAINT, INK, MUTED, PALETTE

PER_CENT = FuncFormatter(lambda share, _: f"{round(100 * share, 6):g}%")
Rows = Sequence[Mapping[str, float]]


def comparison(
    ax: Axes,
    table: Mapping[str, Rows],
    *,
    score: str = "accuracy",
    label: str = "class accuracy",
    titles: Mapping[str, str] | None = None,
    highlight: str | None = None,
) -> list[Rectangle]:
    """One score of every contender as a bar with its number; with several seeds the mean, and each seed as a dot.

    Parameters
    ----------
    ax
        Where to draw.
    table
        Scores of every repeat by contender.
    score
        Which of the scores.
    label
        Of the axis. Scores in [0, 1] are drawn in per cent, others as they are.
    titles
        What to write for a contender; default: its key.
    highlight
        The contender in the strong colour; default: the best one.

    Returns
    -------
    list of Rectangle
        The bars, top to bottom in the order of the table.

    Raises
    ------
    InputError
        If no contender has this score.
    """
    known = {key: [row[score] for row in rows if row.get(score) is not None] for key, rows in table.items()}
    known = {key: values for key, values in known.items() if values}
    if not known:
        raise InputError(f"contenders with the score {score!r}", "none", "a study of labelled images")
    means = {key: float(np.mean(values)) for key, values in known.items()}
    strong = highlight or max(means, key=lambda key: means[key])
    share = all(0.0 <= value <= 1.0 for values in known.values() for value in values)
    colors = [PALETTE[0] if key == strong else "#a9c4d6" for key in known]
    bars = ax.barh(range(len(known)), list(means.values()), color=colors, height=0.62)
    for place, (key, values) in enumerate(known.items()):
        if len(values) > 1:
            ax.scatter(values, [place] * len(values), s=16, color="white", edgecolors=INK, linewidths=0.8, zorder=3)
        text = f"{means[key]:.0%}" if share else f"{means[key]:.4g}"
        end = max(*values, means[key])
        ax.annotate(
            text,
            (end, place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontweight="bold" if key == strong else "normal",
        )
    ax.set_yticks(range(len(known)), [(titles or {}).get(key, key) for key in known])
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(label + _of_seeds(known))
    if share:
        ax.set_xlim(0, 1)
        ax.xaxis.set_major_formatter(PER_CENT)
    ax.grid(axis="x", color=FAINT, linewidth=0.6)
    return list(bars)


def _of_seeds(known: Mapping[str, Sequence[float]]) -> str:
    most = max(len(values) for values in known.values())
    return f" (mean of {most} seeds; dots: each seed)" if most > 1 else " (one seed)"


def objective_trust(
    ax: Axes,
    objective: ArrayLike,
    truth: ArrayLike,
    *,
    rho: float | None = None,
    name: str = "objective",
    label: str = "class accuracy",
) -> PathCollection:
    """One objective against what labels say, a dot per evaluation: it earns trust when the dots rise to the right.

    Parameters
    ----------
    ax
        Where to draw.
    objective
        (n,) values of a label-free objective.
    truth
        (n,) accuracy or another score of the same evaluations, in [0, 1].
    rho
        Spearman rank correlation, the title.
    name, label
        Of the axes.

    Returns
    -------
    PathCollection
        The dots.

    Raises
    ------
    InputError
        If these are not two vectors of one length.
    """
    x, y = np.asarray(objective, dtype=float), np.asarray(truth, dtype=float)
    if x.ndim != 1 or x.shape != y.shape:
        raise InputError("two vectors of one length", f"shapes {x.shape} and {y.shape}", "one value per evaluation")
    dots = ax.scatter(x, y, s=30, color=PALETTE[0], edgecolors="white", linewidths=0.7, alpha=0.9)
    if rho is not None:
        ax.set_title(f"ρ = {rho:+.2f}" if np.isfinite(rho) else "ρ undefined")
    ax.set_xlabel(name)
    ax.set_ylabel(label)
    ax.yaxis.set_major_formatter(PER_CENT)
    ax.grid(color=FAINT, linewidth=0.6)
    ax.tick_params(colors=MUTED, labelcolor=INK)
    return dots
