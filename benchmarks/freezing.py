"""What is saved by freezing the extractor of a deep kernel once predictions have settled, and what does it cost?

    python benchmarks/freezing.py [--json] [--smoke] [--seeds 10] [--first-seed 10] [--out ROWS]

Campaigns over the scene of `dkl_step.py`: 40 random places of 10,000, then 100 more, two at a time by log EI, for the
steepest patches. `settled` is the share of the variance of the predictions that changed while the data doubled, below
which the extractor is frozen; 0 is never. Seconds are of the processor, without the first training;
found is the share of the steepest 1 % of the patches, regret the best there is less the best found, in standard
deviations of all. Gains over never freezing are paired over the seeds.
"""

import time
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch

import latscape as ls
from _rows import Rows, interval, seeded, seeds
from _small import as_json
from dkl_step import SMOKE as SMALL
from dkl_step import Size as Scene
from dkl_step import scene
from latscape.gp import DeepKernel
from latscape.random import numpy_generator
from latscape.studies.explore.truth import score

SCORES = ("seconds", "found", "regret", "r2")
SETTLED = (0.0, 0.01, 0.1)


@dataclass(frozen=True)
class Size:
    """How large the benchmark is."""

    scene: Scene = field(default_factory=Scene)
    starts: int = 40
    budget: int = 140
    batch: int = 2


SMOKE = Size(SMALL, starts=12, budget=16)


def trial(size: Size, settled: float, seed: int) -> dict:
    """One campaign: what it cost and found, and how many points it knew when the extractor was frozen."""
    patches, corners, target = scene(size.scene, seed)
    surrogate = DeepKernel(extractor="conv", settled=settled, seed=seed)
    campaign = ls.Campaign(ls.Candidates(patches, corners), surrogate, acquire="log_ei", seed=seed)
    index = {tuple(corner): k for k, corner in enumerate(corners.tolist())}
    asked = numpy_generator(seed, "known").permutation(len(target))[: size.starts].tolist()
    campaign.tell(corners[asked], target[asked])
    begun = 0.0
    while len(asked) < size.budget:
        points = campaign.ask(size.batch)
        begun = begun or time.process_time()  # the first training is the same for all
        new = [index[tuple(point)] for point in points]
        campaign.tell(points, target[new])
        asked += new
    seconds, result = time.process_time() - begun, campaign.result()
    training = result.model.training_
    frozen = training.compared if training.frozen else None
    found = score(target, result.mean, np.array(asked))
    kept = {"found": found["top_found"], "regret": found["regret"], "r2": found["r2"]}
    return {"settled": settled, "seed": seed, "seconds": seconds, "frozen": frozen, **kept}


def summarize(rows: list[dict]) -> dict:
    """Means, and the difference to never freezing with its 95 % interval, by threshold."""
    by = {(row["settled"], row["seed"]): row for row in rows}
    thresholds = sorted({settled for settled, _ in by})
    table = {}
    for settled in thresholds:
        of = {seed: row for (s, seed), row in by.items() if s == settled}
        when = [row["frozen"] for row in of.values() if row["frozen"] is not None]
        cell: dict = {"seeds": len(of), "frozen": len(when), "points": float(np.mean(when)) if when else None}
        for name in SCORES:
            cell[name] = float(np.mean([row[name] for row in of.values()]))
            differences = [row[name] - by[0.0, seed][name] for seed, row in of.items() if (0.0, seed) in by]
            cell[f"{name}_less_never"] = interval(differences)
        table[str(settled)] = cell
    return table


def main() -> int:
    parser = seeded(__doc__, first=10)
    parser.set_defaults(seeds=10)
    options = parser.parse_args()
    torch.set_num_threads(1)
    size, known = SMOKE if options.smoke else Size(), Rows(options.out, "settled", "seed")
    keys = [(settled, seed) for seed in seeds(options) for settled in (SETTLED[:2] if options.smoke else SETTLED)]
    summary = summarize([known.get(key, partial(trial, size, *key)) for key in keys])
    for settled, cell in summary.items():
        print(f"settled {settled}: frozen in {cell['frozen']} of {cell['seeds']}, at {cell['points']} points")
        for name in SCORES:
            gain, half = cell[f"{name}_less_never"]
            print(f"    {name:8s} {cell[name]:8.3f}, less never {gain:+.3f} ± {half:.3f}")
    if options.json:
        print(as_json(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
