"""Three ways to a plane in which to search, whatever the samples and the costly target are.

"VAE": an exact GP searches the plane of a VAE, which never sees a target. "static": a deep kernel is trained once, on
random samples. "active": a deep kernel is trained on what mean + 10 standard deviations chose, beginning with random
samples. All know the same number of values. Seed 003: "Static DKL forms much better organized manifolds ... Active
learning produces best manifolds!"

Every sample has a value; the first part are candidates, the rest is held out. R2 is how well the nearest neighbours in
the plane tell the target of held-out samples (cross-validated), so no plane is judged by values it was given. Regret is
the best value among the candidates less the best one asked for, in standard deviations; found the share of the top 5 %.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import combinations
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

import latscape as ls
from _rows import Rows, interval, seeded, seeds
from _small import as_json
from latscape.gp import DeepKernel, ExactGP, RefitOnGrowth
from latscape.metrics import knn_probe
from latscape.plot import report_style
from latscape.random import numpy_generator

METHODS = ("VAE", "static", "active")
SCORES = ("r2", "regret", "found")


@dataclass(frozen=True)
class Protocol:
    """How much is asked for, and how long the deep kernel is trained at most."""

    candidates: int
    starts: int
    budget: int
    batch: int
    steps: int = 300


@dataclass(frozen=True, eq=False)
class Problem:
    """Samples (n, ...), their values by the name of the target, (n,) each, and an autoencoder not fitted yet."""

    samples: NDArray
    targets: dict[str, NDArray]
    autoencoder: ls.VAE

    @cached_property
    def plane(self) -> NDArray:
        """Where the autoencoder puts the samples, (n, 2)."""
        return self.autoencoder.fit(self.samples).transform(self.samples)


Make = Callable[[int], Problem]


def search(protocol: Protocol, problem: Problem, target: NDArray, method: str, seed: int) -> tuple[list[int], NDArray]:
    """Which candidates a method asked for, and the plane it ends with, (n, 2)."""
    m, flat = protocol.candidates, problem.samples.reshape(len(target), -1).astype(float)
    order, kernel = numpy_generator(seed, "order").permutation(m), DeepKernel(steps=protocol.steps, seed=seed)
    if method == "static":
        asked = order[: protocol.budget].tolist()
        values = (target[asked] - target[asked].mean()) / (target[asked].std() or 1.0)
        return asked, kernel.refit(flat[asked], values, field=flat[:m]).embed(flat)
    seen, surrogate = (problem.plane, RefitOnGrowth(ExactGP())) if method == "VAE" else (flat, kernel)
    campaign = ls.Campaign(ls.Candidates(seen[:m], np.arange(m)), surrogate, acquire=ls.UCB(k=10.0), seed=seed)
    asked = order[: protocol.starts].tolist()
    campaign.tell(np.array(asked)[:, None], target[asked])
    while len(asked) < protocol.budget:
        points = campaign.ask(min(protocol.batch, protocol.budget - len(asked)))
        new = points[:, 0].astype(int).tolist()
        campaign.tell(points, target[new])
        asked += new
    return asked, problem.plane if method == "VAE" else campaign.result().model.embed(flat)


def trial(protocol: Protocol, make: Make, name: str, method: str, seed: int) -> dict:
    """One row: the scores of one search."""
    problem = make(seed)
    target, m = problem.targets[name], protocol.candidates
    asked, plane = search(protocol, problem, target, method, seed)
    here = target[:m]
    best = here >= np.quantile(here, 0.95)
    return {
        "target": name,
        "method": method,
        "seed": seed,
        "r2": knn_probe(plane[m:], target[m:]),
        "regret": float((here.max() - here[asked].max()) / here.std()),
        "found": float(best[asked].sum() / best.sum()),
    }


def summarize(rows: list[dict]) -> dict:
    """Mean and half width of the 95 % interval by target and method, and of differences paired by seed."""
    table: dict = {}
    for row in rows:
        table.setdefault(row["target"], {}).setdefault(row["method"], {})[row["seed"]] = row
    found: dict = {}
    for target, methods in table.items():
        found[target] = {m: {s: interval(r[s] for r in by.values()) for s in SCORES} for m, by in methods.items()}
        for less, more in combinations(methods, 2):
            shared = sorted(methods[less].keys() & methods[more].keys())
            pairs = [(methods[more][seed], methods[less][seed]) for seed in shared]
            found[target][f"{more} - {less}"] = {s: interval(a[s] - b[s] for a, b in pairs) for s in SCORES}
    return found


def draw(protocol: Protocol, problem: Problem, seed: int, path: Path) -> None:
    """The planes of one seed, coloured by target; circles were asked for."""
    names = list(problem.targets)
    with report_style():
        figure = Figure(figsize=(9.0, 0.6 + 2.7 * len(names)), layout="constrained")
        for row, name in zip(figure.subplots(len(names), 3), names, strict=True):
            target = problem.targets[name]
            for ax, method in zip(row, METHODS, strict=True):
                asked, plane = search(protocol, problem, target, method, seed)
                shown = ax.scatter(*plane.T, s=5, c=target, cmap="viridis", linewidths=0)
                ax.scatter(*plane[asked].T, s=11, facecolors="none", edgecolors="k", linewidths=0.35)
                ax.set_title(
                    f"{name}, {method}: R² {knn_probe(plane[protocol.candidates :], target[protocol.candidates :]):.2f}"
                )
                ax.set_xticks([])
                ax.set_yticks([])
            figure.colorbar(shown, ax=row, label=name)
        figure.savefig(path, dpi=100)


def run(description: str, make: Callable[[bool, int], Problem], size: Protocol, smoke: Protocol, targets: tuple) -> int:
    """The command line of a benchmark whose problems are `make(smoke, seed)`."""
    parser = seeded(description)
    parser.set_defaults(seeds=10)
    parser.add_argument("--targets", nargs="+", choices=targets, default=list(targets))
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--figure", type=Path, help="a file for the planes of the first seed")
    options = parser.parse_args()
    torch.set_num_threads(1)
    protocol, problems = smoke if options.smoke else size, cache(partial(make, options.smoke))
    summary = summarize(list(_rows(options, protocol, problems)))
    for target, kinds in summary.items():
        for kind, scores in kinds.items():
            cells = "  ".join(f"{score} {mean:.3f} ± {half:.3f}" for score, (mean, half) in scores.items())
            print(f"{target:14s} {kind:16s} {cells}")
    if options.figure:
        draw(protocol, problems(options.first_seed), options.first_seed, options.figure)
    if options.json:
        print(as_json(summary))
    return 0


def _rows(options: argparse.Namespace, protocol: Protocol, problems: Make):
    known = Rows(options.out, "target", "method", "seed")
    for seed in seeds(options):
        for target in options.targets:
            for method in options.methods:
                yield known.get((target, method, seed), partial(trial, protocol, problems, target, method, seed))
