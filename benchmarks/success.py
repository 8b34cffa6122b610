"""What determines success? How rough the target is over a latent space, and what that space holds, against the search.

    python benchmarks/success.py [--json] [--smoke] [--seeds 5] [--out rows.jsonl]

The lectures name two things that decide whether a search of a latent space succeeds: how strong correlations in the
data are reflected in correlations of what is asked for, and the weight of good trajectories. So the same search is made
in many spaces of the same family of histories, on the poled start of contest.py: two to five latents; two weights
beta of the divergence; and three shares of good histories, the best tenth of the family, in the training set (none, as
drawn, half). The shares take an oracle, the value of every curve: they are an experiment, not a method.

A seed has curves of its own, and in every space a VAE and a search of its own. Every space is looked at first:
roughness of the target over its candidates (`latscape.metrics.roughness`, coordinates scaled to the extent), the best
of them, which no search can beat, and the share of them within 1 % of it. Regret is `1 - value / best`; against the
best known in any space of the seed it is the sum of what the space lacks and, against the best of its own candidates,
of what the search missed. The search is a plain campaign (Matern, exact values, log EI) of 5 starts and 20 more.

Rank correlations (Spearman) are over the spaces of a seed, `within` over those with as many latents, averaged; their
95 % t-intervals are over seeds. Spaces and settings were chosen on seed 1000.
"""

import itertools
import time
import warnings
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy import stats

from _rows import Rows, interval, seeded, seeds
from _small import as_json
from contest import EXACT, LENGTH, Ground, campaign
from contest import Size as Search
from latscape.metrics.roughness import roughness
from latscape.random import derive_seed, numpy_generator
from latscape.trajectories.families import damped_sine_family, recorded_family
from latscape.trajectories.space import TrajectorySpace

#: The share of a family's curves that counts as good, and what counts as almost the best of a space.
GOOD, ALMOST = 0.1, 0.01


@dataclass(frozen=True)
class Made:
    """How a latent space is made: latents, weight of the divergence, share of good histories in the training set."""

    latent: int
    beta: float
    share: float

    def __str__(self) -> str:
        return f"{self.latent} latents, beta {self.beta:g}, good {self.share:.0%}"


LATENTS, SHARES = (2, 3, 4, 5), (GOOD, 0.0, 0.5)
SPACES = [Made(d, 1.0, share) for share in SHARES for d in LATENTS] + [Made(d, 100.0, GOOD) for d in LATENTS]


@dataclass(frozen=True)
class Size:
    """How large the study is."""

    pool: int = 7500
    draws: int = 2000
    epochs: int = 36
    grid: int = 50
    starts: int = 5
    budget: int = 25
    spaces: int = len(SPACES)


SMOKE = Size(pool=100, draws=60, epochs=2, grid=6, starts=4, budget=6, spaces=3)


@dataclass(frozen=True)
class Family:
    """Curves of a seed, and what each is worth."""

    curves: np.ndarray
    values: np.ndarray

    def weights(self, share: float) -> np.ndarray:
        """How often to draw each curve, so that the good ones are this share of the draws."""
        good = self.values >= np.quantile(self.values, 1 - GOOD)
        return np.where(good, share / good.sum(), (1 - share) / (~good).sum())


def draw(size: Size, ground: Ground) -> Family:
    curves = damped_sine_family()(size.pool, LENGTH, numpy_generator(ground.seed, "success"))
    return Family(curves, ground.target.values(curves))


def train(size: Size, made: Made, family: Family, seed: int) -> TrajectorySpace:
    drawn = recorded_family(family.curves, family.weights(made.share))
    options = {"draws": size.draws, "epochs": size.epochs, "grid": size.grid, "learning_rate": 1e-3}
    space = TrajectorySpace([drawn], length=LENGTH, sigma=0.1, latent=made.latent, beta=made.beta, **options)
    return space.fit(derive_seed(seed, "success", str(made)) % 2**31)


def measure(size: Size, made: Made, family: Family, ground: Ground) -> dict:
    """One space: what can be said of it, and what a search finds there."""
    begun = time.process_time()
    space = train(size, made, family, ground.seed)
    points = space.candidates()
    truth = ground.target.values(space.decode(points))
    low, high = space.bounds_.T
    found = list(itertools.islice(campaign(ground, space, "log_ei", EXACT), size.budget))
    return {
        "seed": ground.seed,
        "latent": made.latent,
        "beta": made.beta,
        "share": made.share,
        "roughness": roughness((points - low) / (high - low), truth),
        "ceiling": float(truth.max()),
        "almost": float((truth >= (1 - ALMOST) * truth.max()).mean()),
        "r2": space.r2_["family 1"],
        "values": np.round(found, 5).tolist(),
        "cpu_s": round(time.process_time() - begun, 2),
    }


# --- what decides ---


def judged(rows: list[dict], after: int) -> list[dict]:
    """The rows with their regrets after so many evaluations."""
    known = {seed: max(row["ceiling"] for row in rows if row["seed"] == seed) for seed in {row["seed"] for row in rows}}
    found = []
    for row in rows:
        best, top = max(row["values"][:after]), known[row["seed"]]
        regret = {"regret": 1 - best / top, "missed": 1 - best / row["ceiling"], "lacks": 1 - row["ceiling"] / top}
        found.append(row | regret)
    return found


#: What is said of a space before it is searched, and of the search.
TRAITS, OUTCOMES = ("roughness", "lacks", "almost", "r2"), ("regret", "missed")


def rank_correlation(rows: list[dict], trait: str, outcome: str) -> float:
    x, y = ([row[name] for row in rows] for name in (trait, outcome))
    return float(stats.spearmanr(x, y).statistic) if len(set(x)) > 1 and len(set(y)) > 1 else 0.0


def correlations(rows: list[dict], trait: str, outcome: str) -> dict:
    """Rank correlation over all spaces of a seed, and within those of as many latents: mean and 95 % interval."""
    apart = [[row for row in rows if row["seed"] == seed] for seed in sorted({row["seed"] for row in rows})]
    within = []
    for one in apart:
        parts = [[row for row in one if row["latent"] == d] for d in sorted({row["latent"] for row in one})]
        within.append(np.mean([rank_correlation(part, trait, outcome) for part in parts]))
    over = [rank_correlation(one, trait, outcome) for one in apart]
    return {"all": interval(np.array(over)), "within": interval(np.array(within))}


def effects(rows: list[dict], after: int) -> dict:
    """What a change of training does, beside the space of as many latents that was trained as drawn: paired by seed."""
    found, plain = {}, Made(0, 1.0, GOOD)
    by = {(row["seed"], Made(row["latent"], row["beta"], row["share"])): row for row in judged(rows, after)}
    for kind in dict.fromkeys(replace(made, latent=0) for _, made in by if replace(made, latent=0) != plain):
        pairs: dict[int, list] = {}
        for (seed, made), row in by.items():
            if replace(made, latent=0) == kind and (seed, replace(plain, latent=made.latent)) in by:
                other = by[seed, replace(plain, latent=made.latent)]
                pairs.setdefault(seed, []).append(
                    [row[name] - other[name] for name in ("roughness", "lacks", "regret")]
                )
        means = np.array([np.mean(one, axis=0) for one in pairs.values()])
        name = f"beta {kind.beta:g}, good {kind.share:.0%}"
        found[name] = dict(zip(("roughness", "lacks", "regret"), map(interval, means.T), strict=True))
    return found


def summarize(rows: list[dict], marks: tuple[int, ...]) -> dict:
    """Every space over the seeds, and what goes with success."""
    spaces, numbers = {}, {}
    for made in dict.fromkeys(Made(row["latent"], row["beta"], row["share"]) for row in rows):
        mine = {
            after: [r for r in judged(rows, after) if Made(r["latent"], r["beta"], r["share"]) == made]
            for after in marks
        }
        last = mine[marks[-1]]
        numbers = {
            name: interval(np.array([row[name] for row in last])) for name in ("r2", "roughness", "almost", "lacks")
        }
        for after in marks:
            numbers |= {f"{name}_{after}": interval(np.array([r[name] for r in mine[after]])) for name in OUTCOMES}
        spaces[str(made)] = {"seeds": len(last), **numbers}
    goes_with = {
        str(after): {
            outcome: {trait: correlations(judged(rows, after), trait, outcome) for trait in TRAITS}
            for outcome in OUTCOMES
        }
        for after in marks
    }
    return {"spaces": spaces, "rank_correlations": goes_with, "effects": effects(rows, marks[-1])}


def show(summary: dict) -> None:
    marks = list(summary["rank_correlations"])
    columns = ("roughness", "almost", "lacks", *(f"{name}_{after}" for after in marks for name in OUTCOMES))
    print("regrets in %, 95 % intervals over seeds\n")
    print(f"{'space':36s}seeds   r2" + "".join(f"{name:>16s}" for name in columns))
    for name, row in summary["spaces"].items():
        cells = [np.array(row[column]) * (1 if column == "roughness" else 100) for column in columns]
        text = "".join(f"{mean:9.3f} ±{half:5.2f}" for mean, half in cells)
        print(f"{name:36s}{row['seeds']:5d} {row['r2'][0]:.2f}{text}")
    print("\nrank correlation, over all spaces and within those of as many latents")
    for after, outcomes in summary["rank_correlations"].items():
        for outcome, traits in outcomes.items():
            for trait, found in traits.items():
                text = "  ".join(f"{where} {mean:+.2f} ± {half:.2f}" for where, (mean, half) in found.items())
                print(f"{trait:>10s} and {outcome} after {after}: {text}")
    print("\nminus the space of as many latents trained as drawn, regrets in %")
    for change, found in summary["effects"].items():
        cells = [(name, np.array(found[name]) * (1 if name == "roughness" else 100)) for name in found]
        print(f"{change:24s}" + "  ".join(f"{name} {mean:+.3f} ± {half:.3f}" for name, (mean, half) in cells))


def main() -> int:
    options = seeded(__doc__).parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", UserWarning)  # spaces that keep little of their curves are what this is about
    size = SMOKE if options.smoke else Size()
    rows, found = Rows(options.out, "seed", "latent", "beta", "share"), []
    for seed in seeds(options):
        ground = Ground(Search(starts=size.starts, budget=size.budget), "poled", seed)
        family = draw(size, ground)
        for made in SPACES[: size.spaces]:
            key = (seed, made.latent, made.beta, made.share)
            found.append(rows.get(key, lambda made=made, f=family, g=ground: measure(size, made, f, g)))
    summary = summarize(found, (size.budget // 2, size.budget))
    show(summary)
    if options.json:
        print(as_json(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
