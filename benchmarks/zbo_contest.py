"""Does latent Bayesian optimization work? Six ways to choose a training schedule, at equal numbers of evaluations.

    python benchmarks/zbo_contest.py [--json] [--smoke] [--seeds 40] [--first-seed 100] [--out contest.jsonl]

Every method spends `evaluations` trainings of a small jrVAE on MNIST with the objective l1, knows nothing of the
labels, and recommends one schedule. That schedule is retrained on fresh seeds; l1, class accuracy and NMI on held-out
digits are averaged over these and compared over the campaign seeds (95 % t-intervals; differences are paired by seed).
BO methods recommend the evaluated schedule of the largest posterior mean, the random ones their best evaluation.
Methods and seeds advance in step, so that what they ask for next is trained as one population. `--out` keeps one line
per finished seed, and a second call goes on from there.
"""

import argparse
import json
import sys
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch

import latscape as ls
from _rows import interval
from _small import SMOKE, Size, as_json, evaluator, families
from latscape.campaign.evaluate import EvaluationResult
from latscape.campaign.loop import Campaign
from latscape.campaign.space import Box
from latscape.curves import as_array
from latscape.errors import TrainingError
from latscape.gp.exact import ExactGP
from latscape.gp.surrogate import predict
from latscape.random import derive_seed, numpy_generator
from latscape.studies.zbo.contenders import hand_made
from latscape.studies.zbo.objective import train_and_score_together
from latscape.trajectories.space import TrajectorySpace

METHODS = ("zbo", "random_latent", "random_family", "constant_bo", "family_bo", "hand_made")
SCORES = ("l1", "accuracy", "nmi", "elbo")

#: A method asks for the value of trajectories, is sent each (None if its training failed), and returns its choice.
Method = Generator[np.ndarray, float | None, np.ndarray]


# --- the methods: (size, seed) -> Method ---


@cache
def latent_plane(size: Size, seed: int) -> TrajectorySpace:
    smoke = size.evaluations < 10
    space = TrajectorySpace(
        families(size),
        length=size.epochs,
        feasible=lambda x: (x > 0) & (x <= size.high),
        learning_rate=1e-3,
        epochs=5 if smoke else 200,
        draws=30 if smoke else 300,
    )
    return space.fit(seed)


def optimized(space: TrajectorySpace | Box, size: Size, seed: int) -> Method:
    campaign = Campaign(space, ExactGP(noise="broad"), acquire=size.acquire, seed=seed)
    # The starts are drawn before any value is known; every later point is asked for when all before it are known.
    starts = campaign.ask(size.starts)
    for k in range(size.evaluations):
        point = starts[k] if k < size.starts else campaign.ask()[0]
        value = yield space.decode(point[None])[0]
        campaign.tell(point, [np.nan if value is None else value])
    result = campaign.result()
    done = [e for e in result.evaluations if e.value is not None]
    mean, _ = predict(result.model, np.stack([e.point for e in done]))
    return done[int(np.argmax(mean))].decoded


def best_of(trajectories: np.ndarray) -> Method:
    values = []
    for trajectory in trajectories:
        value = yield trajectory
        values.append(-np.inf if value is None else value)
    return trajectories[int(np.argmax(values))]


def zbo(size: Size, seed: int) -> Method:
    return optimized(latent_plane(size, seed), size, seed)


def random_latent(size: Size, seed: int) -> Method:
    space = latent_plane(size, seed)
    return best_of(space.decode(space.sample(size.evaluations, numpy_generator(seed, "latent"))))


def random_family(size: Size, seed: int) -> Method:
    generator, each = numpy_generator(seed, "draws"), size.evaluations // 2
    return best_of(np.concatenate([family(each, size.epochs, generator) for family in families(size).values()]))


def constant_bo(size: Size, seed: int) -> Method:
    """One constant beta, searched in its logarithm."""
    box = Box([(np.log(size.low), np.log(size.high))], decoder=partial(_constants, epochs=size.epochs))
    return optimized(box, size, seed)


def family_bo(size: Size, seed: int) -> Method:
    """The four parameters of a cooldown: first and last value, start, and length of the line."""
    box = Box([(size.low, size.high)] * 2 + [(0, 1 / 3), (0, 2 / 3)], decoder=partial(_cooldowns, epochs=size.epochs))
    return optimized(box, size, seed)


def _constants(x: np.ndarray, epochs: int) -> np.ndarray:
    return np.repeat(np.exp(x), epochs, axis=1)


def _cooldowns(x: np.ndarray, epochs: int) -> np.ndarray:
    return np.stack([as_array(ls.cooldown(a, b, start, start + length), epochs) for a, b, start, length in x])


def manual(size: Size, seed: int) -> Method:
    yield from ()
    return hand_made(size.epochs) * size.high / 40.0


RUN: dict[str, Callable[[Size, int], Method]] = dict(
    zip(METHODS, (zbo, random_latent, random_family, constant_bo, family_bo, manual), strict=True)
)


# --- all methods of some seeds, in step ---


def contest(seeds: list[int], size: Size) -> list[dict]:
    """One row per campaign seed."""
    torch.set_num_threads(1)
    score = {seed: evaluator(size, seed) for seed in seeds}
    chosen, values = choose(seeds, size, score)
    again = [(seed, method, k) for seed in seeds for method in METHODS for k in range(size.retrains)]
    outcomes = train_and_score_together(
        [(score[seed], chosen[seed, method], derive_seed(seed, "retrain", k)) for seed, method, k in again]
    )
    scores = dict(zip(again, outcomes, strict=True))
    rows = []
    for seed in seeds:
        row = {"seed": seed, "size": asdict(size)}
        for method in METHODS:
            retrained = [expect(scores[seed, method, k]).metrics for k in range(size.retrains)]
            row[method] = {name: [metrics[name] for metrics in retrained] for name in SCORES}
            row[method] |= {"trajectory": chosen[seed, method].tolist(), "values": values[seed, method]}
        rows.append(row)
    return rows


def choose(seeds: list[int], size: Size, score: dict) -> tuple[dict, dict]:
    """The recommended trajectory of every (seed, method), and the values it saw."""
    running = {(seed, method): RUN[method](size, seed) for seed in seeds for method in METHODS}
    values: dict = {key: [] for key in running}
    reply: dict = dict.fromkeys(running)
    chosen = {}
    while running:
        asked = {}
        for key, method in list(running.items()):
            try:
                asked[key] = method.send(reply[key])
            except StopIteration as finished:
                chosen[key] = finished.value
                del running[key]
        requests = [
            (score[seed], trajectory, derive_seed(seed, method, len(values[seed, method])))
            for (seed, method), trajectory in asked.items()
        ]
        for key, outcome in zip(asked, train_and_score_together(requests), strict=True):
            reply[key] = outcome.value if isinstance(outcome, EvaluationResult) else None
            values[key].append(reply[key])
    return chosen, values


def expect(outcome: EvaluationResult | TrainingError) -> EvaluationResult:
    if isinstance(outcome, TrainingError):
        raise outcome
    return outcome


# --- the table over seeds ---


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
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first-seed", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--together", type=int, default=5, help="campaign seeds that advance in step")
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
    groups = [todo[start : start + options.together] for start in range(0, len(todo), options.together)]
    with ProcessPoolExecutor(options.workers) as pool:
        for future in as_completed([pool.submit(contest, group, size) for group in groups]):
            rows += future.result()
            print(f"seeds {[row['seed'] for row in future.result()]} done", file=sys.stderr)
            if options.out:
                with options.out.open("a") as file:
                    file.writelines(json.dumps(row) + "\n" for row in future.result())
    summary = summarize(rows)
    show(summary)
    if options.json:
        print(as_json(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
