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
from latscape.plot import style
from latscape.plot.style import MUTED, PALETTE

DASHES = ("-", "--", ":")
#: Seeds below which a mean says too little to be drawn.
ENOUGH = 5


def curves(ax: Axes, rows: list[dict]) -> None:
    """Mean regret with its t-interval of methods with enough seeds; the axis is logarithmic but for +- 0.01 %."""
    counts = {name: sum(row["method"] == name for row in rows) for name in METHODS}
    for k, method in enumerate(name for name in METHODS if counts[name] >= ENOUGH):
        regret = 100 * regrets([row for row in rows if row["method"] == method])
        mean, steps = regret.mean(axis=0), np.arange(1, regret.shape[1] + 1)
        color, dashes = PALETTE[k % len(PALETTE)], DASHES[k // len(PALETTE)]
        half = stats.t.ppf(0.975, len(regret) - 1) * stats.sem(regret, axis=0)
        ax.fill_between(steps, mean - half, mean + half, color=color, alpha=0.12, linewidth=0)
        ax.plot(steps, mean, color=color, linestyle=dashes, label=f"{method} ({len(regret)})")
    ax.axhline(0.0, color=MUTED, linewidth=0.8)
    ax.axhline(1.0, color=MUTED, linewidth=0.8, linestyle="--")
    ax.set_yscale("symlog", linthresh=0.01)
    ax.set_xlabel("evaluations")
    ax.set_ylabel("regret [% of the grid's best]")


def main() -> int:
    *files, out = map(Path, sys.argv[1:])
    rows = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    problems = sorted({row["problem"] for row in rows}, reverse=True)
    with style():
        figure = Figure(figsize=(6.2 * len(problems), 4.6), layout="constrained")
        for ax, problem in zip(np.atleast_1d(figure.subplots(1, len(problems))), problems, strict=True):
            curves(ax, [row for row in rows if row["problem"] == problem])
            ax.set_title({"zero": "start without polarization", "poled": "poled start"}[problem])
            ax.legend(fontsize=7, ncols=2, loc="lower left", frameon=True)
        figure.savefig(out, dpi=110)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
