"""Does latent Bayesian optimization work? Six ways to choose a training schedule, at equal numbers of evaluations.

    python benchmarks/zbo_contest.py [--json] [--smoke] [--seeds 10] [--workers 2] [--out contest.jsonl]

Every method spends `evaluations` trainings of a small jrVAE on MNIST with the objective l1, knows nothing of the
labels, and recommends one schedule. That schedule is retrained on 5 fresh seeds; l1, class accuracy and NMI on held-out
digits are averaged over these and compared over the campaign seeds (95 % t-intervals; differences are paired by seed).
BO methods recommend the evaluated schedule of the largest posterior mean, the random ones their best evaluation.
`--out` keeps one line per finished seed, and a second call goes on from there.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import torch
from scipy import stats

import latscape as ls
from _small import SMOKE, Size, as_json, evaluator, families
from latscape.campaign.evaluate import Trial
from latscape.campaign.loop import Campaign
from latscape.campaign.space import Box
from latscape.curves import as_array
from latscape.gp.exact import Exact
from latscape.gp.surrogate import predict
from latscape.random import derive_seed, numpy_generator
from latscape.studies.comparison import hand_made
from latscape.studies.objective import TrainAndScore
from latscape.trajectories.space import TrajectorySpace

METHODS = ("zbo", "random_latent", "random_family", "constant_bo", "family_bo", "hand_made")
SCORES = ("l1", "accuracy", "nmi", "elbo")


# --- the methods: (size, evaluator, seed) -> recommended trajectory, values on the way ---


def latent_plane(size: Size, seed: int) -> TrajectorySpace:
    smoke = size.evaluations < 10
    space = TrajectorySpace(
        families(size),
        length=size.cycles,
        feasible=lambda x: (x > 0) & (x <= size.high),
        learning_rate=1e-3,
        cycles=5 if smoke else 200,
        draws=30 if smoke else 300,
    )
    return space.fit(seed)


def optimized(space, size: Size, score: TrainAndScore, seed: int) -> tuple[np.ndarray, list[float]]:
    campaign = Campaign(space, Exact(noise="broad"), acquire=size.acquire, seed=seed)
    result = campaign.run(score, starts=size.starts, budget=size.evaluations, evaluate_optimum=False)
    done = [e for e in result.evaluations if e.value is not None]
    mean, _ = predict(result.model, np.stack([e.point for e in done]))
    return done[int(np.argmax(mean))].decoded, [float(e.value or 0) for e in done]


def best_of(trajectories: np.ndarray, score: TrainAndScore, seed: int) -> tuple[np.ndarray, list[float]]:
    values = [score(one, Trial(k, derive_seed(seed, "random", k))).value for k, one in enumerate(trajectories)]
    return trajectories[int(np.argmax(values))], values


def zbo(size: Size, score: TrainAndScore, seed: int) -> tuple[np.ndarray, list[float]]:
    return optimized(latent_plane(size, seed), size, score, seed)


def random_latent(size: Size, score: TrainAndScore, seed: int) -> tuple[np.ndarray, list[float]]:
    space = latent_plane(size, seed)
    return best_of(space.decode(space.sample(size.evaluations, numpy_generator(seed, "latent"))), score, seed)


def random_family(size: Size, score: TrainAndScore, seed: int) -> tuple[np.ndarray, list[float]]:
    generator, each = numpy_generator(seed, "draws"), size.evaluations // 2
    draws = [family(each, size.cycles, generator) for family in families(size).values()]
    return best_of(np.concatenate(draws), score, seed)


def constant_bo(size: Size, score: TrainAndScore, seed: int) -> tuple[np.ndarray, list[float]]:
    """One constant beta, searched in its logarithm."""
    box = Box([(np.log(size.low), np.log(size.high))], decoder=partial(_constants, cycles=size.cycles))
    return optimized(box, size, score, seed)


def family_bo(size: Size, score: TrainAndScore, seed: int) -> tuple[np.ndarray, list[float]]:
    """The four parameters of a cooldown: first and last value, start, and length of the line."""
    box = Box([(size.low, size.high)] * 2 + [(0, 1 / 3), (0, 2 / 3)], decoder=partial(_cooldowns, cycles=size.cycles))
    return optimized(box, size, score, seed)


def _constants(x: np.ndarray, cycles: int) -> np.ndarray:
    return np.repeat(np.exp(x), cycles, axis=1)


def _cooldowns(x: np.ndarray, cycles: int) -> np.ndarray:
    return np.stack([as_array(ls.cooldown(a, b, start, start + length), cycles) for a, b, start, length in x])


def manual(size: Size, score: TrainAndScore, seed: int) -> tuple[np.ndarray, list[float]]:
    return hand_made(size.cycles) * size.high / 40.0, []


RUN: dict[str, Callable] = dict(
    zip(METHODS, (zbo, random_latent, random_family, constant_bo, family_bo, manual), strict=True)
)


# --- one campaign seed, and the table over seeds ---


def contest(seed: int, size: Size) -> dict:
    """All methods for one seed."""
    torch.set_num_threads(1)
    score, row = evaluator(size, seed), {"seed": seed, "size": asdict(size)}
    for method in METHODS:
        start = time.perf_counter()
        trajectory, values = RUN[method](size, score, seed)
        outcomes = [score(trajectory, Trial(k, derive_seed(seed, "retrain", k))) for k in range(size.retrains)]
        row[method] = {name: [outcome.metrics[name] for outcome in outcomes] for name in SCORES}
        row[method] |= {"trajectory": trajectory.tolist(), "values": values, "seconds": time.perf_counter() - start}
    return row


def interval(values: Iterable[float]) -> tuple[float, float]:
    """Mean and half width of the 95 % t-interval."""
    array = np.asarray(list(values), dtype=float)
    if len(array) < 2:
        return float(array.mean()), float("nan")
    return float(array.mean()), float(stats.t.ppf(0.975, len(array) - 1) * stats.sem(array))


def summarize(rows: list[dict]) -> dict:
    """Means with intervals, differences to zBO paired by seed, and the noise of the objective beside its spread."""
    mean = {m: {s: np.array([np.mean(row[m][s]) for row in rows]) for s in SCORES} for m in METHODS}
    noise = float(np.sqrt(np.mean([np.var(row[m]["l1"], ddof=1) for row in rows for m in METHODS])))
    spread = float(np.sqrt(np.mean([np.var(row["random_family"]["values"], ddof=1) for row in rows])))
    return {
        "seeds": len(rows),
        "methods": {m: {s: interval(mean[m][s]) for s in SCORES} for m in METHODS},
        "zbo_minus": {m: {s: interval(mean["zbo"][s] - mean[m][s]) for s in SCORES} for m in METHODS if m != "zbo"},
        "objective_noise": noise,
        "objective_spread": spread,
    }


def show(summary: dict) -> None:
    print(f"{summary['seeds']} campaign seeds; mean and 95 % interval; difference of zBO to each, paired by seed\n")
    print(
        f"{'method':15s}"
        + "".join(f"{s:>18s}" for s in SCORES[:3])
        + "   "
        + "".join(f"{'zbo - it: ' + s:>22s}" for s in SCORES[:3])
    )
    for method in METHODS:
        cells = [f"{m:10.3f} ± {h:.3f}" for m, h in (summary["methods"][method][s] for s in SCORES[:3])]
        differences = summary["zbo_minus"].get(method)
        more = [f"{m:+12.3f} ± {h:.3f}" for m, h in (differences[s] for s in SCORES[:3])] if differences else []
        print(f"{method:15s}" + "".join(f"{c:>18s}" for c in cells) + "   " + "".join(f"{c:>22s}" for c in more))
    print(
        f"\nobjective l1: deviation between seeds {summary['objective_noise']:.3f}, "
        f"spread over random trajectories {summary['objective_spread']:.3f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="a tiny contest that only shows the script works")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--acquire", default="ei")
    parser.add_argument("--out", type=Path, help="one JSON line per finished seed")
    options = parser.parse_args()
    size = SMOKE if options.smoke else Size(acquire=options.acquire)
    seeds = range(options.first_seed, options.first_seed + (2 if options.smoke else options.seeds))
    rows = (
        [json.loads(line) for line in options.out.read_text().splitlines()]
        if options.out and options.out.exists()
        else []
    )
    rows = [row for row in rows if row["seed"] in seeds and row["size"] == asdict(size)]
    todo = [seed for seed in seeds if seed not in {row["seed"] for row in rows}]
    with ProcessPoolExecutor(options.workers) as pool:
        for future in as_completed([pool.submit(contest, seed, size) for seed in todo]):
            row = future.result()
            rows.append(row)
            print(f"seed {row['seed']} done", file=sys.stderr)
            if options.out:
                with options.out.open("a") as file:
                    file.write(json.dumps(row) + "\n")
    summary = summarize(rows)
    show(summary)
    if options.json:
        print(as_json(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
