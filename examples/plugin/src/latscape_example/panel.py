"""A panel that every page of a fit with classes gets."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from latscape.runs import Panel, axes_panel


def shares(run: Any) -> Panel | None:
    """How many samples each class holds; nothing for other runs."""
    probabilities = run.arrays("latents").get("class") if run.kind.word == "fit" else None
    if probabilities is None:
        return None
    counts = np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1])

    def draw(ax: Axes) -> None:
        ax.bar(np.arange(1, len(counts) + 1), counts)
        ax.set_xlabel("class")
        ax.set_ylabel("samples")

    return axes_panel("class-shares", "Samples in each class.", draw)
