"""Regret curves of contest.py with 95 % bands, from its rows.

python benchmarks/_contest_figures.py rows.jsonl [more.jsonl ...] docs/ferrosim/contest.png
"""

import json
import sys
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from contest import METHODS, regrets
from latscape.plot import report_style
from latscape.plot.styling import MUTED, PALETTE

DASHES = ("-", "--", ":")
#: Seeds below which a mean says too little to be drawn.
ENOUGH = 5


def curves(ax: Axes, rows: list[dict]) -> None:
    """Mean regret with its t-interval of methods with enough seeds; the axis is logarithmic but for +- 0.01 %."""
    counts = {name: sum(row["method"] == name for row in rows) for name in METHODS}
    for k, method in enumerate(METHODS):
        if counts[method] < ENOUGH:
            continue
        regret = 100 * regrets([row for row in rows if row["method"] == method])
        mean, steps = regret.mean(axis=0), np.arange(1, regret.shape[1] + 1)
        color, dashes = PALETTE[k % len(PALETTE)], DASHES[k // len(PALETTE)]
        half = stats.t.ppf(0.975, len(regret) - 1) * stats.sem(regret, axis=0)
        ax.fill_between(steps, mean - half, mean + half, color=color, alpha=0.12, linewidth=0)
        wide = 2.2 if method == "zbo" else 1.2
        ax.plot(steps, mean, color=color, linestyle=dashes, linewidth=wide, label=f"{method} ({counts[method]})")
    ax.axhline(0.0, color=MUTED, linewidth=0.8)
    ax.axhline(1.0, color=MUTED, linewidth=0.8, linestyle="--")
    ax.set_yscale("symlog", linthresh=0.01)
    ax.set_xlabel("evaluations")


def main() -> int:
    *files, out = map(Path, sys.argv[1:])
    rows = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    panels = sorted({(row["budget"], row["problem"]) for row in rows}, key=lambda key: (key[0], key[1] != "zero"))
    with report_style():
        figure = Figure(figsize=(5.2 * len(panels), 5.4), layout="constrained")
        for ax, (budget, problem) in zip(np.atleast_1d(figure.subplots(1, len(panels))), panels, strict=True):
            curves(ax, [row for row in rows if (row["budget"], row["problem"]) == (budget, problem)])
            start = {"zero": "start without polarization", "poled": "poled start"}[problem]
            ax.set_title(f"{start}, {budget} evaluations")
            ax.legend(fontsize=7, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.13))
            if budget > 100:
                ax.set_xscale("log")
        figure.axes[0].set_ylabel("regret [% of the grid's best]")
        figure.savefig(out, dpi=110)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
