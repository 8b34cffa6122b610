"""The pictures of the cards benchmark: the sets, what the models decode to, and what they recovered."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latscape.data.card_images import SUITS, SYMMETRY, Cards, cards
from latscape.plot import image_grid, manifold, report_style
from latscape.plot.styling import FAINT, MUTED, PALETTE

TITLES = {
    "1": "cards 1: rotation 12°, shear 1°",
    "2": "cards 2: rotation 12°, shear 20°",
    "3": "cards 3: rotation 120°, shear 1°",
    "4": "cards 4: rotation 120°, shear 20°",
    "3t": "cards 3 with shifts of 0.1 half sides",
}


def sets(limits: dict[str, dict[str, float]]) -> Figure:
    """A few cards of each set, at the size people see best."""
    figure = Figure(figsize=(11.0, 3.1), layout="constrained")
    for ax, (name, given) in zip(figure.subplots(1, len(limits)), limits.items(), strict=True):
        image_grid(ax, cards(25, **given, seed=3).images, columns=5)
        ax.set_title(TITLES[name].replace(": ", "\n").replace(" with", "\nwith"), fontsize=9)
    return figure


def recovered(values: dict[str, np.ndarray], deck: Cards, title: str) -> Figure:
    """True against recovered pose, a panel per factor and a colour per suit."""
    factors = [("angle", deck.angle, values["rotation"][:, 0])]
    if "shear" in values:
        factors.append(("shear", deck.shear, values["shear"][:, 0]))
    figure = Figure(figsize=(4.6 * len(factors), 4.4), layout="constrained")
    for ax, (name, true, found) in zip(np.atleast_1d(figure.subplots(1, len(factors))), factors, strict=True):
        _against(ax, name, np.degrees(true), np.degrees(found), deck.labels, 360.0 if name == "angle" else np.inf)
    figure.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=10.5)
    return figure


def _against(ax: Axes, name: str, true: np.ndarray, found: np.ndarray, suit: np.ndarray, turn: float) -> None:
    limit = np.abs(true).max() * 1.08
    for k, (label, fold) in enumerate(zip(SUITS, SYMMETRY, strict=True)):
        of, period = suit == k, turn / fold
        offset = _offset(found[of] - true[of], period)
        y = found[of] - offset
        if np.isfinite(period):  # of all angles that look the same, the one next to the truth
            y = true[of] + (y - true[of] + period / 2) % period - period / 2
        text = f"{label} ({offset:+.0f}°)"
        ax.scatter(true[of], y, s=9, color=PALETTE[k], alpha=0.75, linewidths=0, label=text)
    ax.axline((0, 0), slope=1, color=MUTED, linewidth=0.8, zorder=0)
    ax.set_xlim(-limit, limit)
    ax.set_xlabel(f"true {name} [°]")
    ax.set_ylabel(f"recovered {name}, less the suit's offset [°]")
    ax.grid(color=FAINT, linewidth=0.6)
    ax.legend(
        title="suit (offset)",
        title_fontsize=8.5,
        alignment="left",
        loc="upper left",
        handletextpad=0.2,
        borderaxespad=0.2,
        markerscale=1.8,
    )


def _offset(difference: np.ndarray, period: float) -> float:
    """The suit's own upright position: the mean difference, circular if angles look the same after `period`."""
    if not np.isfinite(period):
        return float(np.mean(difference))
    return float(period / (2.0 * np.pi) * np.angle(np.exp(2j * np.pi / period * difference).mean()))


def manifolds(images: dict[str, np.ndarray]) -> Figure:
    """What the content of each model means, over the central 95 % of its prior."""
    figure = Figure(figsize=(3.4 * len(images), 4.0), layout="constrained")
    for ax, (title, cells) in zip(np.atleast_1d(figure.subplots(1, len(images))), images.items(), strict=True):
        manifold(ax, cells)
        ax.set_title(title)
    return figure


def write(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130, bbox_inches="tight")


__all__ = ["manifolds", "recovered", "report_style", "sets", "write"]
