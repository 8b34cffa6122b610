"""Ending hopeless trainings early: what it saves, and what it costs in the objective.

    python benchmarks/early_stopping.py [--json] [--smoke] [--seeds 5] [--first-seed 300] [--out ROWS]
        [--campaigns 5]

For every seed, random schedules from the families zBO starts from are trained to the end, and the objective (l1) is
taken after a quarter, a half and three quarters of the epochs. Rules that end what is worse than a share of those
before are then replayed on them in many orders. And whole campaigns, 8 starts and 20 evaluations, are run with and
without the median rule from half of the epochs on, for the first seeds.
Cost is in standard deviations of the objective over the random schedules: best value without the rule less with it.
"""

from functools import partial

import numpy as np
import torch
from scipy.stats import spearmanr

from _rows import Rows, seeded, seeds
from _small import SMOKE, Size, as_json, evaluator, families
from latscape.campaign import Campaign, PercentilePruner
from latscape.campaign.evaluate import PARTIAL, Trial
from latscape.gp.exact import ExactGP
from latscape.random import derive_seed, numpy_generator
from latscape.studies.zbo.objective import TrainAndScore
from latscape.trajectories.space import TrajectorySpace

SHARES, ORDERS, SCHEDULES = (1 / 3, 1 / 2, 2 / 3), 200, 30
#: When the objective is taken, and from which look on a rule may end a training.
LOOKS, FROM = (0.25, 0.5, 0.75), (0, 1, 2)


def looking(size: Size, seed: int, shares: tuple[float, ...] = LOOKS) -> TrainAndScore:
    plain = evaluator(size, seed)
    looks = tuple(round(size.epochs * part) for part in shares)
    parts = (plain.build, plain.images, plain.validation, plain.objective, plain.grid, plain.pairs, plain.labels)
    return TrainAndScore(*parts, looks=looks)


def pool(size: Size, schedules: int, seed: int) -> dict:
    """Values at every look and at the end, (schedules, looks + 1)."""
    score, generator = looking(size, seed), numpy_generator(seed, "schedules")
    drawn = [family(schedules // 2, size.epochs, generator) for family in families(size).values()]
    values = []
    for k, trajectory in enumerate(np.concatenate(drawn)):
        trial = Trial(k, derive_seed(seed, "schedule", k))
        outcome = score(trajectory, trial)
        partly = [value for value in trial.curves()[PARTIAL] if np.isfinite(value)]
        values.append([*partly, outcome.value])
    return {"kind": "pool", "seed": seed, "values": values}


def campaign(size: Size, rule: float, seed: int) -> dict:
    """One campaign, with the rule of this share or (0) without."""
    smoke = size.evaluations < 10
    space = TrajectorySpace(
        families(size),
        length=size.epochs,
        feasible=lambda x: (x > 0) & (x <= size.high),
        learning_rate=1e-3,
        epochs=5 if smoke else 200,
        draws=30 if smoke else 300,
    ).fit(seed)
    prune = PercentilePruner(rule) if rule else None
    found = Campaign(space, ExactGP(noise="broad"), seed=seed).run(
        looking(size, seed, LOOKS[1:]),
        n_initial=size.starts,
        budget=size.evaluations,
        evaluate_optimum=False,
        prune=prune,
    )
    done = [one for one in found.evaluations if one.value is not None]
    epochs = sum(one.metrics["epochs"] for one in done)
    whole = [one.value for one in done if one.metrics["epochs"] == size.epochs]
    row = {"best": max(v for v in whole if v is not None), "epochs": epochs, "all": len(done) * size.epochs}
    return {"kind": f"campaign {rule:g}", "seed": seed, **row}


def replay(values: np.ndarray, first: int, share: float, generator: np.random.Generator) -> tuple[float, float]:
    """Share of the epochs saved, and cost in standard deviations, mean over orders."""
    rule, spread = PercentilePruner(share), values[:, -1].std()
    saved, cost = [], []
    parts = np.array([*LOOKS, 1.0])
    for _ in range(ORDERS):
        shuffled = values[generator.permutation(len(values))]
        reached: list[list[float]] = [[] for _ in LOOKS]
        best, spent = -np.inf, 0.0
        for row in shuffled:
            ended = len(LOOKS)
            for look in range(first, len(LOOKS)):
                hopeless = rule(row[look], reached[look])
                reached[look].append(row[look])
                if hopeless:
                    ended = look
                    break
            spent += parts[ended]
            best = max(best, row[-1]) if ended == len(LOOKS) else best
        saved.append(1 - spent / len(values))
        cost.append((values[:, -1].max() - best) / spread)
    return float(np.mean(saved)), float(np.mean(cost))


def show(rows: list[dict]) -> dict:
    pools = {row["seed"]: np.array(row["values"]) for row in rows if row["kind"] == "pool"}
    print("rank correlation of the objective on the way with that at the end, mean +- deviation over seeds")
    rhos = np.array([[spearmanr(v[:, k], v[:, -1]).statistic for k in range(len(LOOKS))] for v in pools.values()])
    for part, values in zip(LOOKS, rhos.T, strict=True):
        print(f"  after {part:4.0%} of the epochs {values.mean():+.2f} +- {values.std():.2f}")
    table: dict = {"rho": dict(zip(map(str, LOOKS), rhos.T.tolist(), strict=True)), "replay": {}}
    print("replayed rules: epochs saved, and cost [deviations of the objective]")
    for first in FROM:
        for share in SHARES:
            found = np.array([replay(v, first, share, numpy_generator(seed, "orders")) for seed, v in pools.items()])
            (saved, cost), (s, c) = found.mean(axis=0), found.std(axis=0)
            rule = f"from {LOOKS[first]:.0%} on, worse than {share:.0%} of those before"
            print(f"  {rule}: {saved:5.1%} +- {s:4.1%}, {cost:.2f} +- {c:.2f}")
            table["replay"][rule] = {"saved": found[:, 0].tolist(), "cost": found[:, 1].tolist()}
    table["campaign"] = _campaigns(rows, {s: v for s, v in pools.items() if ("campaign 0.5", s) in _named(rows)})
    return table


def _named(rows: list[dict]) -> dict:
    return {(row["kind"], row["seed"]): row for row in rows}


def _campaigns(rows: list[dict], pools: dict[int, np.ndarray]) -> dict:
    by = _named(rows)
    if not pools:
        return {}
    cost = [
        (by["campaign 0", s]["best"] - by["campaign 0.5", s]["best"]) / values[:, -1].std()
        for s, values in pools.items()
    ]
    saved = [1 - by["campaign 0.5", s]["epochs"] / by["campaign 0.5", s]["all"] for s in pools]
    print(f"campaigns, median rule: {np.mean(saved):.1%} of the epochs saved, cost {np.mean(cost):+.2f}", end="")
    print(f" +- {np.std(cost, ddof=len(cost) > 1):.2f} deviations over {len(cost)} seeds")
    return {"saved": saved, "cost": cost}


def main() -> int:
    parser = seeded(__doc__, first=300)
    parser.add_argument("--campaigns", type=int, default=5, help="seeds for which whole campaigns are run as well")
    options = parser.parse_args()
    torch.set_num_threads(1)
    size, schedules = (SMOKE, 8) if options.smoke else (Size(), SCHEDULES)
    known, rows = Rows(options.out, "kind", "seed"), []
    for seed in seeds(options):
        rows.append(known.get(("pool", seed), partial(pool, size, schedules, seed)))
        for rule in (0.0, 0.5) if seed - options.first_seed < options.campaigns else ():
            rows.append(known.get((f"campaign {rule:g}", seed), partial(campaign, size, rule, seed)))
    table = show(rows)
    if options.json:
        print(as_json({"seeds": list(seeds(options)), **table}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
