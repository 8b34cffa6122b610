"""Scores: contenders side by side, objectives against what labels would say, numbers over how many classes."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from latscape.errors import InputError
from latscape.plot.styling import INK, MUTED, PALETTE, PER_CENT, dress

Rows = Sequence[Mapping[str, float]]


def model_comparison(
    ax: Axes,
    table: Mapping[str, Rows],
    *,
    score: str = "accuracy",
    label: str = "class accuracy",
    titles: Mapping[str, str] | None = None,
    highlight: str | None = None,
) -> list[Rectangle]:
    """One score of every contender as a bar with its number; with several seeds the mean, and each seed as a dot.

    Bars run from top to bottom in the order of the table.

    Parameters
    ----------
    table
        Scores of every repeat by contender.
    label
        Of the axis. Scores in [0, 1] are drawn in per cent, others as they are.
    titles
        What to write for a contender; default: its key.
    highlight
        The contender in the strong colour; default: the best one.

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
        text, end = f"{means[key]:.0%}" if share else f"{means[key]:.4g}", max(*values, means[key])
        weight = "bold" if key == strong else "normal"
        ax.annotate(text, (end, place), xytext=(6, 0), textcoords="offset points", va="center", fontweight=weight)
    ax.set_yticks(range(len(known)), [(titles or {}).get(key, key) for key in known])
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    most = max(len(values) for values in known.values())
    dress(ax, label + (f" (mean of {most} seeds; dots: each seed)" if most > 1 else " (one seed)"), "", "x")
    if share:
        ax.set_xlim(0, 1)
        ax.xaxis.set_major_formatter(PER_CENT)
    return list(bars)


def objective_correlation(
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
    objective
        (n,) values of a label-free objective.
    truth
        (n,) accuracy or another score of the same evaluations, in [0, 1].
    rho
        Spearman rank correlation, the title.

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
    dress(ax, name, label, "both")
    ax.yaxis.set_major_formatter(PER_CENT)
    ax.tick_params(colors=MUTED, labelcolor=INK)
    return dots


def class_count_curve(
    ax: Axes,
    classes: Sequence[int],
    members: Sequence[Sequence[float]],
    *,
    label: str,
    middle: Sequence[float] | None = None,
    whole: bool = False,
    band: tuple[Sequence[float], Sequence[float]] | None = None,
    band_name: str = "",
    limit: bool = False,
) -> Line2D:
    """One number over the number of classes: a dot for each member of an ensemble, a line through the middle.

    Parameters
    ----------
    classes
        How many classes, once for each ensemble.
    members
        The number of every member of each ensemble; empty lists if members have none of their own.
    middle
        Of each ensemble; default: the mean over its members.
    band, band_name
        Lower and upper end of a band around the middle, and what it is, for the legend.
    limit
        Whether to draw the line on which the number is the number of classes.

    Raises
    ------
    InputError
        If there is not one of everything for each number of classes.
    """
    lengths = {len(part) for part in (members, *([middle] if middle is not None else []), *(band or ()))}
    if not len(classes) or lengths != {len(classes)}:
        got = f"{sorted(lengths)} for {len(classes)}"
        raise InputError("one entry for each number of classes", got, "lists of one length")
    centre = [float(np.mean(values)) for values in members] if middle is None else list(middle)
    if band is not None:
        ax.fill_between(classes, *band, color=PALETTE[4], alpha=0.25, linewidth=0, label=band_name or None)
    if limit:
        ax.plot(classes, classes, color="#cfd6dc", linewidth=5.0, label="all in use")
    (line,) = ax.plot(classes, centre, color=PALETTE[0], marker=None if any(members) else "o", markersize=4, zorder=3)
    for count, values in zip(classes, members, strict=True):
        ax.scatter([count] * len(values), values, s=20, color="white", edgecolors=INK, linewidths=0.9, zorder=4)
    dress(ax, "classes", label, "y", whole="xy" if whole else "x")
    ax.margins(x=0.08)
    if limit or band_name:
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.2)
    return line
