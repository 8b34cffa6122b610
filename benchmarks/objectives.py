"""Which label-free objective earns trust? Rank correlations with class accuracy and NMI over random schedules.

    python benchmarks/objectives.py [--json] [--smoke] [--schedules 30] [--seed 100]

Half of the schedules are cooldowns, half noisy segments, drawn from the families zBO starts from. For each, an ensemble
of 3 small jrVAEs is trained on MNIST digits; l1, l1 - l2 and the held-out ELBO are of its first member, as in a
campaign, agreement is the mean pairwise NMI of all three. Intervals are 95 % bootstrap intervals over schedules.
"""

import argparse

import numpy as np
import torch
from scipy.stats import spearmanr

from _small import SMOKE, Size, as_json, evaluator, families
from latscape import parts
from latscape.campaign.evaluate import EvaluationResult
from latscape.random import derive_seed, numpy_generator
from latscape.studies.zbo.objective import build_objective, train_and_score_together

TRUTHS = ("accuracy", "nmi")


def scores(size: Size, schedules: int, seed: int) -> list[dict[str, float]]:
    """Every score of every schedule."""
    score, generator = evaluator(size, seed, "agreement"), numpy_generator(seed, "schedules")
    each = max(schedules // 2, 2)
    drawn = np.concatenate([family(each, size.epochs, generator) for family in families(size).values()])
    requests = [(score, one, derive_seed(seed, "schedule", k)) for k, one in enumerate(drawn)]
    return [found.metrics for found in train_and_score_together(requests) if isinstance(found, EvaluationResult)]


def correlations(rows: list[dict[str, float]], seed: int) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Spearman's rho of every objective with every truth, with its bootstrap interval."""
    generator = numpy_generator(seed, "bootstrap")
    resampled = generator.integers(0, len(rows), size=(1000, len(rows)))
    table = {}
    for name in parts.part_words("objective"):
        objective = build_objective(name)
        values = np.array([objective(row) for row in rows])
        table[name] = {truth: _rho(values, np.array([row[truth] for row in rows]), resampled) for truth in TRUTHS}
    return table


def _rho(a: np.ndarray, b: np.ndarray, resampled: np.ndarray) -> tuple[float, float, float]:
    with np.errstate(invalid="ignore"):
        draws = [_spearman(a[index], b[index]) for index in resampled]
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return _spearman(a, b), float(low), float(high)


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    return float(spearmanr(a, b).statistic) if np.ptp(a) > 0 and np.ptp(b) > 0 else float("nan")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the table as one JSON object on the last line")
    parser.add_argument("--smoke", action="store_true", help="a tiny run that only shows the script works")
    parser.add_argument("--schedules", type=int, default=30)
    parser.add_argument("--seed", type=int, default=100)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = scores(SMOKE if options.smoke else Size(), 4 if options.smoke else options.schedules, options.seed)
    table = correlations(rows, options.seed)
    print(f"{len(rows)} schedules; Spearman's rho with 95 % bootstrap interval")
    print(f"{'objective':12s}" + "".join(f"{truth:>26s}" for truth in TRUTHS))
    for name, cells in table.items():
        print(f"{name:12s}" + "".join(f"{r:+12.2f} [{low:+.2f}, {high:+.2f}]" for r, low, high in cells.values()))
    if options.json:
        print(as_json({"schedules": len(rows), "rho": table, "scores": rows}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
