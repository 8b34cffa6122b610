"""One figure of success.py, from its rows: roughness and regret, what regret is made of, and what goes with it.

python benchmarks/_success_figure.py rows.jsonl docs/ferrosim/success.png
"""

import json
import sys
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy import stats

from latscape.plot import report_style
from latscape.plot.styling import FAINT, INK, MUTED, PALETTE
from success import GOOD, SPACES, Made, judged, summarize

#: Evaluations after which is asked how fast a search is, and what it found in the end.
EARLY, LATE = 12, 25
#: How the training set or the training differs, by (beta, share of good histories): words and a marker.
KINDS = {
    (1.0, GOOD): ("as drawn", "o"),
    (1.0, 0.0): ("no good histories", "v"),
    (1.0, 0.5): ("half of them good", "^"),
    (100.0, GOOD): ("beta = 100", "s"),
}
LATENT_COLORS = dict(zip((2, 3, 4, 5), PALETTE, strict=False))
TRAIT_WORDS = {
    "roughness": "roughness",
    "lacks": "what the space lacks",
    "almost": "share within 1 %\nof its best",
    "r2": "R² of the curves",
}


def of(rows: list[dict], made: Made) -> list[dict]:
    return [row for row in rows if Made(row["latent"], row["beta"], row["share"]) == made]


def scatter(ax: Axes, rows: list[dict], outcome: str) -> None:
    """Every space: roughness and an outcome, small; large, the mean over seeds with its standard error."""
    for made in SPACES:
        mine = of(rows, made)
        x, y = (np.array([row[name] for row in mine]) for name in ("roughness", outcome))
        look = {"marker": KINDS[made.beta, made.share][1], "color": LATENT_COLORS[made.latent]}
        ax.scatter(x, 100 * y, s=10, alpha=0.4, linewidths=0, **look)
        errors = {"xerr": stats.sem(x), "yerr": 100 * stats.sem(y), "elinewidth": 0.9}
        ax.errorbar(x.mean(), 100 * y.mean(), markersize=8, markeredgecolor="white", **errors, **look)
    ax.set_xscale("log")
    ax.set_xlabel("roughness of the target over the space")
    ax.set_ylim(bottom=-0.3)


def bars(ax: Axes, rows: list[dict]) -> None:
    """What regret is made of: what the space lacks, and on top of it what the search missed."""
    at, ticks, labels = 0.0, [], []
    for (beta, share), (words, _) in KINDS.items():
        ax.text(0.1, at - 0.85, words, fontsize=8.5, color=INK, va="center")
        for latent, color in LATENT_COLORS.items():
            mine = of(rows, Made(latent, beta, share))
            lacks, regret = (100 * np.array([row[name] for row in mine]) for name in ("lacks", "regret"))
            missed = {"left": lacks.mean(), "alpha": 0.35, "hatch": "////", "edgecolor": "white"}
            ax.barh(at, lacks.mean(), 0.8, color=color)
            ax.barh(at, (regret - lacks).mean(), 0.8, color=color, linewidth=0, **missed)
            half = stats.t.ppf(0.975, len(mine) - 1) * stats.sem(regret)
            ax.plot(np.maximum(regret.mean() + np.array([-half, half]), 0.0), [at, at], color=INK, linewidth=0.9)
            ticks.append(at)
            labels.append(str(latent))
            at += 1.0
        at += 1.1
    ax.set_yticks(ticks, labels)
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()
    ax.set_xlim(left=0.0)
    ax.set_ylabel("latents")
    ax.set_xlabel("regret [% of the best known]")


def goes_with(ax: Axes, rows: list[dict]) -> None:
    """Rank correlations over all spaces (filled) and within those of as many latents (open)."""
    found = summarize(rows, (EARLY, LATE))["rank_correlations"]
    series = [
        (LATE, "regret", INK, f"regret after {LATE}"),
        (EARLY, "missed", PALETTE[5], f"missed by the search after {EARLY}"),
    ]
    ax.axvline(0.0, color=FAINT, linewidth=1.0)
    handles = []
    for k, trait in enumerate(TRAIT_WORDS):
        for j, (after, outcome, color, words) in enumerate(series):
            for i, (where, face) in enumerate((("all", color), ("within", "white"))):
                mean, half = found[str(after)][outcome][trait][where]
                at = k + 0.2 * (2 * j + i - 1.5)
                ax.errorbar(mean, at, xerr=half, fmt="o", color=color, markerfacecolor=face, elinewidth=1.2)
            handles += [Line2D([], [], marker="o", color=color, label=words)] if k == 0 else []
    handles += [Line2D([], [], marker="o", color=MUTED, markerfacecolor="white", label="open: among as many latents")]
    ax.set_yticks(range(len(TRAIT_WORDS)), list(TRAIT_WORDS.values()))
    ax.set_ylim(len(TRAIT_WORDS) + 0.45, -0.55)
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(-1.05, 1.05)
    ax.set_xlabel("rank correlation, 95 % interval over seeds")
    ax.legend(handles=handles, loc="lower left", fontsize=8, ncols=2)


def key(figure: Figure) -> None:
    """What colours and markers mean, above all panels."""
    colors = [Line2D([], [], marker="o", linestyle="", color=c, label=f"{d} latents") for d, c in LATENT_COLORS.items()]
    kinds = [Line2D([], [], marker=marker, linestyle="", color=MUTED, label=words) for words, marker in KINDS.values()]
    figure.legend(handles=colors + kinds, loc="outside upper center", ncols=8, handletextpad=0.1)


def main() -> int:
    file, out = map(Path, sys.argv[1:])
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    early, late = judged(rows, EARLY), judged(rows, LATE)
    with report_style():
        figure = Figure(figsize=(11.5, 9.0), layout="constrained")
        axes = figure.subplots(2, 2)
        scatter(axes[0, 0], early, "missed")
        scatter(axes[0, 1], late, "regret")
        bars(axes[1, 0], late)
        goes_with(axes[1, 1], rows)
        axes[0, 0].set_title("how fast: rough spaces take longer")
        axes[0, 0].set_ylabel(f"missed after {EARLY} evaluations [% of the space's best]")
        axes[0, 1].set_title("how good: smooth is not enough")
        axes[0, 1].set_ylabel(f"regret after {LATE} evaluations [% of the best known]")
        axes[1, 0].set_title(f"after {LATE}: what the space lacks (solid), what the search missed (hatched)")
        axes[1, 1].set_title("what goes with success")
        key(figure)
        figure.savefig(out, dpi=110)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
