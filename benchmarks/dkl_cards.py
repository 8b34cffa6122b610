"""Which map makes the best experiment? Playing cards, a costly target, and three ways to a plane in which to search.

    python benchmarks/dkl_cards.py [--json] [--smoke] [--seeds 5] [--first-seed 0] [--out ROWS] [--figure FILE]

1,000 cards of 24 x 24 pixels with large rotations and shears. The target is the suit (1 for a heart, else 0), the shear
or the cosine of the rotation. "VAE": an exact GP searches the plane of a VAE, which never sees a target; "static": a
deep kernel is trained once on random cards; "active": on the cards that mean + 10 standard deviations chose, beginning
with random ones. All know the same number of values: 50 starts and 100 more, 10 at a time (the lecture: 100 and 500).

R2 is the cross-validated score of the target as a smooth function of the plane, over all cards (nearest neighbours);
regret the best value there is less the best one found, in standard deviations; found the share of the top 5 %.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

import latscape as ls
from _rows import Rows, seeded, seeds
from _small import as_json
from latscape.data.cards import CARD_SETS, Cards, cards
from latscape.gp import DeepKernel
from latscape.metrics import knn_probe
from latscape.random import derive_seed, numpy_generator

TARGETS = ("suit", "shear", "rotation")
METHODS = ("VAE", "static", "active")
SCORES = ("r2", "regret", "found")


@dataclass(frozen=True)
class Size:
    """How large the benchmark is."""

    cards: int = 1000
    pixels: int = 24
    starts: int = 50
    budget: int = 150
    batch: int = 10
    cycles: int = 40
    steps: int = 300


SMOKE = Size(cards=60, pixels=12, starts=10, budget=14, batch=2, cycles=1, steps=3)


def target_of(deck: Cards, name: str) -> np.ndarray:
    return {"suit": (deck.labels == 2).astype(float), "shear": deck.shear, "rotation": np.cos(deck.angle)}[name]


def trial(size: Size, name: str, method: str, seed: int) -> dict:
    deck = cards(size.cards, size=size.pixels, **CARD_SETS[4], seed=derive_seed(seed, "cards"))
    target = target_of(deck, name)
    order = numpy_generator(seed, "order").permutation(len(target))
    asked, plane = search(size, method, deck.images.astype(float), target, order, seed)
    best = target >= np.quantile(target, 0.95)
    return {
        "target": name,
        "method": method,
        "seed": seed,
        "r2": knn_probe(plane, target),
        "regret": float((target.max() - target[asked].max()) / target.std()),
        "found": float(best[asked].sum() / best.sum()),
    }


def search(
    size: Size, method: str, images: np.ndarray, target: np.ndarray, order: np.ndarray, seed: int
) -> tuple[list[int], np.ndarray]:
    """Which cards a method asked for, and the plane it ends with, (n, 2)."""
    flat, kernel = images.reshape(len(images), -1), DeepKernel(steps=size.steps, seed=seed)
    if method == "static":
        asked = order[: size.budget].tolist()
        return asked, kernel.refit(flat[asked], target[asked], field=flat).embed(flat)
    plane = (
        ls.vae(2, cycles=size.cycles, batch=50, seed=seed).fit(images).transform(images) if method == "VAE" else flat
    )
    space = ls.Candidates(plane, np.arange(len(target)))
    campaign = ls.Campaign(space, None if method == "VAE" else kernel, acquire=ls.UCB(k=10.0), seed=seed)
    asked = order[: size.starts].tolist()
    campaign.tell(np.array(asked)[:, None], target[asked])
    while len(asked) < size.budget:
        points = campaign.ask(min(size.batch, size.budget - len(asked)))
        new = points[:, 0].astype(int)
        campaign.tell(points, target[new])
        asked += new.tolist()
    return asked, plane if method == "VAE" else campaign.result().model.embed(flat)


def summarize(rows: list[dict]) -> dict:
    """Mean and deviation over the seeds by target and method."""
    table: dict = {}
    for row in rows:
        scores = table.setdefault(row["target"], {}).setdefault(row["method"], {})
        for score in SCORES:
            scores.setdefault(score, []).append(row[score])
    return {
        target: {
            method: {s: (float(np.mean(v)), float(np.std(v, ddof=len(v) > 1))) for s, v in scores.items()}
            for method, scores in methods.items()
        }
        for target, methods in table.items()
    }


def draw(size: Size, seed: int, path: Path) -> None:
    """The planes of one seed, coloured by target."""
    from matplotlib.figure import Figure

    from latscape.plot import style

    deck = cards(size.cards, size=size.pixels, **CARD_SETS[4], seed=derive_seed(seed, "cards"))
    order = numpy_generator(seed, "order").permutation(size.cards)
    with style():
        figure = Figure(figsize=(8.0, 7.5), layout="constrained")
        for row, name in zip(figure.subplots(3, 3), TARGETS, strict=True):
            target = target_of(deck, name)
            for ax, method in zip(row, METHODS, strict=True):
                asked, plane = search(size, method, deck.images.astype(float), target, order, seed)
                ax.scatter(*plane.T, s=4, c=target, cmap="viridis", linewidths=0)
                ax.scatter(*plane[asked].T, s=12, facecolors="none", edgecolors="k", linewidths=0.4)
                ax.set_title(f"{name}, {method}")
                ax.set_xticks([])
                ax.set_yticks([])
        figure.savefig(path, dpi=110)


def main() -> int:
    parser = seeded(__doc__)
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--figure", type=Path, help="a file for the planes of the first seed")
    options = parser.parse_args()
    torch.set_num_threads(1)
    size, known = SMOKE if options.smoke else Size(), Rows(options.out, "target", "method", "seed")
    keys = [
        (target, method, seed) for seed in seeds(options) for target in options.targets for method in options.methods
    ]
    summary = summarize([known.get(key, partial(trial, size, *key)) for key in keys])
    for target, methods in summary.items():
        for method, scores in methods.items():
            cells = "  ".join(f"{score} {mean:.3f} ± {std:.3f}" for score, (mean, std) in scores.items())
            print(f"{target:10s} {method:8s} {cells}")
    if options.figure:
        draw(size, options.first_seed, options.figure)
    if options.json:
        print(as_json(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
