"""The pictures of docs/gp.md, drawn from what its examples leave behind.

python docs/gp/figures.py
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from latscape.plot import report_style
from latscape.plot.styling import FAINT, MUTED, PALETTE, colorbar

HERE = Path(__file__).parent


def example() -> dict[str, Any]:
    """The names that the blocks of the page leave behind."""
    names: dict[str, Any] = {}
    for block in re.findall(
        r"```python\n(.*?)```", (HERE.parent / "gp.md").read_text(encoding="utf-8"), flags=re.DOTALL
    ):
        exec(compile(block, "gp", "exec"), names)
    return names


def structured(names: dict[str, Any]) -> Figure:
    figure = Figure(figsize=(8.0, 2.9), layout="constrained")
    grid = np.linspace(0, 2, 200)[:, None]
    truth = 5 * np.exp(-2 * grid[:, 0]) + 0.3 * np.sin(9 * grid[:, 0])
    for ax, kind, title in zip(
        figure.subplots(1, 2, sharey=True), ("plain", "structured"), ("Exact", "Structured"), strict=True
    ):
        mean, std = names[kind].predict(grid, return_std=True)
        ax.fill_between(grid[:, 0], mean - 1.96 * std, mean + 1.96 * std, color=PALETTE[0], alpha=0.2, linewidth=0)
        ax.plot(grid[:, 0], truth, "--", color=MUTED, linewidth=1.0, label="truth")
        ax.plot(grid[:, 0], mean, color=PALETTE[0], label="mean, 95 %")
        ax.plot(names["time"][:, 0], names["signal"], "o", color=PALETTE[5], markersize=4, label="measured")
        ax.set_title(title)
        ax.set_xlabel("time")
        ax.grid(color=FAINT, linewidth=0.6)
    ax.legend()
    return figure


def embedding(names: dict[str, Any]) -> Figure:
    figure = Figure(figsize=(8.0, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    points = left.scatter(*names["place"].T, s=10, c=names["fine"], cmap="viridis", linewidths=0)
    left.scatter(*names["place"][:80].T, s=22, facecolors="none", edgecolors=MUTED, linewidths=0.6, label="measured")
    left.set_title("The map")
    left.set_xlabel("latent 1")
    left.set_ylabel("latent 2")
    left.legend()
    colorbar(left, points, "how fine [1/pixel]")
    held = names["fine"][80:]
    right.errorbar(held, names["mean"], 1.96 * names["std"], fmt="o", color=PALETTE[0], markersize=2.5, elinewidth=0.5)
    right.axline((1, 1), slope=1, color=MUTED, linewidth=0.8)
    right.set_title("Predicted, 95 %")
    right.set_xlabel("true [1/pixel]")
    right.set_ylabel("predicted [1/pixel]")
    right.grid(color=FAINT, linewidth=0.6)
    return figure


def main() -> None:
    with report_style():
        names = example()
        for draw in (structured, embedding):
            draw(names).savefig(HERE / f"{draw.__name__}.png", dpi=110)


if __name__ == "__main__":
    main()
